import HuskLab
import HuskService
import TestSupport
import Testing

@Suite("Plain lines of an import")
struct PlainEntryScannerTests {
    /// What the scanner makes of a line: the key, then the value.
    private func scan(_ line: [UInt8]) -> [JSONValue]? {
        line.withUnsafeBytes { bytes in
            PlainEntryScanner.scan(bytes).map { [value(of: $0.key), value(of: $0.value)] }
        }
    }

    private func value(of scalar: EntryScalar) -> JSONValue {
        switch scalar {
        case .integer(let integer):
            .number(.integer(isNegative: integer < 0, magnitude: UInt64(integer.magnitude)))
        case .boolean(let flag): .boolean(flag)
        case .bytes(let bytes): .string(Array(bytes))
        case .unsigned(let magnitude): .number(.integer(isNegative: false, magnitude: magnitude))
        case .empty: .object([])
        }
    }

    /// What the parser makes of a line that has a key and a value and nothing else; nil for any other.
    private func parse(_ line: [UInt8]) -> [JSONValue]? {
        let value = line.withUnsafeBytes { bytes in try? JSONParser.parse(bytes) }
        guard case .object(let members) = value, members.count == 2 else { return nil }
        return members.sorted { $0.name < $1.name }.map(\.value)
    }

    @Test(
        "A plain line is read by the scanner",
        arguments: [
            #"{"key":123,"value":"value-123"}"#, #"{"value":"value-123","key":123}"#,
            #"{"key":"k","value":"v"}"#,
            "  { \"key\" : -7 ,\t\"value\" : true } ", #"{"key":0,"value":false}"#, #"{"key":"","value":""}"#,
            #"{"key":"12345678","value":"123456789 with spaces"}"#, #"{"key":"钥匙","value":"naïve €𝄞"}"#,
            #"{"key":999999999999999999,"value":{}}"#, #"{"key":-0,"value":-999999999999999999}"#,
            "{\"key\":\"\u{7F}\",\"value\":\"1234567\u{7F}\"}",
        ])
    func plain(line: String) throws {
        let scanned = try #require(scan(Array(line.utf8)))
        #expect(scanned == parse(Array(line.utf8)))
    }

    @Test(
        "What is not plain is left to the parser",
        arguments: [
            "", " ", "{}", "{", #"{"key":1}"#, #"{"key":1,"key":2}"#, #"{"key":1,"value":2,}"#,
            #"{"key":1,"value":2"#,
            #"{"key":1,"value":2}x"#, #"{"key":01,"value":2}"#, #"{"key":-,"value":2}"#,
            #"{"key":1.0,"value":2}"#,
            #"{"key":1e3,"value":2}"#, #"{"key":1000000000000000000,"value":2}"#, #"{"key":"a\n","value":2}"#,
            #"{"key":"1234567\","value":2}"#, #"{"key":"a,"value":2}"#, #"{"key":null,"value":2}"#,
            #"{"key":[],"value":2}"#,
            #"{"key":{"base64":"AA=="},"value":2}"#, #"{"k\u0065y":1,"value":2}"#, #"{"Key":1,"value":2}"#,
            "[1,2]",
            #"{"key":tru,"value":2}"#, #"{"key" 1,"value":2}"#, #"{"key":1 "value":2}"#,
            "{\"key\":\"a\u{1F}bcdefghi\",\"value\":2}",
            #"{"key":1,"value":"no end}"#, #"{"key":1,"value":""#, #"{"key":1,"value":"a\u0000"}"#,
        ])
    func notPlain(line: String) { #expect(scan(Array(line.utf8)) == nil) }

    @Test("Whatever the scanner takes, the parser reads alike: 300,000 damaged lines")
    func agreesWithTheParser() {
        var random = SeededGenerator()
        let models = [
            #"{"key":123,"value":"value-123"}"#, #" {"value":"€ and 钥","key":"k12345678"} "#,
            #"{"key":-90,"value":true}"#,
            #"{"key":"a\"b","value":{"base64":"AAEC"}}"#, #"{"key":false,"value":{}}"#,
        ].map { Array($0.utf8) }
        let pieces = [
            "\"", "\\", "{", "}", ",", ":", "e", ".", "-", "0", "9", " ", "\t", "key", "value", "\"key\":",
            "true", "€",
        ].map { Array($0.utf8) }
        var takenCount = 0
        for _ in 0..<300_000 {
            var line = models.randomElement(using: &random)!
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let place = Int.random(in: 0..<line.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: line.remove(at: place)
                case 1: line[place] = UInt8.random(in: 0...255, using: &random)
                case 2: line.insert(contentsOf: pieces.randomElement(using: &random)!, at: place)
                default: line.swapAt(place, Int.random(in: 0..<line.count, using: &random))
                }
                if line.isEmpty { break }
            }
            guard let scanned = scan(line) else { continue }
            takenCount += 1
            #expect(scanned == parse(line), "\(String(decoding: line, as: UTF8.self)), seed \(random.seed)")
        }
        // Two in three models are plain, and one in three is not damaged at all.
        #expect(takenCount > 60_000)
    }
}
