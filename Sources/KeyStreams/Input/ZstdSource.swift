// Zstandard (RFC 8878) by libzstd: one frame after the other, as `cat a.zst b.zst` makes them.

import CZstd

final class ZstdSource: ByteSource {
    /// The longest distance that a frame may reach back, and so the memory that it takes: 32 MiB, which is what
    /// `zstd -20` makes and twice what `-19` does.
    private static let windowLog: Int32 = 25
    static let windowBytes = 1 << windowLog

    /// Bytes that libzstd is given at a time, and so how exactly it is known where a stream is broken.
    private static let pieceBytes = 16 << 10

    private let block: InputBlock
    private let context: OpaquePointer
    /// Whether the last frame was read to its end.
    private var isBetweenFrames = false
    /// What is wrong after the bytes that were read last.
    private var failure: KeyStreamError?

    init(_ block: InputBlock) {
        self.block = block
        guard let context = ZSTD_createDCtx() else { fatalError("libzstd finds no memory") }
        self.context = context
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLog)
    }

    deinit { ZSTD_freeDCtx(context) }

    func isReady(withinMilliseconds milliseconds: Int) -> Bool { block.isReady(withinMilliseconds: milliseconds) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(KeyStreamError) -> Int {
        if let failure { throw failure }
        var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
        var mayHoldMore = true
        while output.pos == 0 {
            if block.unread.isEmpty, !mayHoldMore || isBetweenFrames, try !block.fill(atLeast: 1) {
                if isBetweenFrames { return 0 }
                throw .truncated(.zstd, offset: block.offset)
            }
            let unread = block.unread.prefix(Self.pieceBytes)
            var input = ZSTD_inBuffer(src: block.unread.baseAddress, size: unread.count, pos: 0)
            let result = ZSTD_decompressStream(context, &output, &input)
            block.take(input.pos)
            if ZSTD_isError(result) != 0 {
                let failure = KeyStreamError.broken(.zstd, offset: block.offset, reason: Self.reason(result))
                if output.pos == 0 { throw failure }
                self.failure = failure
                break
            }
            isBetweenFrames = result == 0
            // Without input nothing came out: there is nothing left inside.
            mayHoldMore = !unread.isEmpty
        }
        return output.pos
    }

    private static func reason(_ result: Int) -> String {
        ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge
            ? "it needs more than \(1 << (windowLog - 20)) MiB to unpack: pack it with zstd -19, or with --long=\(windowLog) at most"
            : String(cString: ZSTD_getErrorName(result))
    }
}
