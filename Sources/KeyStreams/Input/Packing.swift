// How a stream is packed, seen by its first bytes, and the source that unpacks it.

/// How a stream is packed.
package enum Packing: String, Sendable {
    case plain, gzip, zstd

    /// The longest first bytes of any packing.
    private static let magicBytes = 4

    /// Sees by its first bytes how a source is packed.
    /// - Returns: the packing, and the bytes as they were packed.
    static func unpacking(_ source: any ByteSource) throws(KeyStreamError) -> (packing: Packing, bytes: any ByteSource)
    {
        let block = InputBlock(source)
        _ = try block.fill(atLeast: magicBytes)
        switch Packing(magic: block.unread) {
        case .plain: return (.plain, PlainSource(block, then: source))
        case .gzip: return (.gzip, GzipSource(block))
        case .zstd: return (.zstd, ZstdSource(block))
        }
    }

    /// RFC 1952, section 2.3.1; RFC 8878, sections 3.1.1 and 3.1.2: a frame, or one to be skipped.
    private init(magic bytes: UnsafeRawBufferPointer) {
        if bytes.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
            || bytes.count >= 4 && bytes[0] & 0xF0 == 0x50 && bytes[1...].starts(with: [0x2A, 0x4D, 0x18])
        {
            self = .zstd
        } else {
            self = .plain
        }
    }
}

/// The bytes as they are: what has been looked at, then the rest of the source.
private final class PlainSource: ByteSource {
    private let block: InputBlock
    private let source: any ByteSource

    init(_ block: InputBlock, then source: any ByteSource) {
        self.block = block
        self.source = source
    }

    func isReady(withinMilliseconds milliseconds: Int) -> Bool { block.isReady(withinMilliseconds: milliseconds) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(KeyStreamError) -> Int {
        let looked = block.unread.prefix(buffer.count)
        if looked.isEmpty { return try source.read(into: buffer) }
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: looked))
        block.take(looked.count)
        return looked.count
    }
}
