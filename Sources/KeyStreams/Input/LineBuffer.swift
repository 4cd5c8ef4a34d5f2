// Cuts a stream of bytes into lines, in memory that does not depend on how long the stream or its lines are.
//
//     memory   |  lines that were taken  |  lines that are whole  |  the start of a line  |  free  |
//              0                       start                                             end
//
// A line stays where it is, and may be written to, until `refill` moves what is left to the front.

import Glibc

struct LineBuffer: ~Copyable {
    enum Line {
        /// Without its end, LF or CR LF.
        case text(UnsafeMutableRawBufferPointer)
        /// It was longer than the limit, and what it held is gone.
        case tooLong
    }

    private static let leastBytes = 256 << 10

    private let source: any ByteSource
    private let limitBytes: Int
    private var memory: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    /// No line ends before here.
    private var searched = 0
    /// Whether what is there belongs to a line that is too long.
    private var isSkipping = false
    private var isAtEnd = false

    /// - Parameter limitBytes: of a line.
    init(_ source: any ByteSource, limitBytes: Int) {
        self.source = source
        self.limitBytes = limitBytes
        memory = .allocate(byteCount: min(Self.leastBytes, limitBytes + 2), alignment: 8)
    }

    deinit { memory.deallocate() }

    /// Whether the next line is there, or the source can be read for it at once, by now or within so long.
    func isReady(withinMilliseconds milliseconds: Int) -> Bool {
        let base = memory.baseAddress.unsafelyUnwrapped
        return memchr(base + searched, Int32(UInt8(ascii: "\n")), end - searched) != nil
            || source.isReady(withinMilliseconds: milliseconds)
    }

    /// Takes the next line that is there whole.
    /// - Returns: nil when there is none: `refill` may bring it.
    mutating func next() -> Line? {
        let base = memory.baseAddress.unsafelyUnwrapped
        var length: Int
        if let found = memchr(base + searched, Int32(UInt8(ascii: "\n")), end - searched) {
            length = found - (base + start)
        } else if isAtEnd && (start < end || isSkipping) {
            length = end - start
        } else {
            searched = end
            return nil
        }
        let line = base + start
        start = min(start + length + 1, end)
        searched = start
        if isSkipping {
            isSkipping = false
            return .tooLong
        }
        if length > 0, line.load(fromByteOffset: length - 1, as: UInt8.self) == UInt8(ascii: "\r") { length -= 1 }
        if length > limitBytes { return .tooLong }
        return .text(UnsafeMutableRawBufferPointer(start: line, count: length))
    }

    /// Reads on. What was taken before is gone by then.
    /// - Returns: false when the stream has ended and all of its lines have been taken.
    mutating func refill() throws(KeyStreamError) -> Bool {
        if isAtEnd { return false }
        if isSkipping { (start, end) = (0, 0) }
        if start > 0 {
            memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<end]))
            (start, end) = (0, end - start)
        } else if end == memory.count {
            growOrSkip()
        }
        searched = end
        let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[end...]))
        end += count
        isAtEnd = count == 0
        return !isAtEnd || start < end || isSkipping
    }

    /// Makes room in a buffer that one line fills.
    private mutating func growOrSkip() {
        // Two bytes for CR LF behind the longest line.
        let capacity = min(2 * memory.count, limitBytes + 2)
        if capacity == memory.count {
            isSkipping = true
            (start, end) = (0, 0)
            return
        }
        let grown = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 8)
        grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<end]))
        memory.deallocate()
        memory = grown
    }
}
