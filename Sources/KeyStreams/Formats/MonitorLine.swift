// What Redis's MONITOR prints (redis.io/commands/monitor; sdscatrepr in its sds.c has the escapes):
//
//     1339518083.107412 [0 127.0.0.1:60866] "set" "key" "value"
//     1339518083.107412 [0 lua] "set" "a\"b\\c" "x\n\x01\xff"
//
// The part in brackets is the database and the client; the databases are one map here. A raw connection's lines begin with `+`.
// Commands on lists, sets, hashes and the like are no operations of a map of strings: such lines are skipped.

import Glibc

enum MonitorLine {
    /// - Returns: the clock in microseconds; nil when the line is of another format.
    static func start(_ cursor: inout ByteCursor) -> Int64? {
        _ = cursor.take("+")
        guard let microseconds = cursor.takeSeconds(), cursor.takeAll(" [") else { return nil }
        return microseconds
    }

    static func read(
        _ line: UnsafeMutableRawBufferPointer, into operations: inout [KeyOperation]
    ) throws(LineError) -> Bool {
        var cursor = ByteCursor(line)
        guard let microseconds = start(&cursor) else { throw LineError("expected seconds and [database client]") }
        // An IPv6 address has brackets of its own.
        repeat {
            guard let bracket = cursor.find("]") else { throw LineError("expected seconds and [database client]") }
            cursor.start = bracket + 1
        } while !cursor.takeAll(" \"")
        cursor.start -= 1
        let name = try argument(&cursor)
        guard let command = MonitorCommand.named(name) else { return false }
        return try command.read(MonitorArguments(cursor), microseconds, into: &operations)
    }

    /// Takes a quoted argument and the space behind it, unescaped in place.
    static func argument(_ cursor: inout ByteCursor) throws(LineError) -> UnsafeRawBufferPointer {
        guard cursor.take("\"") else { throw LineError("expected a quoted argument") }
        let first = cursor.start
        guard let quote = cursor.find("\"") else { throw LineError("a quoted argument has no end") }
        // PERF: most have no escape.
        if memchr(first, Int32(UInt8(ascii: "\\")), quote - first) == nil {
            cursor.start = quote + 1
            _ = cursor.take(" ")
            return UnsafeRawBufferPointer(start: first, count: quote - first)
        }
        var written = first
        while !cursor.take("\"") {
            guard let byte = unescaped(&cursor) else {
                throw LineError("a quoted argument has no end, or a broken escape")
            }
            written.pointee = byte
            written += 1
        }
        _ = cursor.take(" ")
        return UnsafeRawBufferPointer(start: first, count: written - first)
    }

    /// The next byte, or what the next escape stands for.
    private static func unescaped(_ cursor: inout ByteCursor) -> UInt8? {
        guard cursor.start < cursor.end else { return nil }
        let byte = cursor.start.pointee
        cursor.start += 1
        guard byte == UInt8(ascii: "\\") else { return byte }
        guard cursor.start < cursor.end else { return nil }
        let escape = cursor.start.pointee
        cursor.start += 1
        switch escape {
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): return escape
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "a"): return 0x07
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "x"):
            guard cursor.count >= 2, let high = hexadecimalValue(cursor.start[0]),
                let low = hexadecimalValue(cursor.start[1])
            else { return nil }
            cursor.start += 2
            return high << 4 | low
        default: return nil
        }
    }
}

/// The arguments behind a command's name, one after the other.
struct MonitorArguments {
    private var cursor: ByteCursor

    init(_ cursor: ByteCursor) { self.cursor = cursor }

    /// - Returns: nil when there are no more.
    mutating func next() throws(LineError) -> UnsafeRawBufferPointer? {
        cursor.isAtEnd ? nil : try MonitorLine.argument(&cursor)
    }

    mutating func required(_ what: StaticString) throws(LineError) -> UnsafeRawBufferPointer {
        guard let argument = try next() else { throw LineError("the command has no \(what)") }
        return argument
    }

    mutating func requiredNumber(_ what: StaticString) throws(LineError) -> Int64 {
        let text = try required(what)
        // As large a number as may be multiplied by a million.
        guard let number = text.number, number < 1 << 43 else {
            throw LineError("\(echoed(text)) is no \(what)")
        }
        return number
    }
}
