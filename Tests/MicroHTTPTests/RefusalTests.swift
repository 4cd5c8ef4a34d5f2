// Requests that must be refused: the smuggling forms and everything malformed, byte for byte over raw sockets.

import MicroHTTP
import TestSupport
import Testing

@Suite struct RefusalTests {
    struct Form: CustomTestStringConvertible, Sendable {
        var name: String
        var request: String
        var status = 400
        var testDescription: String { name }
    }

    static let forms: [Form] = [
        Form(name: "equal Content-Length twice", request: post("Content-Length: 5\r\nContent-Length: 5\r\n")),
        Form(name: "different Content-Length", request: post("Content-Length: 5\r\nContent-Length: 6\r\n")),
        Form(
            name: "Content-Length twice in another case",
            request: post("Content-Length: 5\r\ncONTENT-lENGTH: 0\r\n")),
        Form(name: "Content-Length as a list", request: post("Content-Length: 5, 5\r\n")),
        Form(name: "Content-Length with plus", request: post("Content-Length: +5\r\n")),
        Form(name: "Content-Length with minus", request: post("Content-Length: -5\r\n")),
        Form(name: "Content-Length in hexadecimal", request: post("Content-Length: 0x5\r\n")),
        Form(name: "Content-Length empty", request: post("Content-Length:\r\n")),
        Form(name: "Content-Length with trailing letter", request: post("Content-Length: 5a\r\n")),
        Form(
            name: "Content-Length then Transfer-Encoding",
            request: post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")),
        Form(
            name: "Transfer-Encoding then Content-Length",
            request: post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")),
        Form(
            name: "bad Content-Length beside Transfer-Encoding",
            request: post("Transfer-Encoding: chunked\r\nContent-Length: x\r\n")),
        Form(name: "Transfer-Encoding gzip", request: post("Transfer-Encoding: gzip\r\n")),
        Form(name: "Transfer-Encoding gzip, chunked", request: post("Transfer-Encoding: gzip, chunked\r\n")),
        Form(
            name: "Transfer-Encoding chunked, identity",
            request: post("Transfer-Encoding: chunked, identity\r\n")),
        Form(
            name: "Transfer-Encoding twice",
            request: post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")),
        Form(name: "Transfer-Encoding xchunked", request: post("Transfer-Encoding: xchunked\r\n")),
        Form(
            name: "Transfer-Encoding with vertical tab", request: post("Transfer-Encoding: \u{0b}chunked\r\n")
        ),
        Form(name: "Transfer-Encoding empty", request: post("Transfer-Encoding:\r\n")),
        Form(
            name: "Transfer-Encoding on HTTP/1.0",
            request: "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Form(name: "space before the colon", request: post("Content-Length : 5\r\n")),
        Form(name: "tab before the colon", request: post("Transfer-Encoding\t: chunked\r\n")),
        Form(name: "no Host", request: "GET /hello HTTP/1.1\r\nAccept: */*\r\n\r\n"),
        Form(name: "no headers at all", request: "GET /hello HTTP/1.1\r\n\r\n"),
        Form(name: "two Hosts", request: "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        Form(name: "NUL in a value", request: get("X: a\0b\r\n")),
        Form(name: "NUL in Host", request: "GET /hello HTTP/1.1\r\nHost: a\0b\r\n\r\n"),
        Form(name: "NUL in a name", request: get("X\0Y: a\r\n")),
        Form(name: "NUL at the end of the last value", request: get("X: a\0\r\n")),
        Form(name: "bare CR in a value", request: get("X: a\rContent-Length: 5\r\n")),
        Form(name: "bare CR in a name", request: get("X\rY: a\r\n")),
        Form(name: "bare LF between headers", request: get("X: a\nContent-Length: 5\r\n")),
        Form(name: "folded header", request: get("X: a\r\n b\r\n")),
        Form(name: "folded Content-Length", request: post("Content-Length:\r\n 5\r\n")),
        Form(name: "header without colon", request: get("Nonsense\r\n")),
        Form(name: "header without name", request: get(": value\r\n")),
        Form(name: "control character in a value", request: get("X: a\u{01}b\r\n")),
        Form(name: "brackets in a name", request: get("X[1]: a\r\n")),
        Form(name: "space in the target", request: "GET /hel lo HTTP/1.1\r\nHost: x\r\n\r\n"),
        Form(name: "NUL in the target", request: "GET /hel\0lo HTTP/1.1\r\nHost: x\r\n\r\n"),
        Form(name: "bare CR in the target", request: "GET /hel\rlo HTTP/1.1\r\nHost: x\r\n\r\n"),
        Form(name: "tab in the target", request: "GET /hel\tlo HTTP/1.1\r\nHost: x\r\n\r\n"),
        Form(name: "target without a slash", request: "GET hello HTTP/1.1\r\nHost: x\r\n\r\n"),
        Form(name: "HTTP/2.0", request: "GET /hello HTTP/2.0\r\nHost: x\r\n\r\n"),
        Form(name: "HTTP/0.9 by name", request: "GET /hello HTTP/0.9\r\nHost: x\r\n\r\n"),
        Form(name: "lowercase version", request: "GET /hello http/1.1\r\nHost: x\r\n\r\n"),
        Form(name: "no version", request: "GET /hello\r\nHost: x\r\n\r\n"),
        Form(
            name: "broken chunk size",
            request: post("Transfer-Encoding: chunked\r\n", body: "zz\r\nabc\r\n0\r\n\r\n")),
        Form(
            name: "chunk longer than said",
            request: post("Transfer-Encoding: chunked\r\n", body: "2\r\nabcd\r\n0\r\n\r\n")),
        Form(
            name: "negative chunk size",
            request: post("Transfer-Encoding: chunked\r\n", body: "-2\r\nab\r\n0\r\n\r\n")),
        Form(
            name: "target over its limit",
            request: "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: x\r\n\r\n", status: 414),
        Form(
            name: "target over all memory",
            request: "GET /\(String(repeating: "a", count: 40000)) HTTP/1.1\r\nHost: x\r\n\r\n", status: 414),
        Form(
            name: "headers over their limit", request: get("X: \(String(repeating: "a", count: 8_200))\r\n"),
            status: 431),
        Form(
            name: "headers over all memory", request: get("X: \(String(repeating: "a", count: 60_000))\r\n"),
            status: 431),
        Form(
            name: "declared body over the limit", request: post("Content-Length: 2000000\r\n", body: ""),
            status: 413),
        Form(
            name: "declared body beyond 64 bits", request: post("Content-Length: 99999999999999999999999\r\n")
        ),
    ]

    static func post(_ headers: String, body: String = "hello") -> String {
        "POST /echo HTTP/1.1\r\nHost: x\r\n\(headers)\r\n\(body)"
    }

    static func get(_ headers: String) -> String { "GET /hello HTTP/1.1\r\nHost: x\r\n\(headers)\r\n" }

    @Test(arguments: forms)
    func malformedRequestIsRefusedAndTheConnectionClosed(_ form: Form) throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            // What follows must never be answered: that would be the smuggled request.
            try client.send(form.request + "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
            let response = try client.readAnswer()
            #expect(response.status == form.status, "\(response)")
            #expect(response.header("Content-Type") == "application/problem+json", "\(response)")
            #expect(response.text.contains(#""status":\#(form.status)"#), "\(response)")
            #expect(response.header("Connection")?.lowercased() == "close", "\(response)")
            #expect(try client.isClosedByServer())
            // The server is as well as before.
            let next = try Client(port: server.port)
            #expect(try next.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").text == "hello")
        }
    }

    @Test func handlerMayRefuseABodyBeforeItComes() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            let response = try client.exchange(
                "PUT /forbidden HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
            #expect(response.status == 401 && response.text == "no")
            #expect(try client.isClosedByServer())
        }
    }

    @Test func unusualButCorrectRequestsAreServed() throws {
        try withServer { server in
            for request in [
                "GET /hello HTTP/1.1\r\nhost: x\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost:\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost: x\r\nX:\t a \r\nEmpty:\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
                "GET http://x/hello HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET HTTP://x/hello?a HTTP/1.1\r\nHost: x\r\n\r\n",
                "\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost: x\r\nX: \u{e9}\r\n\r\n",
                "GET /hello?a=b&c HTTP/1.1\r\nHost: x\r\nCookie: a=b; c=d\r\nAccept: */*\r\n\r\n",
            ] {
                let client = try Client(port: server.port)
                #expect(try client.exchange(request).text == "hello", "\(request)")
                #expect(
                    try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").text == "hello",
                    "\(request)")
            }
        }
    }
}
