// The type of a map by its key and value types, read and written in Go's syntax.

/// The type of a map: `map[key]value`.
package struct MapTypeName: Hashable, Sendable, CustomStringConvertible {
    package let key: GoType
    package let value: GoType

    /// - Parameters:
    ///   - key: a type that `isKey`.
    ///   - value: any type.
    package init(key: GoType, value: GoType) {
        precondition(key.isKey, "the key's type must be one that a map may have")
        self.key = key
        self.value = value
    }

    /// Reads Go's syntax. Spaces between tokens are allowed, `byte` is another name of `uint8`, as in Go.
    ///
    /// - Parameter text: for example `map[string][]byte`.
    /// - Throws: `GoMapError`, which says what was expected, and where.
    package init(parsing text: String) throws(GoMapError) {
        var parser = TypeParser(text)
        try parser.expect("map", orSay: "'map['")
        try parser.expect("[", orSay: "'['")
        parser.skipSpaces()
        let keyOffset = parser.offset
        let key = try parser.type()
        guard key.isKey else {
            throw .notAKeyType(text: text, offset: keyOffset, type: key.description)
        }
        try parser.expect("]", orSay: "']' after the key's type")
        let value = try parser.type()
        try parser.expectEnd()
        self.init(key: key, value: value)
    }

    package var description: String { "map[\(key)]\(value)" }
}
