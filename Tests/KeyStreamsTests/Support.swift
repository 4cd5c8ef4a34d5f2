// Streams from memory, and what was read of them.

import CZlib
import CZstd
import KeyStreams
import TestSupport
import Testing

/// An operation that holds its key.
struct ReadOperation: Equatable {
    var kind: KeyOperation.Kind
    var key: [UInt8]
    var valueBytes: Int?
    var lifetime = KeyOperation.Lifetime.unchanged
    var microseconds: Int64?

    init(
        _ kind: KeyOperation.Kind, _ key: String, _ valueBytes: Int? = nil,
        _ lifetime: KeyOperation.Lifetime = .unchanged, at microseconds: Int64? = nil
    ) {
        self.init(kind, Array(key.utf8), valueBytes, lifetime, at: microseconds)
    }

    init(
        _ kind: KeyOperation.Kind, _ key: [UInt8], _ valueBytes: Int? = nil,
        _ lifetime: KeyOperation.Lifetime = .unchanged, at microseconds: Int64? = nil
    ) {
        self.kind = kind
        self.key = key
        self.valueBytes = valueBytes
        self.lifetime = lifetime
        self.microseconds = microseconds
    }

    init(_ operation: KeyOperation) {
        self.init(
            operation.kind, Array(operation.key), operation.valueBytes, operation.lifetime,
            at: operation.microseconds)
    }

    /// The same at no time.
    var timeless: ReadOperation {
        var operation = self
        operation.microseconds = nil
        return operation
    }
}

/// A stream read to its end, or to what is wrong with it.
struct ReadStream {
    var operations: [ReadOperation] = []
    var tally = StreamTally()
    var failure: KeyStreamError?

    init(_ source: any ByteSource, format: KeyStreamFormat? = nil, isStrict: Bool = false) {
        do throws(KeyStreamError) {
            let stream = try KeyStream(source, format: format, isStrict: isStrict)
            try readAll(of: stream)
        } catch {
            failure = error
        }
    }

    init(_ text: String, format: KeyStreamFormat? = nil, isStrict: Bool = false) {
        self.init(MemorySource(Array(text.utf8)), format: format, isStrict: isStrict)
    }

    private mutating func readAll(of stream: KeyStream) throws(KeyStreamError) {
        defer { tally = stream.tally }
        var batch: [KeyOperation] = []
        while try stream.next(into: &batch) { operations += batch.map { ReadOperation($0) } }
    }
}

/// Gives out bytes a few at a time.
final class TricklingSource: ByteSource {
    private let source: MemorySource
    private let pieceBytes: Int

    init(_ bytes: [UInt8], pieceBytes: Int) {
        source = MemorySource(bytes)
        self.pieceBytes = pieceBytes
    }

    func isReady(withinMilliseconds milliseconds: Int) -> Bool { true }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(pieceBytes)))
    }
}

func gzipped(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    var bytes = bytes
    deflateInit2_(
        &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    let capacity = Int(deflateBound(&stream, UInt(bytes.count)))
    return [UInt8](unsafeUninitializedCapacity: capacity) { packed, count in
        bytes.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = packed.baseAddress
            stream.avail_out = UInt32(capacity)
            #expect(deflate(&stream, Z_FINISH) == Z_STREAM_END)
        }
        count = capacity - Int(stream.avail_out)
    }
}

func zstandard(_ bytes: [UInt8], level: Int32 = 3, windowLog: Int32? = nil) -> [UInt8] {
    let context = ZSTD_createCCtx()!
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    if let windowLog {
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog)
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0)
    }
    let capacity = ZSTD_compressBound(bytes.count)
    return [UInt8](unsafeUninitializedCapacity: capacity) { packed, count in
        var input = ZSTD_inBuffer(src: nil, size: bytes.count, pos: 0)
        var output = ZSTD_outBuffer(dst: packed.baseAddress, size: capacity, pos: 0)
        bytes.withUnsafeBytes {
            input.src = $0.baseAddress
            // In two steps: a frame whose size is known in advance has no window of its own.
            if windowLog != nil { ZSTD_compressStream2(context, &output, &input, ZSTD_e_continue) }
            while ZSTD_compressStream2(context, &output, &input, ZSTD_e_end) != 0 {}
        }
        count = output.pos
    }
}

/// Rows in Twitter's format, one key after the other.
func twitterRows(_ count: Int) -> [UInt8] {
    Array((0..<count).map { "\($0 / 10),key:\($0),8,100,1,set,60\n" }.joined().utf8)
}
