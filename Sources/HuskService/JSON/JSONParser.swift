// A strict JSON parser (RFC 8259): one value, nothing after it, valid UTF-8, no duplicate names, no lone surrogates,
// bounded depth. Pure functions, any thread.

/// Why a text is not the JSON that is wanted.
package struct JSONError: Error, Equatable, Sendable {
    /// Where, in bytes from the start.
    package var offset: Int
    /// What was expected, or what is not allowed.
    package var reason: String
    /// The member whose name came twice.
    package var duplicateName: String?

    /// The reason when a whole value has something after it.
    static let textGoesOn = "expected the end of the text"
}

package struct JSONParser {
    /// Nothing that a request may hold goes deeper than three.
    package static let depthLimit = 16
    /// Nor is it made of more than some tens of values: a text of brackets and commas would take many times its size.
    package static let valueLimit = 4096

    private let text: UnsafeRawBufferPointer
    private var offset = 0
    private var depth = 0
    private var valueCount = 0

    /// Parses a whole text.
    package static func parse(_ text: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
        if let badOffset = firstInvalidUTF8Offset(text) {
            throw JSONError(offset: badOffset, reason: "the text is not UTF-8")
        }
        var parser = JSONParser(text: text)
        parser.skipSpace()
        let value = try parser.value()
        parser.skipSpace()
        if parser.offset < text.count { throw parser.failure(JSONError.textGoesOn) }
        return value
    }

    private init(text: UnsafeRawBufferPointer) { self.text = text }

    // MARK: Values

    private mutating func value() throws(JSONError) -> JSONValue {
        valueCount += 1
        if valueCount > Self.valueLimit { throw failure("more than \(Self.valueLimit) values") }
        switch peek() {
        case UInt8(ascii: "{"): return try nested { (parser) throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser) throws(JSONError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .some(let byte) where byte == UInt8(ascii: "-") || isDigit(byte): return .number(try number())
        default: throw failure("expected a JSON value")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        depth += 1
        if depth > Self.depthLimit { throw failure("nested deeper than \(Self.depthLimit)") }
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        offset += 1
        var members: [JSONMember] = []
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { throw failure("expected a name in quotes") }
            let nameOffset = offset
            let name = String(decoding: try string(), as: UTF8.self)
            if members.contains(where: { $0.name == name }) {
                throw JSONError(offset: nameOffset, reason: "the name comes twice", duplicateName: name)
            }
            skipSpace()
            if !take(":") { throw failure("expected ':'") }
            skipSpace()
            members.append(JSONMember(name: name, value: try value()))
            skipSpace()
            if take("}") { return .object(members) }
            if !take(",") { throw failure("expected ',' or '}'") }
        }
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        offset += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return .array(elements) }
        while true {
            skipSpace()
            elements.append(try value())
            skipSpace()
            if take("]") { return .array(elements) }
            if !take(",") { throw failure("expected ',' or ']'") }
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard peek() == word.utf8Start[index] else { throw failure("expected \(word)") }
            offset += 1
        }
        return value
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = offset
        let isNegative = take("-")
        var digits = takeDigits()
        if digits.isEmpty { throw failure("expected a digit") }
        if digits.count > 1, digits[0] == UInt8(ascii: "0") { throw failure("a number has no leading 0") }
        var exponent = 0
        if take(".") {
            let fraction = takeDigits()
            if fraction.isEmpty { throw failure("expected a digit") }
            digits += fraction
            exponent -= fraction.count
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            offset += 1
            let exponentIsNegative = take("-")
            if !exponentIsNegative { _ = take("+") }
            let written = takeDigits()
            if written.isEmpty { throw failure("expected a digit") }
            // Far beyond what any number's digits can make up for.
            let magnitude = written.reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), 1 << 40) }
            exponent += exponentIsNegative ? -magnitude : magnitude
        }
        return JSONNumber(
            isNegative: isNegative, digits: digits, exponent: exponent, text: text[start..<offset])
    }

    private mutating func takeDigits() -> [UInt8] {
        let start = offset
        while let byte = peek(), isDigit(byte) { offset += 1 }
        return Array(text[start..<offset])
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> [UInt8] {
        offset += 1
        var bytes: [UInt8] = []
        while true {
            let start = offset
            // PERF: what needs no thought is taken in one piece.
            while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
                offset += 1
            }
            bytes += text[start..<offset]
            switch peek() {
            case UInt8(ascii: "\""):
                offset += 1
                return bytes
            case UInt8(ascii: "\\"): try escape(into: &bytes)
            case nil: throw failure("the string has no end")
            default: throw failure("a control character must be escaped")
            }
        }
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(JSONError) {
        let escapeOffset = offset
        offset += 1
        guard let kind = peek() else { throw failure("the string has no end") }
        offset += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(kind)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            var code = try fourHexadecimalDigits()
            if (0xD800..<0xDC00).contains(code), take("\\"), take("u") {
                let low = try fourHexadecimalDigits()
                guard (0xDC00..<0xE000).contains(low) else {
                    throw JSONError(offset: escapeOffset, reason: "half of a surrogate pair")
                }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw JSONError(offset: escapeOffset, reason: "half of a surrogate pair")
            }
            bytes.append(contentsOf: UTF8.encode(scalar)!)
        default: throw JSONError(offset: escapeOffset, reason: "there is no such escape")
        }
    }

    private mutating func fourHexadecimalDigits() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("expected four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            offset += 1
        }
        return code
    }

    // MARK: Bytes

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private func peek() -> UInt8? { offset < text.count ? text[offset] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private func failure(_ reason: String) -> JSONError {
        JSONError(offset: offset, reason: offset < text.count ? reason : reason + ", found the end")
    }
}
