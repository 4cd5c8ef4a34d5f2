// Go's own syntax for the types, read and written: `[]byte`.

extension GoType: CustomStringConvertible {
    package var description: String {
        switch self {
        case .int: "int"
        case .int32: "int32"
        case .int64: "int64"
        case .uint32: "uint32"
        case .uint64: "uint64"
        case .uint8: "uint8"
        case .bool: "bool"
        case .emptyStruct: "struct{}"
        case .string: "string"
        case .bytes: "[]byte"
        case .array(let count): "[\(count)]byte"
        case .pointer(let pointee): "*\(pointee)"
        }
    }

    /// As in `an int`, `a string`.
    package var withArticle: String { description.hasPrefix("int") ? "an \(self)" : "a \(self)" }

    /// Reads the type of one key or value.
    ///
    /// - Throws: `GoMapError.syntax` or `.arrayTooLong`.
    package init(parsing text: String) throws(GoMapError) {
        var parser = TypeParser(text)
        self = try parser.type()
        try parser.expectEnd()
    }
}
