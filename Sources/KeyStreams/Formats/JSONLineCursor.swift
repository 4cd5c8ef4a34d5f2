// JSON (RFC 8259) of the little that a line of a stream may hold: one object of strings and numbers.

struct JSONLineCursor {
    private var cursor: ByteCursor

    init(_ line: UnsafeMutableRawBufferPointer) { cursor = ByteCursor(line) }

    /// Goes over the members of the one object of the line.
    /// - Parameter visit: is given each name, and the cursor at its value, which it takes.
    mutating func members(
        _ visit: (_ name: UnsafeRawBufferPointer, inout JSONLineCursor) throws(LineError) -> Void
    ) throws(LineError) {
        cursor.skipSpace()
        try take("{")
        cursor.skipSpace()
        if !cursor.take("}") {
            while true {
                cursor.skipSpace()
                let name = try string()
                cursor.skipSpace()
                try take(":")
                cursor.skipSpace()
                try visit(name, &self)
                cursor.skipSpace()
                if cursor.take("}") { break }
                try take(",")
            }
        }
        cursor.skipSpace()
        guard cursor.isAtEnd else { throw LineError("a line holds one JSON object, and this goes on after it") }
    }

    /// A string's bytes, those of `{"base64":…}`, or a number's digits.
    mutating func bytes() throws(LineError) -> UnsafeRawBufferPointer {
        guard cursor.start < cursor.end else { throw LineError("the line ends in the middle") }
        switch cursor.start.pointee {
        case UInt8(ascii: "\""): return try string()
        case UInt8(ascii: "{"):
            var decoded = UnsafeRawBufferPointer(start: nil, count: 0)
            cursor.start += 1
            cursor.skipSpace()
            guard try string().equals("base64") else { throw LineError("expected base64 in the braces") }
            cursor.skipSpace()
            try take(":")
            cursor.skipSpace()
            decoded = try base64Decoded(try string())
            cursor.skipSpace()
            try take("}")
            return decoded
        default:
            let start = cursor.start
            _ = cursor.take("-")
            guard cursor.takeNumber() != nil else { throw LineError("expected a string, base64 or a whole number") }
            return UnsafeRawBufferPointer(start: start, count: cursor.start - start)
        }
    }

    /// How many bytes a value has; nil of one that is not bytes: a number, a boolean, `{}`.
    mutating func byteCount() throws(LineError) -> Int? {
        if cursor.takeAll("true") || cursor.takeAll("false") || cursor.takeAll("{}") { return nil }
        let isNumber =
            cursor.start < cursor.end && cursor.start.pointee != UInt8(ascii: "\"")
            && cursor.start.pointee != UInt8(ascii: "{")
        let value = try bytes()
        return isNumber ? nil : value.count
    }

    mutating func number() throws(LineError) -> Int64 {
        guard let number = cursor.takeNumber() else { throw LineError("expected a number") }
        return number
    }

    /// Seconds, as microseconds.
    mutating func seconds() throws(LineError) -> Int64 {
        guard let microseconds = cursor.takeSeconds() else { throw LineError("expected a number of seconds") }
        return microseconds
    }

    private mutating func take(_ character: Unicode.Scalar) throws(LineError) {
        if !cursor.take(character) { throw LineError("not the JSON of an operation: expected '\(character)'") }
    }

    // MARK: Strings

    /// Takes a string, unescaped in place.
    private mutating func string() throws(LineError) -> UnsafeRawBufferPointer {
        try take("\"")
        let first = cursor.start
        // PERF: up to the first escape, nothing moves.
        while cursor.start < cursor.end, cursor.start.pointee != UInt8(ascii: "\""),
            cursor.start.pointee != UInt8(ascii: "\\"), cursor.start.pointee >= 0x20
        {
            cursor.start += 1
        }
        var written = cursor.start
        while !cursor.take("\"") {
            guard cursor.start < cursor.end else { throw LineError("a string has no end") }
            let byte = cursor.start.pointee
            cursor.start += 1
            if byte < 0x20 { throw LineError("a control character must be escaped") }
            if byte == UInt8(ascii: "\\") {
                try unescape(to: &written)
            } else {
                written.pointee = byte
                written += 1
            }
        }
        return UnsafeRawBufferPointer(start: first, count: written - first)
    }

    private mutating func unescape(to written: inout UnsafeMutablePointer<UInt8>) throws(LineError) {
        guard cursor.start < cursor.end else { throw LineError("a string has no end") }
        let escape = cursor.start.pointee
        cursor.start += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): written.pointee = escape
        case UInt8(ascii: "b"): written.pointee = 0x08
        case UInt8(ascii: "f"): written.pointee = 0x0C
        case UInt8(ascii: "n"): written.pointee = 0x0A
        case UInt8(ascii: "r"): written.pointee = 0x0D
        case UInt8(ascii: "t"): written.pointee = 0x09
        case UInt8(ascii: "u"):
            for byte in UTF8.encode(try unicodeScalar())! {
                written.pointee = byte
                written += 1
            }
            return
        default: throw LineError("there is no such escape in JSON")
        }
        written += 1
    }

    /// What follows `\u`: four digits, or a surrogate pair.
    private mutating func unicodeScalar() throws(LineError) -> Unicode.Scalar {
        var code = try fourHexadecimalDigits()
        if (0xD800..<0xDC00).contains(code), cursor.takeAll("\\u") {
            let low = try fourHexadecimalDigits()
            guard (0xDC00..<0xE000).contains(low) else { throw LineError("half of a surrogate pair") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw LineError("half of a surrogate pair") }
        return scalar
    }

    private mutating func fourHexadecimalDigits() throws(LineError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard cursor.start < cursor.end, let digit = hexadecimalValue(cursor.start.pointee) else {
                throw LineError("expected four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            cursor.start += 1
        }
        return code
    }

    // MARK: Base64

    /// Decodes in place (RFC 4648, section 4).
    private func base64Decoded(_ text: UnsafeRawBufferPointer) throws(LineError) -> UnsafeRawBufferPointer {
        // SAFETY: it lies in the line, which may be changed; three bytes take the place of four.
        let bytes = UnsafeMutableRawBufferPointer(mutating: text)
        let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard text.count % 4 == 0 else { throw LineError("base64 without its padding") }
        var (group, written): (UInt32, Int) = (0, 0)
        for place in 0..<text.count {
            var digit: UInt32 = 0
            if place < text.count - padding {
                guard let value = base64Value(text[place]) else { throw LineError("not base64") }
                digit = value
            }
            group = group << 6 | digit
            if place % 4 == 3 {
                for shift: UInt32 in [16, 8, 0] {
                    bytes[written] = UInt8(truncatingIfNeeded: group >> shift)
                    written += 1
                }
            }
        }
        return UnsafeRawBufferPointer(rebasing: text[..<(written - (written > 0 ? padding : 0))])
    }

    private func base64Value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
