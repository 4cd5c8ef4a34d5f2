// Whether bytes are UTF-8 (RFC 3629): no surrogates, no overlong forms, nothing above U+10FFFF.

/// The offset of the first byte that is not part of valid UTF-8; nil when all is well.
package func firstInvalidUTF8Offset(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var offset = 0
    while offset < bytes.count {
        // PERF: eight bytes of ASCII at a time.
        if offset + 8 <= bytes.count,
            bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            offset += 8
            continue
        }
        let length = utf8SequenceLength(bytes, at: offset)
        if length == 0 { return offset }
        offset += length
    }
    return nil
}

/// The length of the valid sequence at `offset`, 1 to 4; 0 when there is none.
private func utf8SequenceLength(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
    func continues(_ distance: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
        offset + distance < bytes.count && range.contains(bytes[offset + distance])
    }
    switch bytes[offset] {
    case 0x00...0x7F: return 1
    case 0xC2...0xDF: return continues(1) ? 2 : 0
    case 0xE0: return continues(1, 0xA0...0xBF) && continues(2) ? 3 : 0
    case 0xED: return continues(1, 0x80...0x9F) && continues(2) ? 3 : 0
    case 0xE1...0xEF: return continues(1) && continues(2) ? 3 : 0
    case 0xF0: return continues(1, 0x90...0xBF) && continues(2) && continues(3) ? 4 : 0
    case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : 0
    case 0xF4: return continues(1, 0x80...0x8F) && continues(2) && continues(3) ? 4 : 0
    default: return 0
    }
}
