// Where the bytes of a stream come from. Used by one thread.

import Glibc

/// Bytes, front to back, once.
package protocol ByteSource: AnyObject {
    /// Reads what comes next.
    ///
    /// - Parameter buffer: where to; not empty.
    /// - Returns: how many bytes, 0 at the end.
    /// - Throws: `KeyStreamError`, after all that was good has been read.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(KeyStreamError) -> Int

    /// Whether `read` would return at once, by now or within so long.
    func isReady(withinMilliseconds milliseconds: Int) -> Bool
}

/// The bytes of an open file, pipe or terminal.
package final class DescriptorSource: ByteSource {
    private let descriptor: FileDescriptor
    private var offset = 0

    package init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(KeyStreamError) -> Int {
        while true {
            let count = Glibc.read(descriptor.number, buffer.baseAddress, buffer.count)
            if count >= 0 {
                offset += count
                return count
            }
            if errno == EINTR { continue }
            throw .cannotRead(offset: offset, reason: String(cString: strerror(errno)))
        }
    }

    package func isReady(withinMilliseconds milliseconds: Int) -> Bool {
        var wanted = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        // Errors are for `read` to tell.
        return poll(&wanted, 1, Int32(milliseconds)) != 0
    }
}
