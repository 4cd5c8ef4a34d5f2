// A stream of what clients asked of a cache, read line by line as operations on keys.
//
//     let stream = try KeyStream(.opening(path), isStrict: false)
//     var operations: [KeyOperation] = []
//     while try stream.next(into: &operations) { … }
//     stream.tally
//
//     file, pipe, bytes ──► Packing: as it is, GzipSource, ZstdSource ──► LineBuffer ──► KeyStreamFormat ──► operations
//
// The stream is never in memory as a whole: 256 KiB of lines (8 MiB after a line as long), what is unpacked next, and what the
// packing looks back to. Keys point into the buffer of lines, where escapes are taken out in place; so they are good until the
// next operations are read. Used by one thread.

package final class KeyStream {
    /// The longest line: as of an import over HTTP, which the longest value and key fit, however they are escaped.
    package static let lineBytes = 8 << 20
    /// A value that is longer makes its line bad, as does a key: what the map takes over HTTP.
    package static let valueBytes = 1 << 20
    package static let keyBytes = 64 << 10
    /// Operations are handed out when there are so many.
    private static let batchCount = 256
    /// After so many lines that no format takes, there is none.
    private static let undecidedLines = 100

    private var lines: LineBuffer
    private let isStrict: Bool
    /// What is wrong after the operations that were handed out last.
    private var failure: KeyStreamError?
    package private(set) var tally = StreamTally()

    /// Looks at the first bytes of a stream.
    ///
    /// - Parameters:
    ///   - source: from its first byte.
    ///   - format: of the lines; nil to see it by them.
    ///   - isStrict: whether a bad line is the end.
    package init(_ source: any ByteSource, format: KeyStreamFormat? = nil, isStrict: Bool = false)
        throws(KeyStreamError)
    {
        let (packing, bytes) = try Packing.unpacking(source)
        lines = LineBuffer(bytes, limitBytes: Self.lineBytes)
        self.isStrict = isStrict
        tally.packing = packing
        tally.format = format
    }

    /// The most that the reader takes of memory, in bytes: a line, what is packed, and what Zstandard looks back to.
    package var memoryBytes: Int { Self.lineBytes + (1 << 20) + (tally.packing == .zstd ? ZstdSource.windowBytes : 0) }

    /// Whether there is something to read, or the end, by now or within so long; a packed stream or one that is cut in the
    /// middle of a line may let `next` wait nevertheless.
    package func isReady(withinMilliseconds milliseconds: Int) -> Bool {
        failure != nil || lines.isReady(withinMilliseconds: milliseconds)
    }

    /// Reads the next operations, some hundreds.
    ///
    /// - Parameters:
    ///   - operations: emptied, then filled; their keys are good until the next call.
    ///   - limit: reads no further when there are so many; a line may have several.
    /// - Returns: false at the end of the stream.
    /// - Throws: when the stream is broken, when no format takes it, or at a bad line if the reader is strict: after all that
    ///   came before was handed out.
    package func next(
        into operations: inout [KeyOperation], atMost limit: Int = .max
    ) throws(KeyStreamError) -> Bool {
        let limit = min(limit, Self.batchCount)
        operations.removeAll(keepingCapacity: true)
        while true {
            if let failure { throw failure }
            while failure == nil, operations.count < limit, let line = lines.next() {
                do throws(KeyStreamError) {
                    try read(line, into: &operations)
                } catch {
                    failure = error
                }
            }
            tally.operations += operations.count
            if !operations.isEmpty { return true }
            guard failure == nil else { continue }
            guard try lines.refill() else { break }
        }
        if tally.lines == 0 { throw .empty }
        if tally.format == nil { throw .unknownFormat(lines: tally.lines) }
        return false
    }

    private func read(_ line: LineBuffer.Line, into operations: inout [KeyOperation]) throws(KeyStreamError) {
        tally.lines += 1
        guard case .text(let text) = line else {
            try countBad("longer than \(Self.lineBytes) bytes")
            return
        }
        if Self.isSilent(text) { return }
        guard let format = try format(of: text) else { return }
        let first = operations.count
        let reason: String
        do throws(LineError) {
            if try !format.read(text, into: &operations) { tally.skippedLines += 1 }
            try Self.check(operations[first...])
            return
        } catch {
            // All of a line, or nothing of it.
            operations.removeSubrange(first...)
            reason = error.reason
        }
        try countBad(reason)
    }

    /// The format of the stream, by this line if it is not known yet.
    private func format(of line: UnsafeMutableRawBufferPointer) throws(KeyStreamError) -> KeyStreamFormat? {
        if let format = tally.format { return format }
        if let format = KeyStreamFormat(of: line) {
            tally.format = format
            return format
        }
        try countBad("no format takes this line")
        if tally.badLines >= Self.undecidedLines { throw .unknownFormat(lines: tally.badLines) }
        return nil
    }

    /// What Redis and memcached answer to the command that starts the stream, and empty lines.
    private static func isSilent(_ line: UnsafeMutableRawBufferPointer) -> Bool {
        if line.count > 3 { return false }
        let line = UnsafeRawBufferPointer(line)
        return line.isEmpty || line.equals("OK") || line.equals("+OK")
    }

    private static func check(_ operations: ArraySlice<KeyOperation>) throws(LineError) {
        for operation in operations {
            if operation.key.count > keyBytes {
                throw LineError("the key of \(operation.key.count) bytes is longer than \(keyBytes)")
            }
            if let bytes = operation.valueBytes, bytes > valueBytes {
                throw LineError("the value of \(bytes) bytes is longer than \(valueBytes)")
            }
        }
    }

    private func countBad(_ reason: String) throws(KeyStreamError) {
        let line = tally.countBad(reason)
        if isStrict { throw .badLine(line) }
    }
}
