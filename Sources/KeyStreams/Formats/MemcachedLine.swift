// What memcached prints to `watch mutations fetchers` (memcached's doc/protocol.txt and logger.c, 1.4.26 and later):
//
//     ts=1700000000.565146 gid=3 type=item_store key=foo status=stored cmd=set ttl=0 clsid=1 cfd=25 size=3
//     ts=1700000000.565148 gid=4 type=item_get key=foo status=found clsid=1 cfd=25 size=3
//
// Keys are percent-encoded. memcached looks a key up before it stores, touches or deletes it, and each of these look-ups is an
// item_get like a client's own. Deletes themselves it tells to those who `watch deletions` (1.6.20), evictions to
// `watch evictions`.

enum MemcachedLine {
    /// - Returns: the clock in microseconds; nil when the line is of another format.
    static func start(_ cursor: inout ByteCursor) -> Int64? {
        guard cursor.takeAll("ts="), let microseconds = cursor.takeSeconds(), cursor.take(" ") else { return nil }
        return microseconds
    }

    static func read(
        _ line: UnsafeMutableRawBufferPointer, into operations: inout [KeyOperation]
    ) throws(LineError) -> Bool {
        var cursor = ByteCursor(line)
        // How many lines this watcher was too slow for.
        if cursor.takeAll("[skipped: ") { return false }
        guard let microseconds = start(&cursor) else { throw LineError("expected ts= and seconds") }
        var fields = Fields()
        while !cursor.isAtEnd { try fields.take(&cursor) }
        guard let type = fields.type else { throw LineError("expected type=") }

        var operation = KeyOperation(
            kind: .get, key: UnsafeRawBufferPointer(start: nil, count: 0), valueBytes: fields.size,
            lifetime: .unchanged, microseconds: microseconds)
        switch type {
        case _ where type.equals("item_get"):
            // Of a miss, memcached says 0.
            if fields.status?.equals("found") != true { operation.valueBytes = nil }
        case _ where type.equals("item_store"):
            guard fields.status?.equals("stored") == true else { return false }
            operation.kind = .set
            operation.lifetime = fields.ttl.map { $0 > 0 ? .milliseconds($0 * 1000) : .unlimited } ?? .unchanged
        case _ where type.equals("deleted") || type.equals("eviction"):
            operation.kind = .delete
            operation.valueBytes = nil
        default: return false
        }
        guard let key = fields.key else { throw LineError("expected key=") }
        operation.key = try percentDecoded(key)
        operations.append(operation)
        return true
    }

    /// The values of a line that matter.
    private struct Fields {
        var type: UnsafeRawBufferPointer?
        var key: UnsafeRawBufferPointer?
        var status: UnsafeRawBufferPointer?
        var ttl: Int64?
        var size: Int?

        /// Takes `name=value` and the space behind it.
        mutating func take(_ cursor: inout ByteCursor) throws(LineError) {
            guard let equals = cursor.find("=") else { throw LineError("expected name=value") }
            let name = cursor.takeUpTo(equals)
            let end = cursor.find(" ") ?? cursor.end
            let value = UnsafeRawBufferPointer(start: cursor.start, count: end - cursor.start)
            cursor.start = end
            _ = cursor.take(" ")
            switch name.first {
            case UInt8(ascii: "t") where name.equals("type"): type = value
            case UInt8(ascii: "k") where name.equals("key"): key = value
            case UInt8(ascii: "s") where name.equals("status"): status = value
            case UInt8(ascii: "t") where name.equals("ttl"):
                // Evictions say -1 for an entry that would not have expired.
                guard let seconds = value.equals("-1") ? 0 : value.number, seconds < 1 << 50 else {
                    throw LineError("the ttl is not a number of seconds")
                }
                ttl = seconds
            case UInt8(ascii: "s") where name.equals("size"):
                guard let bytes = value.number else { throw LineError("the size is not a number of bytes") }
                size = Int(bytes)
            default: break
            }
        }
    }

    /// In place.
    private static func percentDecoded(_ text: UnsafeRawBufferPointer) throws(LineError) -> UnsafeRawBufferPointer {
        guard let first = text.firstIndex(of: UInt8(ascii: "%")) else { return text }
        // SAFETY: it lies in the line, which may be changed; decoding does not grow.
        let bytes = UnsafeMutableRawBufferPointer(mutating: text)
        var (read, written) = (first, first)
        while read < bytes.count {
            if bytes[read] == UInt8(ascii: "%") {
                guard read + 2 < bytes.count, let high = hexadecimalValue(bytes[read + 1]),
                    let low = hexadecimalValue(bytes[read + 2])
                else { throw LineError("the key has a broken percent escape") }
                bytes[written] = high << 4 | low
                read += 3
            } else {
                bytes[written] = bytes[read]
                read += 1
            }
            written += 1
        }
        return UnsafeRawBufferPointer(rebasing: bytes[..<written])
    }
}
