// A row of Twitter's public cache traces (github.com/twitter/cache-trace): 54 clusters' requests of a week in 2020.
//
//     timestamp,anonymized key,key size,value size,client id,operation,TTL
//     0,nz:u:eeW511W3dcH3de3d15ec,22,1123,7,get,0
//
// Keys may hold commas, and are in quotes or not when they do: so a row is read from both ends, and the key is what is left.

enum TwitterLine {
    static func read(
        _ line: UnsafeMutableRawBufferPointer, into operations: inout [KeyOperation]
    ) throws(LineError) -> Bool {
        var cursor = ByteCursor(line)
        guard let microseconds = cursor.takeSeconds(), cursor.take(",") else {
            throw LineError("expected a timestamp in seconds and a comma")
        }
        var rest = UnsafeMutableRawBufferPointer(start: cursor.start, count: cursor.count)
        let seconds = try lastField(of: &rest)
        let name = try lastField(of: &rest)
        _ = try lastField(of: &rest)
        let valueText = try lastField(of: &rest)
        let keyText = try lastField(of: &rest)
        guard let seconds = seconds.number, seconds < 1 << 50 else {
            throw LineError("the TTL is not a number of seconds")
        }
        guard let valueBytes = valueText.number else { throw LineError("the value size is not a number of bytes") }
        guard let keyBytes = keyText.number else { throw LineError("the key size is not a number of bytes") }

        var operation = KeyOperation(
            kind: .get, key: unquoted(rest, originalBytes: Int(keyBytes)), valueBytes: Int(valueBytes),
            lifetime: .unchanged, microseconds: microseconds)
        let written: KeyOperation.Lifetime = seconds > 0 ? .milliseconds(seconds * 1000) : .unlimited
        switch name {
        case _ where name.equals("get") || name.equals("gets"):
            // Of a miss, the trace does not know the size.
            if valueBytes == 0 { operation.valueBytes = nil }
        case _ where name.equals("set") || name.equals("add") || name.equals("replace") || name.equals("cas"):
            operation.kind = .set
            operation.lifetime = written
        case _ where name.equals("append") || name.equals("prepend"):
            operation.kind = .append
        case _ where name.equals("delete"):
            operation.kind = .delete
            operation.valueBytes = nil
        case _ where name.equals("incr") || name.equals("decr"):
            operation.kind = .set
            operation.valueBytes = nil
        default:
            throw LineError("there is no such operation as \(echoed(name))")
        }
        operations.append(operation)
        return true
    }

    /// Takes what lies behind the last comma.
    @inline(__always)
    private static func lastField(of rest: inout UnsafeMutableRawBufferPointer) throws(LineError)
        -> UnsafeRawBufferPointer
    {
        guard let comma = rest.lastIndex(of: UInt8(ascii: ",")) else {
            throw LineError("expected seven fields with commas between them")
        }
        defer { rest = UnsafeMutableRawBufferPointer(rebasing: rest[..<comma]) }
        return UnsafeRawBufferPointer(rebasing: rest[(comma + 1)...])
    }

    /// The key without its quotes (RFC 4180), unless they are part of it, as its size tells.
    private static func unquoted(_ key: UnsafeMutableRawBufferPointer, originalBytes: Int) -> UnsafeRawBufferPointer {
        let quote = UInt8(ascii: "\"")
        guard key.count >= 2, key.count != originalBytes, key.first == quote, key.last == quote else {
            return UnsafeRawBufferPointer(key)
        }
        var written = 0
        var read = 1
        while read < key.count - 1 {
            if key[read] == quote, key[read + 1] == quote, read + 1 < key.count - 1 { read += 1 }
            key[written] = key[read]
            (written, read) = (written + 1, read + 1)
        }
        return UnsafeRawBufferPointer(rebasing: key[..<written])
    }
}
