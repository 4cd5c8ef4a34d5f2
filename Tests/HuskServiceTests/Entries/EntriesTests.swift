import Glibc
import HuskService
import TestSupport
import Testing

@Suite("/map/entries")
struct EntriesTests {
    @Test(
        "What is exported can be imported, and comes out the same",
        arguments: ["string", "[]byte", "[8]byte"])
    func roundTrip(valueType: String) throws {
        var lines: [String] = []
        try withHusk(type: "map[string]\(valueType)") { (server) throws in
            let client = try Client(port: server.port)
            for (key, value) in [
                ("plain", Array("text".utf8)), ("quote%22%5C%0A%00%1F", Array("\"\\\n\u{0}".utf8)),
                ("%E2%82%AC", Array("€𝄞".utf8)), ("%FF%FE", [0xFF, 0, 0x80]), ("", []),
            ] as [(String, [UInt8])] {
                #expect(try client.ask("PUT", "/map/keys/" + key, body: value).status == 201)
            }
            lines = try server.ask("GET", "/map/entries").text.split(separator: "\n").map(String.init)
                .sorted()
        }
        #expect(lines.count == 5)
        #expect(lines.contains { $0.contains(#""key":{"base64":"//4="}"#) })
        try withHusk(type: "map[string]\(valueType)") { (server) throws in
            let answer = try server.ask("POST", "/map/entries", body: lines.joined(separator: "\n"))
            #expect(answer.status == 200, "\(answer)")
            #expect(try answer.json()["inserted"] == 5)
            let again = try server.ask("GET", "/map/entries").text.split(separator: "\n").map(String.init)
                .sorted()
            #expect(again == lines)
        }
    }

    @Test("A hundred thousand entries come out once each, chunk by chunk, and go in again")
    func many() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            try server.post("/map/insert", #"{"count": 100000}"#)
            let answer = try server.ask("GET", "/map/entries")
            #expect(answer.header("Content-Type") == "application/x-ndjson")
            let keys = Set(answer.text.split(separator: "\n"))
            #expect(keys.count == 100_000)
            #expect(keys.contains(#"{"key":77777,"value":77777}"#))
            try server.post("/map/clear")
            let inserted = try Client(port: server.port).ask("POST", "/map/entries", body: answer.body)
            #expect(try inserted.json()["inserted"] == 100_000)
        }
    }

    @Test("A limit is kept, and a bad one is 400")
    func limits() throws {
        try withHusk { (server) throws in
            try server.post("/map/insert", #"{"count": 100}"#)
            for limit in [0, 1, 99, 100, 1_000] {
                let lines = try server.ask("GET", "/map/entries?limit=\(limit)").text.split(separator: "\n")
                #expect(lines.count == min(limit, 100))
            }
            for limit in ["-1", "x", "1.5", "", "1000000001", "99999999999999999999"] {
                try server.ask("GET", "/map/entries?limit=\(limit)").expectProblem(400, field: "limit")
            }
            try server.ask("GET", "/map/entries?limit=1&limit=2").expectProblem(400, field: "limit")
            let head = try Client(port: server.port).ask("HEAD", "/map/entries")
            #expect(head.status == 200)
            #expect(head.header("Content-Type") == "application/x-ndjson")
        }
    }

    @Test("Lines may end in CR LF, be empty, and the last one may lack its end")
    func lineEnds() throws {
        try withHusk { (server) throws in
            let body = "{\"key\":\"a\",\"value\":\"1\"}\r\n\n  \r\n{\"value\":\"2\",\"key\":\"b\"}"
            let answer = try server.ask("POST", "/map/entries", body: body)
            #expect(try answer.json()["inserted"] == 2)
            #expect(try server.ask("GET", "/map/keys/b").text == "2")
            #expect(try server.ask("POST", "/map/entries", body: "").json()["inserted"] == 0)
            #expect(try server.ask("POST", "/map/entries").json()["len"] == 2)
        }
    }

    @Test(
        "The first bad line stops it with 422, its number, and what was inserted before",
        arguments: [
            "{", "[]", "5", #"{"key":"x"}"#, #"{"value":"x"}"#, #"{"key":"x","value":"y","more":1}"#,
            #"{"key":"x","value":null}"#, #"{"key":1,"value":"y"}"#, #"{"key":"x","value":5}"#,
            #"{"key":"x","value":"\ud800"}"#, #"{"key":"x","key":"y","value":"z"}"#,
            #"{"key":"x","value":{"base64":"!"}}"#, #"{"key":"x","value":{"base64":"QQ="}}"#,
            #"{"key":"x","value":["y"]}"#,
        ])
    func badLine(line: String) throws {
        try withHusk { (server) throws in
            let good = #"{"key":"a","value":"1"}"# + "\n" + #"{"key":"a","value":"2"}"# + "\n\n"
            let answer = try server.ask(
                "POST", "/map/entries", body: good + line + "\n" + #"{"key":"b","value":"1"}"#)
            try answer.expectProblem(422)
            let problem = try answer.json()
            #expect(problem["line"] == 4 && problem["inserted"] == 1 && problem["updated"] == 1, "\(answer)")
            #expect(try server.ask("GET", "/map/keys/a").text == "2")
            #expect(try server.ask("GET", "/map/keys/b").status == 404)
        }
    }

    @Test("A line without end is 422, not memory without end")
    func endlessLine() throws {
        try withHusk { (server) throws in
            let client = try Client(port: server.port)
            try client.send(
                "POST /map/entries HTTP/1.1\r\nHost: test\r\nContent-Length: \(Limits.lineBytes + 1_000_000)\r\n\r\n"
            )
            try client.send([UInt8](repeating: UInt8(ascii: "x"), count: Limits.lineBytes + 1_000_000))
            let answer = try client.readAnswer()
            try answer.expectProblem(422)
            #expect(try answer.json()["line"] == 1)
        }
    }

    @Test("Numbers up to 64 bits are exact, and others are 422")
    func numbers() throws {
        try withHusk(type: "map[uint64]int64") { (server) throws in
            let body = #"{"key":18446744073709551615,"value":-9223372036854775808}"#
            #expect(try server.ask("POST", "/map/entries", body: body).status == 200)
            #expect(try server.ask("GET", "/map/entries").text == body + "\n")
            for bad in ["18446744073709551616", "-1", "1.5", "true", "\"1\""] {
                try server.ask("POST", "/map/entries", body: "{\"key\":\(bad),\"value\":1}").expectProblem(
                    422)
            }
        }
    }

    @Test("A client that stops in the middle of an import leaves what came before it")
    func stopsMidBody() throws {
        try withHusk { (server) throws in
            do {
                let client = try Client(port: server.port)
                let line = #"{"key":"a","value":"1"}"# + "\n"
                try client.send(
                    "POST /map/entries HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n\(line){\"key\":"
                )
                usleep(50_000)
            }
            let left = eventually { server.connectionCount == 0 }
            #expect(left)
            #expect(try server.ask("GET", "/map").json()["len"] == 1)
        }
    }

    @Test("An export goes on over the old map when another takes its place")
    func replacedMeanwhile() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            try server.post("/map/insert", #"{"count": 300000}"#)
            let client = try Client(port: server.port)
            try client.sendRequest("GET", "/map/entries")
            usleep(20_000)
            try server.post("/map/replace-with-fresh", #"{"type": "map[string]string"}"#)
            try server.post("/gc")
            #expect(try client.readAnswer().text.split(separator: "\n").count == 300_000)
        }
    }
}
