// How large a chunk says it is. The library does not tell, and waits for all of it, but leaves the line that says so where
// it was, before the chunk's first bytes:
//
//   5;extension\r\nhello\r\nffffffffffffffff\r\nX
//                  ▲ first piece               ▲ second piece
//
// Pure function, any thread.

/// - Parameters:
///   - piece: the first byte of a piece of body, as the library hands it out.
///   - bodyStart: where the library's buffer began when the headers were complete. It begins there for the whole body, and
///     a piece that goes on with a chunk stands at its very beginning.
/// - Returns: bytes, `UInt64.max` for as many and more; nil where `piece` is not the beginning of a chunk, or the line
///   came by itself before it.
func sizeOfChunk(beginningAt piece: UnsafePointer<UInt8>, bodyStart: UnsafePointer<UInt8>) -> UInt64? {
    guard piece > bodyStart, piece[-1] == 0x0a else { return nil }
    var lineStart = piece - 1
    while lineStart > bodyStart, lineStart[-1] != 0x0a { lineStart -= 1 }
    var size: UInt64 = 0
    var next = lineStart
    while let digit = hexadecimalValue(next.pointee) {
        if size >> 60 != 0 { return .max }
        size = size << 4 | UInt64(digit)
        next += 1
    }
    return next > lineStart ? size : nil
}
