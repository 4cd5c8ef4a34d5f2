import HuskService
import Testing

/// What RFC 8259 takes and refuses, case by case, in the order of its grammar; after the kinds of case that the public
/// JSONTestSuite has. Bytes that no Swift string can hold are spelt out.
@Suite("JSON, case by case")
struct JSONConformanceTests {
    private func isTaken(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            do throws(JSONError) { _ = try JSONParser.parse(bytes) } catch { return false }
            return true
        }
    }

    private func check(_ texts: [String], areTaken expected: Bool) {
        for text in texts { #expect(isTaken(Array(text.utf8)) == expected, "\(text.debugDescription)") }
    }

    private func check(_ texts: [[UInt8]], areTaken expected: Bool) {
        for bytes in texts { #expect(isTaken(bytes) == expected, "\(bytes)") }
    }

    @Test("Arrays that are JSON")
    func arrays() {
        check(
            [
                "[]", "[[]]", "[[]   ]", "[\"\"]", "[1, null, 2, \"3\"]", "[null]", "[false]", " [1]", "[2] ",
                "[1\n]",
                "[null, 1, \"1\", {}]", "[\n]", "[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n]", "[\"a\",{\"b\":[true]}]",
            ], areTaken: true)
    }

    @Test("Arrays that are not")
    func brokenArrays() {
        check(
            [
                "[1 true]", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[\"x\",,]", "[\"x\"]]", "[\"\",]",
                "[\"x\"",
                "[x", "[3[4]]", "[:1]", "[1:2]", "[,]", "[-]", "[   , \"\"]", "[\"a\",\n4\n,1,", "[1,]",
                "[1,,]",
                "[\"\u{B}a\"\\f]", "[*]", "[\"\"", "[1,", "[1,\n1\n,1", "[{}", "[1\u{2060}]", "[\\a]", "]",
                "[[]",
                "[][]", "[1]x", "[1,\u{A0}2]", "[#]", "[<null>]", "[&]", "['a']", "[a]", "[“a”]",
            ], areTaken: false)
    }

    @Test("Numbers that are JSON")
    func numbers() {
        check(
            [
                "[123e65]", "[0e+1]", "[0e1]", "[ 4]",
                "[-0.000000000000000000000000000000000000000000000000000001]",
                "[20e1]", "[-0]", "[-123]", "[-1]", "[-0.0]", "[1E22]", "[1E-2]", "[1E+2]", "[123e45]",
                "[123.456e78]",
                "[1e-2]", "[1e+2]", "[123]", "[123.456789]", "[0]", "[0.1]", "[0.0e0]", "-1", "42", "0",
                // Beyond what a double holds, and beyond what 64 bits hold: numbers all the same.
                "[1e400]", "[-1e400]", "[1e-400]",
                "[0.4e006699999999999999999999999999999999999999999999999999]",
                "[100000000000000000000]", "[-100000000000000000000]", "[-123123e100000]",
                "[123123123123123123123123]",
            ], areTaken: true)
    }

    @Test("Numbers that are not")
    func brokenNumbers() {
        check(
            [
                "[-01]", "[-1.0.]", "[-2.]", "[-NaN]", "[-foo]", "[.-1]", "[.2e-3]", "[0.1.2]", "[0.3e+]",
                "[0.3e]",
                "[0.e1]", "[0E+]", "[0E]", "[0e+]", "[0e]", "[1.0e+]", "[1.0e-]", "[1.0e]", "[1 000.0]",
                "[1eE2]",
                "[2.e+3]", "[2.e-3]", "[2.e3]", "[9.e+]", "[Inf]", "[NaN]", "[Infinity]", "[-Infinity]",
                "[+1]",
                "[++1234]", "[+Inf]", "[1+2]", "[0x1]", "[0x42]", "[0xFF]", "[--1]", "[- 1]", "[-012]",
                "[-.123]",
                "[-1x]", "[1ea]", "[1.]", "[1a]", "[.123]", "[1.8011670033376514H-308]", "[1.2a-3]", "[012]",
                "[00]",
                "[0 1]", "[01]", "[\u{FF11}]", "[1_000]", "[1,000.]", "[0b1]", "[0o7]", "[1e1.5]", "[1f]",
                "[1L]", "[-]",
                "1.", ".1", "-", "+", "e1", "1e", "\u{0661}",
            ], areTaken: false)
        check(
            [[0x5B, 0x31, 0xE5, 0x5D], [0x5B, 0x30, 0xE5, 0x5D], [0x5B, 0x31, 0x65, 0x31, 0xE5, 0x5D]],
            areTaken: false)
    }

    @Test("Objects that are JSON")
    func objects() {
        check(
            [
                "{}", "{\"\":0}", "{\"a\":[]}", "{\"a\":{}}", "{\"asd\":\"sdf\"}",
                "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}",
                "{\"foo\\u0000bar\": 42}", "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }", "{\n\"a\": \"b\"\n}",
                "{\"x\":[{\"id\": \"xxx\"}], \"id\": \"xxx\"}", "{\"title\":\"\\u041f\\u043e\\u043b\"}",
                "{\"钥\":\"值\"}",
            ], areTaken: true)
    }

    @Test("Objects that are not")
    func brokenObjects() {
        check(
            [
                "[\"x\", truth]", "{[: \"x\"}", "{\"x\", null}", "{\"x\"::\"b\"}", "{🇨🇭}", "{\"a\":\"a\" 123}",
                "{key: 'value'}",
                "{\"a\" b}", "{:\"b\"}", "{\"a\" \"b\"}", "{\"a\":", "{\"a\"", "{1:1}", "{9999E9999:1}",
                "{null:null,null:null}",
                "{\"id\":0,,,,,}", "{'a':0}", "{\"id\":0,}", "{\"a\":\"b\"}/**/", "{\"a\":\"b\"}/**//",
                "{\"a\":\"b\"}//",
                "{\"a\":\"b\"}/", "{\"a\":\"b\",,\"c\":\"d\"}", "{a: \"b\"}", "{\"a\":\"a",
                "{ \"foo\" : \"bar\", \"a\" }",
                "{\"a\":\"b\"}#", "{\"a\":1 \"b\":2}", "{\"a\":true:false}", "{true:1}", "{[]:1}", "{{}:1}",
                "{,}", "{\"a\"}",
                "{\"a\":}", "}", "{}}", "{\"a\":1}{", "{\"a\"=1}", "{\"a\":1;}", "{(\"a\":1)}",
            ], areTaken: false)
    }

    /// RFC 8259 leaves it to the reader. Here it is refused: which of two values is meant, nobody can tell.
    @Test("A name that comes twice is refused")
    func repeatedNames() {
        check(
            ["{\"a\":\"b\",\"a\":\"c\"}", "{\"a\":\"b\",\"a\":\"b\"}", "{\"a\":1,\"\\u0061\":2}"],
            areTaken: false)
    }

    @Test("Strings that are JSON")
    func strings() {
        check(
            [
                "[\"\\u0060\\u012a\\u12AB\"]", "[\"\\uD801\\udc37\"]", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]",
                "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\\u0000\"]", "[\"\\\"\"]", "[\"a/*b*/c/*d//e\"]",
                "[\"\\\\a\"]",
                "[\"\\\\n\"]", "[\"\\u0012\"]", "[\"\\uFFFF\"]", "[\"asd\"]", "[ \"asd\"]",
                "[\"\\uDBFF\\uDFFF\"]",
                "[\"new\\u00A0line\"]", "[\"\u{10FFFF}\"]", "[\"\u{FFFF}\"]", "[\"\\u0000\"]",
                "[\"\\u002c\"]", "[\"π\"]",
                "[\"\u{1BFFF}\"]", "[\"asd \"]", "\" \"", "[\"\\uD834\\uDd1e\"]", "[\"\\u0821\"]",
                "[\"\\u0123\"]",
                "[\"\u{2028}\"]", "[\"\u{2029}\"]", "[\"\\u0061\\u30af\\u30EA\\u30b9\"]", "[\"\u{7F}\"]",
                "[\"\\uA66D\"]", "[\"⍂㈴⍂\"]", "[\"\\u005C\"]", "[\"\\u0022\"]", "[\"\\u200B\"]",
                "[\"\\u2064\"]",
                "[\"\\uFDD0\"]", "[\"\\uFFFE\"]", "[\"\\uDBFF\\uDFFE\"]", "[\"a\u{7F}a\"]", "\"\"",
                "[\"\u{E000}\"]",
            ], areTaken: true)
    }

    @Test("Strings that are not")
    func brokenStrings() {
        check(
            [
                "[\"\\uD800\\\"]", "[\"\\uD800\\u\"]", "[\"\\uD800\\u1\"]", "[\"\\uD800\\u1x\"]", "[é]",
                "[\"\\x00\"]",
                "[\"\\\\\\\"]", "[\"\\\t\"]", "[\"\\🌀\"]", "[\"\\\"]", "[\"\\u00A\"]", "[\"\\uD834\\uDd\"]",
                "[\"\\uD800\\uD800\\x\"]", "[\"\\a\"]", "[\"\\uqqqq\"]", "[\\u0020\"asd\"]", "[\\n]", "\"",
                "['single quote']",
                "abc", "[\"\\", "[\"a\u{0}a\"]", "[\"new\nline\"]", "[\"\t\"]", "\"\\UA66D\"", "\"\"x",
                "[\"\\u{41}\"]",
                "[\"\\v\"]", "[\"\\0\"]", "[\"\\'\"]", "[\"\u{1F}\"]", "[\"\\u+123\"]", "[\"\\u-123\"]",
                "[\"\\u 123\"]",
                // Halves of surrogate pairs: no scalar, so no text.
                "[\"\\uDADA\"]", "[\"\\uD888\\u1234\"]", "[\"\\uD800\\n\"]", "[\"\\uDd1ea\"]",
                "[\"\\uD800\\uD800\\n\"]",
                "[\"\\ud800\"]", "[\"\\ud800abc\"]", "[\"\\uDd1e\\uD834\"]", "[\"\\uDFAA\"]",
            ], areTaken: false)
    }

    @Test("Bytes that are not UTF-8 are refused, wherever they stand")
    func encodings() {
        let quote = UInt8(ascii: "\"")
        let inStrings: [[UInt8]] = [
            [0xFF], [0xC0, 0xAF], [0xFC, 0x83, 0xBF, 0xBF, 0xBF, 0xBF], [0xFC, 0x80, 0x80, 0x80, 0x80, 0x80],
            [0xE0, 0xFF], [0x81], [0xE9], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF4, 0xBF, 0xBF, 0xBF],
            [0xF0, 0x9D, 0x84], [0xE5], [0xC3],
        ]
        check(inStrings.map { [0x5B, quote] + $0 + [quote, 0x5D] }, areTaken: false)
        check(
            [
                [0x5B, 0xFF, 0x5D], [0x7B, quote, 0xB9, quote, 0x3A, 0x30, 0x7D], [0xE5], [0x61, 0xE5],
                [0x5B, 0x61, 0xE5, 0x5D], [0x31, 0xE5], [0xEF, 0xBB, 0x7B, 0x7D],
                // A byte order mark, and UTF-16 in both orders.
                [0xEF, 0xBB, 0xBF, 0x7B, 0x7D], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE, 0x5B, 0, 0x5D, 0],
                [0xFE, 0xFF, 0, 0x5B],
                [0, 0x5B, 0, 0x5D],
            ], areTaken: false)
    }

    @Test("Words and white space")
    func wordsAndSpace() {
        check(["true", "false", "null", "[true]", " null ", "\t\n\r {}\r\n", "[ ]"], areTaken: true)
        check(
            [
                "", " ", "[fals]", "[nul]", "[tru]", "[True]", "[FALSE]", "[NULL]", "nul", "truefalse",
                "true false",
                "[\u{C}]", "[\u{B}]", "\u{C}[]", "[]\u{0}", "\u{0}", "\u{A0}", "\u{2060}", "\u{FEFF}[]",
                "[undefined]",
                "[None]", "tru", "nulll", "<.>", "*", "{\"a\":1}//", "/**/1", "1;", "([])", "`1`",
            ], areTaken: false)
    }

    @Test("Texts without an end")
    func unended() {
        check(
            [
                "[", "{", "[[", "{\"", "{\"a", "[{", "[{\"a\":[", "{\"a\":\"", "[\"", "[\"\\u", "[\"\\u00",
                "[\"a\\", "-",
                "[1", "[1.", "[1e", "[t", "{\"\":{\"\":{\"\":", "[{}", "[1,", "{\"a\":1,", "{\"a\":1, ",
            ], areTaken: false)
        for piece in ["[", "{\"\":", "[{\"\":"] {
            check([String(repeating: piece, count: 100_000)], areTaken: false)
        }
    }
}
