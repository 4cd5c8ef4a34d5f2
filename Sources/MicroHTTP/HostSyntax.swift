// What a Host header, or the authority of `http://host/path`, may be. Pure functions, any thread.

import Glibc

/// Whether `text` is a name, an IPv4 address or an IPv6 address in brackets, and perhaps a port; or nothing at all, which
/// is right where the target has no authority (RFC 9110, section 7.2; RFC 3986, section 3.2.2).
func isHost(_ text: UnsafeRawBufferPointer) -> Bool {
    guard !text.isEmpty else { return true }
    // PERF: by pointer, every request has one: half the instructions of indexes that are checked.
    // SAFETY: `next` stays below `end`, the end of `text`.
    let start = text.baseAddress!.assumingMemoryBound(to: UInt8.self)
    let end = start + text.count
    var next = start
    if start.pointee == UInt8(ascii: "[") {
        guard let bracket = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
        guard isIPv6Address(UnsafeRawBufferPointer(rebasing: text[1..<bracket])) else { return false }
        next = start + bracket + 1
    } else {
        while next < end, isNameCharacter(next.pointee) {
            if next.pointee == UInt8(ascii: "%") {
                guard end - next > 2, hexadecimalValue(next[1]) != nil, hexadecimalValue(next[2]) != nil
                else {
                    return false
                }
            }
            next += 1
        }
    }
    if next == end { return true }
    guard next > start, next.pointee == UInt8(ascii: ":") else { return false }
    next += 1
    while next < end, next.pointee &- 0x30 <= 9 { next += 1 }
    return next == end
}

/// The characters of a registered name, `%` included; IPv4 addresses have no others.
@inline(__always)
private func isNameCharacter(_ byte: UInt8) -> Bool {
    // PERF: one shift in a 128-bit set; bit n stands for character n.
    let low: UInt64 = 0x2bff_7ff2_0000_0000  // 0-9 and !$%&'()*+,-.;=
    let high: UInt64 = 0x47ff_fffe_87ff_fffe  // letters and _~
    return byte < 64 ? low >> byte & 1 == 1 : byte < 128 && high >> (byte - 64) & 1 == 1
}

private func isIPv6Address(_ text: UnsafeRawBufferPointer) -> Bool {
    // The longest has 45 characters.
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 46) { copy in
        guard text.count < copy.count else { return false }
        for (index, byte) in text.enumerated() { copy[index] = CChar(bitPattern: byte) }
        copy[text.count] = 0
        var address = in6_addr()
        return inet_pton(AF_INET6, copy.baseAddress!, &address) == 1
    }
}
