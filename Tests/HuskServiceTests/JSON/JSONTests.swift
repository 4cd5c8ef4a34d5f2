import HuskService
import HuskSystem
import Testing

@Suite("JSON")
struct JSONTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue { try parse(Array(text.utf8)) }

    private func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBytes { bytes in Result { () throws(JSONError) in try JSONParser.parse(bytes) } }
            .get()
    }

    @Test(
        "A number is the integer that it is, exactly",
        arguments: [
            ("0", 0), ("-0", 0), ("1e3", 1000), ("1000.000", 1000), ("0.001e6", 1000),
            ("9223372036854775807", Int.max),
            ("-9223372036854775808", Int.min), ("922337203685477580700e-2", Int.max),
            ("0e999999999999999999", 0),
        ])
    func integers(text: String, value: Int) throws {
        guard case .number(let number) = try parse(text) else {
            Issue.record("\(text) is not a number")
            return
        }
        #expect(number.int == value)
    }

    @Test("A fraction and a number beyond 64 bits are told apart")
    func others() throws {
        #expect(try parse("1.5") == .number(.fraction(1.5)))
        #expect(try parse("1e-400000000000000000000") == .number(.fraction(0)))
        #expect(try parse("1e20") == .number(.beyond64Bits))
        #expect(try parse("18446744073709551616") == .number(.beyond64Bits))
        #expect(try parse("18446744073709551615") == .number(.integer(isNegative: false, magnitude: .max)))
    }

    @Test("Strings are taken with their escapes resolved")
    func strings() throws {
        #expect(try parse(#""a\n\u0041\ud834\udd1e\/€""#) == .string(Array("a\nA𝄞/€".utf8)))
    }

    @Test(
        "What RFC 8259 does not allow is refused",
        arguments: [
            "", " ", "01", "-", "1.", ".5", "1e", "+1", "NaN", "Infinity", "nul", "True", "\"", "\"\\x\"",
            "\"\\u12\"", "\"\n\"",
            "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "[1,]", "{\"a\":1,}", "{a:1}", "[1 2]",
            "{\"a\" 1}", "1 2", "{\"a\":1,\"a\":2}",
            "//", "[", "{", "{\"a\"", "{\"a\":",
        ])
    func refused(text: String) { #expect(throws: JSONError.self) { try parse(text) } }

    @Test("Depth has a bound, well below the stack's")
    func depth() throws {
        let fits = JSONParser.depthLimit
        #expect(throws: Never.self) {
            try parse(String(repeating: "[", count: fits) + String(repeating: "]", count: fits))
        }
        #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test(
        "Bytes that are not UTF-8 are found where they are",
        arguments: [
            ([0x61, 0xFF], 1), ([0xC0, 0x80], 0), ([0xE0, 0x9F, 0x80], 0), ([0xED, 0xA0, 0x80], 0),
            ([0xF4, 0x90, 0x80, 0x80], 0),
            ([0x61, 0x62, 0xE2, 0x82], 2), ([0x80], 0), ([0xF8, 0x88, 0x80, 0x80, 0x80], 0),
        ] as [([UInt8], Int)])
    func badUTF8(bytes: [UInt8], offset: Int) {
        #expect(bytes.withUnsafeBytes { firstInvalidUTF8Offset($0) } == offset)
    }

    @Test("Every scalar is UTF-8")
    func everyScalar() {
        for code in stride(from: UInt32(0), through: 0x10FFFF, by: 61) {
            guard let scalar = Unicode.Scalar(code) else { continue }
            let bytes = Array(String(Character(scalar)).utf8)
            #expect(
                bytes.withUnsafeBytes { firstInvalidUTF8Offset($0) } == nil, "U+\(String(code, radix: 16))")
        }
    }

    /// Printed by Go 1.19's encoding/json.
    @Test(
        "Floats are printed as Go's encoding/json prints them",
        arguments: [
            (0.0, "0"), (1.0, "1"), (0.5, "0.5"), (3.90625, "3.90625"), (123456.789, "123456.789"),
            (0.000001, "0.000001"),
            (0.0000001, "1e-7"), (0.00000012345, "1.2345e-7"), (Double.leastNonzeroMagnitude, "5e-324"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"), (1.5e300, "1.5e+300"), (0.00012, "0.00012"), (-2.5, "-2.5"),
            (1e16, "10000000000000000"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (18446744073709551615.0, "18446744073709552000"),
        ])
    func floats(number: Double, text: String) { #expect(goFloatText(number) == text) }

    @Test("Base64 goes both ways, and only the one right spelling is taken")
    func base64() throws {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 200) }
            var buffer = ByteBuffer()
            bytes.withUnsafeBytes { buffer.appendBase64($0) }
            #expect(base64Decoded(Array(buffer.bytes)) == bytes)
        }
        for bad in ["A", "AA", "AAA", "A===", "====", "AB==", "AAB=", "AA=A", "AA\n=", "AAA-", "AA==AA=="] {
            #expect(base64Decoded(Array(bad.utf8)) == nil, "\(bad)")
        }
    }
}
