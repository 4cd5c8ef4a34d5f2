// gzip (RFC 1952) by zlib: one member after the other, as `cat a.gz b.gz` makes them. 128 KiB in, 40 KiB of zlib's own.

import CZlib

final class GzipSource: ByteSource {
    private enum Stage { case inMember, betweenMembers, atEnd }

    private let block: InputBlock
    private var stream = z_stream()
    private var stage = Stage.inMember
    /// What is wrong after the bytes that were read last.
    private var failure: KeyStreamError?

    /// - Parameter block: at the first byte of a member.
    init(_ block: InputBlock) {
        self.block = block
        // 15: the largest window; 16 more: gzip's header and checksum.
        let status = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib \(ZLIB_VERSION) does not start: \(status)")
    }

    deinit { inflateEnd(&stream) }

    func isReady(withinMilliseconds milliseconds: Int) -> Bool { block.isReady(withinMilliseconds: milliseconds) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(KeyStreamError) -> Int {
        if let failure { throw failure }
        while true {
            switch stage {
            case .atEnd: return 0
            case .betweenMembers: try startMember()
            case .inMember:
                let count = try inflate(into: buffer)
                if count > 0 { return count }
            }
        }
    }

    /// - Returns: 0 when a member has ended.
    private func inflate(into buffer: UnsafeMutableRawBufferPointer) throws(KeyStreamError) -> Int {
        let roomBytes = min(buffer.count, 1 << 30)
        stream.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = UInt32(roomBytes)
        while stream.avail_out == roomBytes {
            guard try block.fill(atLeast: 1) else { throw .truncated(.gzip, offset: block.offset) }
            let unread = block.unread
            // SAFETY: zlib reads from here and does not write; the block stays until it is asked for more.
            stream.next_in = UnsafeMutablePointer(mutating: unread.baseAddress?.assumingMemoryBound(to: UInt8.self))
            stream.avail_in = UInt32(unread.count)
            let status = CZlib.inflate(&stream, Z_NO_FLUSH)
            block.take(unread.count - Int(stream.avail_in))
            switch status {
            case Z_OK, Z_BUF_ERROR: continue
            case Z_STREAM_END:
                stage = .betweenMembers
                return roomBytes - Int(stream.avail_out)
            default:
                let reason = stream.msg.map { String(cString: $0) } ?? "zlib's error \(status)"
                let failure = KeyStreamError.broken(.gzip, offset: block.offset, reason: reason)
                if stream.avail_out == roomBytes { throw failure }
                self.failure = failure
            }
        }
        return roomBytes - Int(stream.avail_out)
    }

    /// Goes on with the next member, if there is one. Zeros fill a file up to a whole block, and are no more than that.
    private func startMember() throws(KeyStreamError) {
        var isPadded = false
        while try block.fill(atLeast: 1), block.unread.first == 0 {
            isPadded = true
            block.take(block.unread.prefix { $0 == 0 }.count)
        }
        guard try block.fill(atLeast: 1) else {
            stage = .atEnd
            return
        }
        let startsMember = try block.fill(atLeast: 2) && block.unread.starts(with: [0x1F, 0x8B])
        guard startsMember && !isPadded else {
            throw .broken(.gzip, offset: block.offset, reason: "what follows the end is no gzip")
        }
        inflateReset(&stream)
        stage = .inMember
    }
}
