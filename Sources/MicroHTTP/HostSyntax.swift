// What a Host header, or the authority of `http://host/path`, may be. Pure functions, any thread.

import Glibc

/// Whether `text` is a name, an IPv4 address or an IPv6 address in brackets, and perhaps a port; or nothing at all, which
/// is right where the target has no authority (RFC 9110, section 7.2; RFC 3986, section 3.2.2).
func isHost(_ text: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    if text.first == UInt8(ascii: "[") {
        guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
        guard isIPv6Address(UnsafeRawBufferPointer(rebasing: text[1..<end])) else { return false }
        index = end + 1
    } else {
        while index < text.count, isNameCharacter(text[index]) {
            if text[index] == UInt8(ascii: "%") {
                guard index + 2 < text.count, hexadecimalValue(text[index + 1]) != nil,
                    hexadecimalValue(text[index + 2]) != nil
                else { return false }
            }
            index += 1
        }
    }
    if index == text.count { return true }
    guard index > 0, text[index] == UInt8(ascii: ":") else { return false }
    for byte in text[(index + 1)...] where !(0x30...0x39).contains(byte) { return false }
    return true
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
