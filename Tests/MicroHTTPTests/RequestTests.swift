// What a handler sees of a request, and percent-decoding.

import MicroHTTP
import TestSupport
import Testing

@Suite struct RequestTests {
    @Test func queryIsHandedOverRawAndInOrder() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            let response = try client.exchange(
                "PATCH /describe?a=1&b&c=&=d&a=%20+x&&e=f=g? HTTP/1.1\r\nHost: x\r\naccept: text/plain\r\n\r\n"
            )
            #expect(
                response.text == """
                    method patch
                    version http11
                    query a=1&b&c=&=d&a=%20+x&&e=f=g?
                    parameter a=1
                    parameter b without value
                    parameter c=
                    parameter =d
                    parameter a=%20+x
                    parameter e=f=g?
                    accept text/plain
                    """)
            let bare = try client.exchange("BREW /describe HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(bare.text == "method other\nversion http11\nquery none\naccept none")
            let empty = try client.exchange("OPTIONS /describe? HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(empty.text == "method options\nversion http11\nquery \naccept none")
        }
    }

    @Test func keysAreDecodedStrictly() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            func get(_ key: String) throws -> Answer {
                try client.exchange("GET /keys/\(key) HTTP/1.1\r\nHost: x\r\n\r\n")
            }
            #expect(try get("plain+key").text == "plain+key")
            #expect(try get("a%20b%2Fc").text == "a b/c")
            #expect(try get("%00%ff").body == [0, 255])
            #expect(try get("").body == [])
            for (key, offset) in [
                ("%", 0), ("ab%", 2), ("%2", 0), ("%zz", 0), ("a%2g", 1), ("%%41", 0), ("%e4%b8%a", 6),
            ] {
                let response = try get(key)
                #expect(response.status == 400 && response.text == "broken at \(offset)", "\(key)")
            }
        }
    }

    @Test func percentDecodingInPlaceAndIntoAnArrayAgree() throws {
        let raw = Array("%41bc%2525%7e".utf8)
        let decoded = try raw.withUnsafeBytes { try $0.percentDecoded() }
        #expect(decoded == Array("Abc%25~".utf8))
        var inPlace = raw
        let decodedBytes = try inPlace.withUnsafeMutableBytes {
            try UnsafeRawBufferPointer($0).percentDecode(into: $0)
        }
        #expect(Array(inPlace[..<decodedBytes]) == decoded)
    }

    @Test func everyMethodIsToldApart() {
        let spelled: [(String, MicroHTTP.Method)] = [
            ("GET", .get), ("HEAD", .head), ("PUT", .put), ("POST", .post), ("DELETE", .delete),
            ("PATCH", .patch),
            ("OPTIONS", .options), ("get", .other), ("GETS", .other), ("GE", .other), ("P", .other),
            ("TRACE", .other),
        ]
        for (text, method) in spelled { #expect(MicroHTTP.Method(text) == method, "\(text)") }
    }
}
