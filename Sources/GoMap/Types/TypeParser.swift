// Reads Go's syntax of the types.

/// A recursive descent over the bytes of a type's text.
struct TypeParser {
    let text: String
    let bytes: [UInt8]
    var offset = 0

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    private static let words: [(name: String, type: GoType)] = [
        ("int", .int), ("int32", .int32), ("int64", .int64), ("uint32", .uint32), ("uint64", .uint64),
        ("uint8", .uint8), ("byte", .uint8), ("bool", .bool), ("string", .string),
    ]

    private static let anyType =
        "a type: int, int32, int64, uint32, uint64, uint8, bool, struct{}, string, []byte, [N]byte or *T"

    mutating func skipSpaces() {
        while offset < bytes.count, bytes[offset] == UInt8(ascii: " ") { offset += 1 }
    }

    private func failure(_ expected: String) -> GoMapError {
        .syntax(text: text, offset: offset, expected: expected)
    }

    /// Goes past `token`, or says `expected`.
    mutating func expect(_ token: String, orSay expected: String) throws(GoMapError) {
        skipSpaces()
        guard bytes[offset...].starts(with: token.utf8) else { throw failure(expected) }
        offset += token.utf8.count
    }

    mutating func expectEnd() throws(GoMapError) {
        skipSpaces()
        guard offset == bytes.count else { throw failure("the end") }
    }

    /// The letters and digits that begin here.
    private func word() -> String {
        let isWordByte = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
        return String(decoding: bytes[offset...].prefix(while: isWordByte), as: UTF8.self)
    }

    mutating func type() throws(GoMapError) -> GoType {
        skipSpaces()
        guard offset < bytes.count else { throw failure(Self.anyType) }
        switch bytes[offset] {
        case UInt8(ascii: "*"):
            offset += 1
            skipSpaces()
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "*") {
                throw failure("a type that is not itself a pointer")
            }
            return .pointer(try type())
        case UInt8(ascii: "["):
            offset += 1
            return try sliceOrArray()
        default:
            return try namedType()
        }
    }

    /// What follows a `[`: `]byte`, or `N]byte`.
    private mutating func sliceOrArray() throws(GoMapError) -> GoType {
        skipSpaces()
        let countOffset = offset
        let digits = bytes[offset...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        offset += digits.count
        try expect("]", orSay: digits.isEmpty ? "']' or the number of bytes" : "']'")
        skipSpaces()
        let element = word()
        guard element == "byte" || element == "uint8" else { throw failure("'byte'") }
        offset += element.utf8.count
        if digits.isEmpty { return .bytes }
        guard digits.count == 1 || digits.first != UInt8(ascii: "0") else {
            offset = countOffset
            throw failure("a decimal number without a leading 0")
        }
        guard let count = Int(String(decoding: digits, as: UTF8.self)), count <= GoType.arrayCountLimit else {
            throw .arrayTooLong(text: text, offset: countOffset, limit: GoType.arrayCountLimit)
        }
        return .array(count)
    }

    private mutating func namedType() throws(GoMapError) -> GoType {
        let name = word()
        if name == "struct" {
            offset += name.utf8.count
            try expect("{", orSay: "'{}'")
            try expect("}", orSay: "'}' (only the empty struct is known)")
            return .emptyStruct
        }
        guard let known = Self.words.first(where: { $0.name == name }) else { throw failure(Self.anyType) }
        offset += name.utf8.count
        return known.type
    }
}
