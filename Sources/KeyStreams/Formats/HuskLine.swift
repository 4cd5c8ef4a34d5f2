// A line of JSON, as GET /map/entries writes it, or with what other streams tell beside:
//
//     {"key":"k1","value":"hello"}
//     {"time":12.5,"op":"get","key":{"base64":"/wE="}}
//     {"time":13,"op":"set","key":"k2","valueBytes":120,"ttl":60}
//
// `op` is get, set, append, delete, touch or clear; without, it is set. `time` and `ttl` are in seconds. Nothing is built of a
// line: strings are unescaped where they lie, and of a value only its size is kept.

enum HuskLine {
    static func read(
        _ line: UnsafeMutableRawBufferPointer, into operations: inout [KeyOperation]
    ) throws(LineError) -> Bool {
        var json = JSONLineCursor(line)
        var key: UnsafeRawBufferPointer?
        var operation = KeyOperation(
            kind: .set, key: UnsafeRawBufferPointer(start: nil, count: 0), valueBytes: nil, lifetime: .unchanged,
            microseconds: nil)
        var hasLifetime = false
        try json.members { (name, json) throws(LineError) in
            switch name {
            case _ where name.equals("key"): key = try json.bytes()
            case _ where name.equals("value"): operation.valueBytes = try json.byteCount()
            case _ where name.equals("op"): operation.kind = try kind(try json.bytes())
            case _ where name.equals("valueBytes"): operation.valueBytes = Int(try json.number())
            case _ where name.equals("time"): operation.microseconds = try json.seconds()
            case _ where name.equals("ttl"):
                hasLifetime = true
                operation.lifetime = .milliseconds(try json.seconds() / 1000)
            default: throw LineError("\(echoed(name)) is not a field of an operation")
            }
        }
        if operation.kind == .set && !hasLifetime { operation.lifetime = .unlimited }
        if operation.kind != .clear {
            guard let key else { throw LineError("expected a JSON object with key") }
            operation.key = key
        }
        operations.append(operation)
        return true
    }

    private static func kind(_ name: UnsafeRawBufferPointer) throws(LineError) -> KeyOperation.Kind {
        switch name {
        case _ where name.equals("get"): .get
        case _ where name.equals("set"): .set
        case _ where name.equals("append"): .append
        case _ where name.equals("delete"): .delete
        case _ where name.equals("touch"): .touch
        case _ where name.equals("clear"): .clear
        default: throw LineError("\(echoed(name)) is none of get, set, append, delete, touch, clear")
        }
    }
}
