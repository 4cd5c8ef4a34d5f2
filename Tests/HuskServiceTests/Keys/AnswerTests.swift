// Answers that one connection gets one after the other: each has its own bytes, length and headers.

import HuskService
import TestSupport
import Testing

@Suite struct AnswerTests {
    private static let origin = "http://page.example"

    @Test("Values of equal and of other lengths are answered each with its own bytes, over one connection")
    func oneAfterTheOther() throws {
        try withHusk(corsOrigins: [WebOrigin(parsing: Self.origin)].compactMap(\.self)) { (server) throws in
            let client = try Client(port: server.port)
            // Up to and beyond what is answered without allocating.
            let lengths = [0, 1, 16, 16, 511, 512, 513, 2_000, 16, 0]
            for (number, length) in lengths.enumerated() {
                let value = String(repeating: "\(number)", count: length)
                #expect(try client.ask("PUT", "/map/keys/\(number)", body: value).status == 201)
            }
            for round in 0..<3 {
                for (number, length) in lengths.enumerated() {
                    let headers = round == 1 ? ["Origin: \(Self.origin)"] : []
                    let answer = try client.ask("GET", "/map/keys/\(number)", headers: headers)
                    #expect(answer.text == String(repeating: "\(number)", count: length))
                    #expect(answer.header("Content-Length") == "\(length)")
                    #expect(answer.header("Content-Type") == "application/octet-stream")
                    let allowed = answer.header("Access-Control-Allow-Origin")
                    #expect(allowed == (round == 1 ? Self.origin : nil))
                }
            }
        }
    }

    @Test("A value as long as the last, but of another type, has its own Content-Type")
    func anotherType() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            let client = try Client(port: server.port)
            #expect(try client.ask("PUT", "/map/keys/1", body: "1234").status == 201)
            let number = try client.ask("GET", "/map/keys/1")
            #expect(number.text == "1234" && number.header("Content-Type") == "text/plain; charset=utf-8")
            try server.post("/map/replace-with-fresh", #"{"type": "map[int]string", "hint": 0}"#)
            #expect(try client.ask("PUT", "/map/keys/1", body: "abcd").status == 201)
            let text = try client.ask("GET", "/map/keys/1")
            #expect(text.text == "abcd" && text.header("Content-Type") == "application/octet-stream")
        }
    }
}
