import GoMap
import Testing

@Suite struct TypeSyntaxTests {
    @Test(
        "A type is printed as it is read",
        arguments: [
            "map[string][]byte", "map[int]int", "map[int32]*int32", "map[uint64]struct{}",
            "map[[16]byte]*[]byte",
            "map[int64]bool", "map[uint32]uint8", "map[[0]byte][65536]byte", "map[string]*struct{}",
        ])
    func roundTrip(text: String) throws {
        #expect(try MapTypeName(parsing: text).description == text)
    }

    @Test("Spaces between tokens and the name byte are Go's too")
    func lenient() throws {
        #expect(try MapTypeName(parsing: " map[ string ] []uint8 ").description == "map[string][]byte")
        #expect(try MapTypeName(parsing: "map[[4]uint8]byte").description == "map[[4]byte]uint8")
        #expect(try MapTypeName(parsing: "map[int]* struct{ }").description == "map[int]*struct{}")
    }

    @Test(
        "What is wrong with a type is said with what was expected and where",
        arguments: [
            ("", 0, "'map['"), ("int", 0, "'map['"), ("map", 3, "'['"), ("map[", 4, "a type: "),
            ("map[int", 7, "']' after the key's type"), ("map[int]", 8, "a type: "),
            ("map[int]float64", 8, "a type: "),
            ("map[int]int64x", 8, "a type: "), ("map[int]int int", 12, "the end"),
            ("map[int]**int", 9, "not itself"),
            ("map[int]struct{int}", 15, "'}'"), ("map[int][4]int", 11, "'byte'"),
            ("map[int][-1]byte", 9, "']' or"),
            ("map[int][04]byte", 9, "leading 0"), ("map[int]map[int]int", 8, "a type: "),
            ("map[int][4 x]byte", 11, "']'"),
        ])
    func syntaxErrors(text: String, offset: Int, expected: String) {
        #expect {
            try MapTypeName(parsing: text)
        } throws: { error in
            guard case .syntax(text, offset, let found)? = error as? GoMapError else { return false }
            return found.contains(expected) && "\(error)".contains("byte \(offset)")
        }
    }

    @Test(
        "A type that cannot be a key is refused by name",
        arguments: ["bool", "uint8", "struct{}", "[]byte", "*int", "*string"])
    func keyTypes(key: String) {
        #expect(throws: GoMapError.notAKeyType(text: "map[\(key)]int", offset: 4, type: key)) {
            try MapTypeName(parsing: "map[\(key)]int")
        }
    }

    @Test("An array has a limit")
    func arrayLimit() throws {
        #expect(try GoType(parsing: "[65536]byte") == .array(65_536))
        for count in ["65537", "99999999999999999999"] {
            #expect(throws: GoMapError.arrayTooLong(text: "[\(count)]byte", offset: 1, limit: 65_536)) {
                try GoType(parsing: "[\(count)]byte")
            }
        }
    }
}
