// Base64 with padding (RFC 4648, section 4), strict when decoding. Pure functions, any thread.

import HuskSystem

private let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

extension ByteBuffer {
    package mutating func appendBase64(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset < bytes.count {
            let present = min(3, bytes.count - offset)
            var group = UInt32(bytes[offset]) << 16
            if present > 1 { group |= UInt32(bytes[offset + 1]) << 8 }
            if present > 2 { group |= UInt32(bytes[offset + 2]) }
            for place in 0..<4 {
                let digit = Int(group >> UInt32(18 - 6 * place) & 63)
                append(place <= present ? alphabet.utf8Start[digit] : UInt8(ascii: "="))
            }
            offset += 3
        }
    }
}

/// Decodes base64; nil when it is not, or when bits that must be 0 are not.
package func base64Decoded(_ text: [UInt8]) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var group: UInt32 = 0
    for (index, character) in text.dropLast(padding).enumerated() {
        guard let digit = digitValue(character) else { return nil }
        group = group << 6 | digit
        if index % 4 == 3 {
            bytes += [UInt8(group >> 16 & 0xFF), UInt8(group >> 8 & 0xFF), UInt8(group & 0xFF)]
            group = 0
        }
    }
    switch padding {
    case 1:
        guard group & 0b11 == 0 else { return nil }
        bytes += [UInt8(group >> 10 & 0xFF), UInt8(group >> 2 & 0xFF)]
    case 2:
        guard group & 0b1111 == 0 else { return nil }
        bytes.append(UInt8(group >> 4 & 0xFF))
    default: break
    }
    return bytes
}

private func digitValue(_ character: UInt8) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}
