// Which of Redis's commands read, write and delete strings, and what their arguments are (redis.io/commands).

enum MonitorCommand {
    /// KEY …
    case get
    /// KEY [EX seconds | PX milliseconds | EXAT … | PXAT … | PERSIST]
    case getAndExpire
    /// KEY …, each of them a key
    case getEach, deleteEach
    /// KEY
    case delete, persist
    /// KEY VALUE [EX seconds | … | KEEPTTL | NX | XX | GET]
    case set
    /// KEY VALUE
    case setPlain, append
    /// KEY TTL VALUE
    case setSeconds, setMilliseconds
    /// KEY VALUE …
    case setEach
    /// KEY OFFSET VALUE
    case setRange
    /// KEY …: a number is changed
    case change
    /// KEY TTL
    case expireSeconds, expireMilliseconds, expireAtSeconds, expireAtMilliseconds
    case clear

    private static let byName: [CommandName: MonitorCommand] = {
        let names: [(String, MonitorCommand)] = [
            ("get", .get), ("getrange", .get), ("substr", .get), ("strlen", .get), ("getbit", .get), ("bitcount", .get),
            ("getex", .getAndExpire), ("mget", .getEach), ("exists", .getEach), ("touch", .getEach),
            ("set", .set), ("setnx", .setPlain), ("getset", .setPlain), ("append", .append),
            ("setex", .setSeconds), ("psetex", .setMilliseconds), ("mset", .setEach), ("msetnx", .setEach),
            ("setrange", .setRange), ("setbit", .change), ("incr", .change), ("decr", .change), ("incrby", .change),
            ("decrby", .change), ("incrbyfloat", .change),
            ("del", .deleteEach), ("unlink", .deleteEach), ("getdel", .delete), ("persist", .persist),
            ("expire", .expireSeconds), ("pexpire", .expireMilliseconds), ("expireat", .expireAtSeconds),
            ("pexpireat", .expireAtMilliseconds), ("flushall", .clear), ("flushdb", .clear),
        ]
        return Dictionary(uniqueKeysWithValues: names.map { (CommandName($0.0), $0.1) })
    }()

    /// - Parameter name: in either case.
    static func named(_ name: UnsafeRawBufferPointer) -> MonitorCommand? {
        CommandName(name).flatMap { byName[$0] }
    }

    /// Reads the arguments.
    /// - Returns: false when there is nothing to do.
    func read(
        _ arguments: MonitorArguments, _ microseconds: Int64, into operations: inout [KeyOperation]
    ) throws(LineError) -> Bool {
        var arguments = arguments
        func add(
            _ kind: KeyOperation.Kind, _ key: UnsafeRawBufferPointer, _ valueBytes: Int? = nil,
            _ lifetime: KeyOperation.Lifetime = .unchanged
        ) {
            operations.append(
                KeyOperation(
                    kind: kind, key: key, valueBytes: valueBytes, lifetime: lifetime, microseconds: microseconds))
        }
        if case .clear = self {
            add(.clear, UnsafeRawBufferPointer(start: nil, count: 0))
            return true
        }
        let key = try arguments.required("key")
        switch self {
        case .get: add(.get, key)
        case .getAndExpire:
            let lifetime = try Self.lifetime(&arguments, otherwise: .unchanged, microseconds)
            add(.get, key)
            if lifetime != .unchanged { add(.touch, key, nil, lifetime) }
        case .getEach, .deleteEach:
            let kind: KeyOperation.Kind = if case .getEach = self { .get } else { .delete }
            add(kind, key)
            while let key = try arguments.next() { add(kind, key) }
        case .delete: add(.delete, key)
        case .persist: add(.touch, key, nil, .unlimited)
        case .set:
            let value = try arguments.required("value")
            add(.set, key, value.count, try Self.lifetime(&arguments, otherwise: .unlimited, microseconds))
        case .setPlain: add(.set, key, try arguments.required("value").count, .unlimited)
        case .append: add(.append, key, try arguments.required("value").count)
        case .setSeconds, .setMilliseconds:
            let unit: Int64 = if case .setSeconds = self { 1000 } else { 1 }
            let milliseconds = try arguments.requiredNumber("lifetime") * unit
            add(.set, key, try arguments.required("value").count, .milliseconds(milliseconds))
        case .setEach:
            add(.set, key, try arguments.required("value").count, .unlimited)
            while let key = try arguments.next() {
                add(.set, key, try arguments.required("value").count, .unlimited)
            }
        case .setRange:
            let offset = try arguments.requiredNumber("offset")
            add(.set, key, Int(offset) + (try arguments.required("value").count))
        case .change: add(.set, key)
        case .expireSeconds: add(.touch, key, nil, .milliseconds(try arguments.requiredNumber("lifetime") * 1000))
        case .expireMilliseconds: add(.touch, key, nil, .milliseconds(try arguments.requiredNumber("lifetime")))
        case .expireAtSeconds:
            add(.touch, key, nil, Self.until(try arguments.requiredNumber("time") * 1000, microseconds))
        case .expireAtMilliseconds:
            add(.touch, key, nil, Self.until(try arguments.requiredNumber("time"), microseconds))
        case .clear: break
        }
        return true
    }

    private enum Option { case seconds, milliseconds, untilSeconds, untilMilliseconds, unchanged, unlimited }

    private static let options: [CommandName: Option] = [
        CommandName("ex"): .seconds, CommandName("px"): .milliseconds, CommandName("exat"): .untilSeconds,
        CommandName("pxat"): .untilMilliseconds, CommandName("keepttl"): .unchanged, CommandName("persist"): .unlimited,
    ]

    /// The options that set a lifetime, among others that do not.
    private static func lifetime(
        _ arguments: inout MonitorArguments, otherwise standard: KeyOperation.Lifetime, _ microseconds: Int64
    ) throws(LineError) -> KeyOperation.Lifetime {
        var lifetime = standard
        while let word = try arguments.next() {
            switch CommandName(word).flatMap({ options[$0] }) {
            case .seconds: lifetime = .milliseconds(try arguments.requiredNumber("lifetime") * 1000)
            case .milliseconds: lifetime = .milliseconds(try arguments.requiredNumber("lifetime"))
            case .untilSeconds: lifetime = until(try arguments.requiredNumber("time") * 1000, microseconds)
            case .untilMilliseconds: lifetime = until(try arguments.requiredNumber("time"), microseconds)
            case .unchanged: lifetime = .unchanged
            case .unlimited: lifetime = .unlimited
            case nil: break
            }
        }
        return lifetime
    }

    private static func until(_ milliseconds: Int64, _ microseconds: Int64) -> KeyOperation.Lifetime {
        .milliseconds(max(0, milliseconds - microseconds / 1000))
    }
}

/// A word of up to 16 letters in lower case, compared as two numbers.
private struct CommandName: Hashable {
    private var words: (UInt64, UInt64) = (0, 0)

    init?(_ text: UnsafeRawBufferPointer) {
        guard text.count <= 16 else { return nil }
        for (place, byte) in text.enumerated() {
            let letter = UInt64((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
            if place < 8 {
                words.0 |= letter << (8 * UInt64(place))
            } else {
                words.1 |= letter << (8 * UInt64(place - 8))
            }
        }
    }

    /// - Parameter name: at most 16 letters, in lower case.
    init(_ name: String) {
        let text = Array(name.utf8)
        self = text.withUnsafeBytes { CommandName($0)! }
    }

    static func == (left: CommandName, right: CommandName) -> Bool { left.words == right.words }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }
}
