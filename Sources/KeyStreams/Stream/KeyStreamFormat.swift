// The formats, and how one is told from another.

/// What the lines of a stream look like.
package enum KeyStreamFormat: String, CaseIterable, Sendable {
    case monitor, twitter, memcached, ndjson

    /// What it is, in a few words.
    package var title: String {
        switch self {
        case .monitor: "what redis-cli MONITOR prints"
        case .twitter: "the CSV of Twitter's cache traces"
        case .memcached: "what memcached's watch mutations fetchers prints"
        case .ndjson: "lines as GET /map/entries writes them"
        }
    }

    /// The format that a line seems to be of, by how it begins; nil when it is none.
    init?(of line: UnsafeMutableRawBufferPointer) {
        guard let format = Self.allCases.first(where: { $0.resembles(line) }) else { return nil }
        self = format
    }

    private func resembles(_ line: UnsafeMutableRawBufferPointer) -> Bool {
        var cursor = ByteCursor(line)
        switch self {
        case .monitor: return MonitorLine.start(&cursor) != nil
        case .memcached: return MemcachedLine.start(&cursor) != nil
        case .ndjson:
            cursor.skipSpace()
            return cursor.take("{")
        case .twitter:
            return cursor.takeNumber() != nil && cursor.take(",")
        }
    }

    /// Reads a line.
    ///
    /// - Parameters:
    ///   - line: without its end; what is escaped in it is unescaped in place.
    ///   - operations: is given those of the line, whose keys point into it.
    /// - Returns: false when the line is good, but nothing that a cache of strings does.
    func read(
        _ line: UnsafeMutableRawBufferPointer, into operations: inout [KeyOperation]
    ) throws(LineError) -> Bool {
        switch self {
        case .monitor: try MonitorLine.read(line, into: &operations)
        case .twitter: try TwitterLine.read(line, into: &operations)
        case .memcached: try MemcachedLine.read(line, into: &operations)
        case .ndjson: try HuskLine.read(line, into: &operations)
        }
    }
}
