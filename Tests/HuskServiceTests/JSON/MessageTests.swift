import HuskService
import TestSupport
import Testing

private let long = String(repeating: "y", count: 3000)

/// What errors say, and how much of what was sent they repeat.
@Suite("Messages")
struct MessageTests {
    @Test("An int is an int, and anything else a something")
    func articles() throws {
        for (type, expected) in [
            ("map[int]int", "'x' is not an int: "), ("map[int32]int", "'x' is not an int32: "),
            ("map[uint64]int", "'x' is not a uint64: "),
        ] {
            try withHusk(type: type) { (server) throws in
                #expect(try server.ask("GET", "/map/keys/x").text.contains("the key " + expected))
                let line = try server.ask("POST", "/map/entries", body: #"{"key":"x","value":1}"#).text
                #expect(line.contains("the key " + expected.dropLast(2)), "\(line)")
            }
        }
        try withHusk(type: "map[int32]uint8") { (server) throws in
            let range = try server.ask("POST", "/map/insert", body: #"{"from": 2147483647, "count": 2}"#)
            #expect(range.text.contains("is not an int32"), "\(range)")
            #expect(try server.ask("PUT", "/map/keys/1", body: "256").text.contains("the value '256' is not a uint8"))
        }
        try withHusk(type: "map[[3]byte]int") { (server) throws in
            #expect(
                try server.ask("GET", "/map/keys/abcd").text.contains(
                    "the key of 4 bytes is not a [3]byte: expected at most 3"))
        }
    }

    @Test(
        "However long what was sent, 80 characters of it come back",
        arguments: [
            ("POST", "/map/replace-with-fresh", #"{"type": "\#(long)"}"#),
            ("POST", "/map/replace-with-fresh", #"{"type": "map[string]\#(long)"}"#),
            ("POST", "/map/replace-with-fresh", #"{"layout": "\#(long)"}"#),
            ("POST", "/map/insert", #"{"\#(long)": 1}"#), ("POST", "/map/insert", #"{"\#(long)": 1, "\#(long)": 1}"#),
            ("POST", "/map/insert", #"{"distribution": "\#(long)"}"#),
            ("POST", "/map/entries", #"{"key": 1, "value": 1, "\#(long)": 1}"#),
            ("POST", "/map/entries", #"{"key": 1, "value": 1, "value": 1, "\#(long)": 1, "\#(long)": 1}"#),
            ("POST", "/map/entries", #"{"key": "\#(long)", "value": 1}"#),
            ("PATCH", "/runtime", #"{"go": "\#(long)"}"#), ("PATCH", "/runtime", #"{"watchdog": {"\#(long)": 1}}"#),
            ("PATCH", "/runtime", #"{"forceGCPeriod": "\#(long)"}"#), ("GET", "/map?\(long)=1", nil),
            ("GET", "/memstats?fields=\(long)", nil), ("GET", "/map/entries?limit=\(long)", nil),
            ("GET", "/map/keys/\(long)", nil), ("PUT", "/map/keys/1", long), ("POST", "/scenarios/\(long)", nil),
            ("GET", "/\(long)", nil),
        ])
    func echo(method: String, target: String, body: String?) throws {
        try withHusk(type: "map[int]int") { (server) throws in
            let answer = try server.ask(method, target, body: body)
            #expect((400..<500).contains(answer.status))
            #expect(answer.text.split(whereSeparator: { $0 != "y" }).allSatisfy { $0.count <= 80 }, "\(answer)")
            #expect(answer.body.count < 600, "\(answer)")
        }
    }

    @Test("Lines that lost their line feeds, and lines that are packed, are told as what they are")
    func hints() throws {
        try withHusk { (server) throws in
            let joined = try server.ask(
                "POST", "/map/entries", body: #"{"key":"a","value":"1"}{"key":"b","value":"2"}"#)
            try joined.expectProblem(422)
            #expect(joined.text.contains("--data-binary"), "\(joined)")
            for other in [#"{"key":"a","value":"1"} x"#, #"{{"key":"a"}}"#, "{", #"{"key":"a","value":"1"}]"#] {
                #expect(try !server.ask("POST", "/map/entries", body: other).text.contains("--data-binary"), "\(other)")
            }
            let packed: [UInt8] = [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 3, 0xAB, 0x56, 0x0A, 0x4E]
            let answer = try Client(port: server.port).ask("POST", "/map/entries", body: packed)
            try answer.expectProblem(422)
            #expect(answer.text.contains("gzip, which is not supported"), "\(answer)")
        }
    }

    @Test("Without GOGC, all that collects is named")
    func gogcOff() throws {
        try withHusk { (server) throws in
            for limit in ["null", "268435456"] {
                let answer = try server.ask("PATCH", "/runtime", body: #"{"gogc": "off", "memoryLimit": \#(limit)}"#)
                #expect(answer.text.contains("POST /gc and POST /free-memory"), "\(answer)")
            }
        }
    }
}
