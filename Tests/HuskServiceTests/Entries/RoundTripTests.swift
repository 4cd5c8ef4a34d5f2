import GoHeap
import GoMap
import HuskService
import TestSupport
import Testing

@Suite("What is exported can be imported")
struct RoundTripTests {
    private static let keys = [
        "int", "int32", "int64", "uint32", "uint64", "string", "[0]byte", "[5]byte", "[200]byte",
    ]
    private static let values = [
        "int", "int32", "int64", "uint32", "uint64", "uint8", "bool", "struct{}", "string", "[]byte", "[0]byte",
        "[16]byte", "[300]byte", "*int32", "*string", "*[]byte", "*bool", "*struct{}", "*[9]byte",
    ]

    /// A random value of a type as PUT takes it.
    private func text(_ type: String, _ random: inout SeededGenerator) -> [UInt8] {
        switch type.drop(while: { $0 == "*" }) {
        case "int", "int64":
            Array("\(Int64(truncatingIfNeeded: random.next()) >> Int64.random(in: 0..<64, using: &random))".utf8)
        case "int32": Array("\(Int32.random(in: .min ... .max, using: &random))".utf8)
        case "uint32": Array("\(UInt32.random(in: 0 ... .max, using: &random))".utf8)
        case "uint64": Array("\(random.next() >> UInt64.random(in: 0..<64, using: &random))".utf8)
        case "uint8": Array("\(UInt8.random(in: 0 ... .max, using: &random))".utf8)
        case "bool": Array(Bool.random(using: &random) ? "true".utf8 : "false".utf8)
        case "struct{}": []
        case let array where array.hasPrefix("[") && !array.hasPrefix("[]"):
            bytes(atMost: Int(array.dropFirst().prefix { $0 != "]" })!, &random)
        default: bytes(atMost: 60, &random)
        }
    }

    private func bytes(atMost limit: Int, _ random: inout SeededGenerator) -> [UInt8] {
        let count = Int.random(in: 0...limit, using: &random)
        let kinds: [ClosedRange<UInt8>] = [0...31, 0...255, 97...122, 32...127, 0...0]
        let range = kinds.randomElement(using: &random)!
        return (0..<count).map { _ in .random(in: range, using: &random) }
    }

    private func escaped(_ bytes: [UInt8]) -> String {
        bytes.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test("A map of any type is equal after its export was imported into a fresh map", arguments: keys)
    func anyType(keyType: String) throws {
        var random = SeededGenerator()
        for valueType in Self.values {
            try withHusk(type: "map[\(keyType)]\(valueType)") { (server) throws in
                let client = try Client(port: server.port)
                for _ in 0..<25 {
                    let target = "/map/keys/" + escaped(text(keyType, &random))
                    let answer = try client.ask("PUT", target, body: text(valueType, &random))
                    #expect(answer.status == 201 || answer.status == 204, "\(keyType) \(valueType): \(answer)")
                }
                let exported = try client.ask("GET", "/map/entries").body
                try server.post("/map/replace-with-fresh", #"{"layout": "swiss"}"#)
                let imported = try client.ask("POST", "/map/entries", body: exported)
                #expect(imported.status == 200, "map[\(keyType)]\(valueType): \(imported)")
                let again = try client.ask("GET", "/map/entries").body
                let lines = exported.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
                let linesAgain = again.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
                #expect(
                    lines.sorted() == linesAgain.sorted() && !lines.isEmpty,
                    "map[\(keyType)]\(valueType), seed \(random.seed)")
            }
        }
    }

    @Test("The longest key and value of any bytes go out and in", arguments: [0x00, 0x0A, 0x22, 0x61, 0xFF] as [UInt8])
    func longest(byte: UInt8) throws {
        try withHusk { (server) throws in
            let client = try Client(port: server.port)
            let value = [UInt8](repeating: byte, count: Limits.valueBytes)
            #expect(try client.ask("PUT", "/map/keys/k", body: value).status == 201)
            let exported = try client.ask("GET", "/map/entries").body
            // At most what base64 takes.
            #expect(exported.count < Limits.valueBytes / 3 * 4 + 100)
            try server.post("/map/clear")
            #expect(try client.ask("POST", "/map/entries", body: exported).status == 200)
            #expect(try client.ask("GET", "/map/keys/k").body == value)
        }
    }

    @Test("The longest key and value are taken even with every byte escaped, as the limit of a line says")
    func longestLine() throws {
        try withHusk { (server) throws in
            func escapes(_ count: Int) -> String { String(repeating: "\\u0001", count: count) }
            let line = #"{"key":"\#(escapes(Limits.keyBytes))","value":"\#(escapes(Limits.valueBytes))"}"#
            #expect(line.utf8.count <= Limits.lineBytes)
            #expect(try server.ask("POST", "/map/entries", body: line).status == 200)
            let exported = try Client(port: server.port).ask("GET", "/map/entries").body
            try server.post("/map/clear")
            #expect(try Client(port: server.port).ask("POST", "/map/entries", body: exported).status == 200)
        }
    }

    @Test("An import takes no longer values than PUT, and no longer keys than the longest array")
    func limits() throws {
        try withHusk { (server) throws in
            for (key, value) in [(1, Limits.valueBytes + 1), (Limits.keyBytes + 1, 1)] {
                let line =
                    #"{"key":"\#(String(repeating: "k", count: key))","value":"\#(String(repeating: "v", count: value))"}"#
                let answer = try server.ask("POST", "/map/entries", body: line)
                try answer.expectProblem(422)
                #expect(answer.text.contains("is longer than") && answer.body.count < 400)
            }
            #expect(try server.ask("GET", "/map").json()["len"] == 0)
        }
    }
}
