// What has been read of a packed stream and not yet been unpacked.

/// A block of a source's bytes, with where it lies in the source. Used by one thread.
final class InputBlock {
    private static let blockBytes = 128 << 10

    private let source: any ByteSource
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: InputBlock.blockBytes, alignment: 8)
    private var start = 0
    private var end = 0
    /// Bytes of the source that have been taken.
    private(set) var offset = 0

    init(_ source: any ByteSource) { self.source = source }

    deinit { memory.deallocate() }

    /// What is there and has not been taken.
    var unread: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[start..<end]) }

    func isReady(withinMilliseconds milliseconds: Int) -> Bool {
        start < end || source.isReady(withinMilliseconds: milliseconds)
    }

    /// Takes bytes from the front of `unread`.
    func take(_ count: Int) {
        precondition(count <= end - start)
        start += count
        offset += count
    }

    /// Reads until so many bytes are unread, or the source has no more.
    /// - Returns: whether there are so many.
    func fill(atLeast count: Int) throws(KeyStreamError) -> Bool {
        if end - start >= count { return true }
        memory.copyMemory(from: unread)
        (start, end) = (0, end - start)
        while end < count {
            let read = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[end...]))
            if read == 0 { return false }
            end += read
        }
        return true
    }
}
