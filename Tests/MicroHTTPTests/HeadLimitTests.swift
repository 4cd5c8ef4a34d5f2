// How large a request's line and headers may be: at each limit to the byte, and at all of them at once.

import MicroHTTP
import TestSupport
import Testing

@Suite struct HeadLimitTests {
    /// A request whose head has exactly so many bytes and header lines (at least two), with a target of so many bytes.
    private func request(
        headBytes: Int, lines: Int, target: String = "/hello", method: String = "GET", further: String = ""
    ) -> String {
        let furtherLines = further.split(separator: "\r\n", omittingEmptySubsequences: true).count
        var head = "\(method) \(target) HTTP/1.1\r\nHost: x\r\n\(further)"
        for _ in 0..<(lines - 2 - furtherLines) { head += "a:\r\n" }
        let padding = headBytes - head.utf8.count - "X: \r\n\r\n".utf8.count
        return head + "X: \(String(repeating: "a", count: padding))\r\n\r\n"
    }

    private func target(bytes: Int) -> String { "/hello?" + String(repeating: "q", count: bytes - 7) }

    private func status(_ request: String, _ server: HTTPServer) throws -> Int {
        try Client(port: server.port).exchange(request).status
    }

    @Test("A head of its limit is served, and one of a byte more is 431", arguments: [2048, 8192, 32_768, 262_144])
    func headBytes(limitBytes: Int) throws {
        try withServer(TestService(), configuration { $0.headLimitBytes = limitBytes }) { (server) throws in
            #expect(try status(request(headBytes: limitBytes, lines: 2), server) == 200)
            #expect(try status(request(headBytes: limitBytes + 1, lines: 2), server) == 431)
        }
    }

    @Test("A target of its limit is served, and one of a byte more is 414", arguments: [2048, 8192, 32_768])
    func targetBytes(headLimitBytes: Int) throws {
        try withServer(TestService(), configuration { $0.headLimitBytes = headLimitBytes }) { (server) throws in
            let limitBytes = server.configuration.targetLimitBytes
            for (bytes, expected) in [(limitBytes, 200), (limitBytes + 1, 414)] {
                let request = request(headBytes: headLimitBytes, lines: 3, target: target(bytes: bytes))
                #expect(try status(request, server) == expected)
            }
        }
    }

    @Test("As many headers as may be are served, and one more is 431", arguments: [2048, 8192, 32_768])
    func headerLines(headLimitBytes: Int) throws {
        try withServer(TestService(), configuration { $0.headLimitBytes = headLimitBytes }) { (server) throws in
            let limit = server.configuration.headerLimit
            #expect(try status(request(headBytes: headLimitBytes, lines: limit), server) == 200)
            #expect(try status(request(headBytes: headLimitBytes / 2, lines: limit + 1), server) == 431)
        }
    }

    @Test("However far beyond its limit a head is, the client is told")
    func farBeyond() throws {
        try withServer { (server) throws in
            for bytes in stride(from: 8_200, through: 16_000, by: 100) {
                #expect(try status(request(headBytes: bytes, lines: 2), server) == 431)
                let long = request(headBytes: bytes, lines: 2, target: target(bytes: bytes - 100))
                let answered = try status(long, server)
                #expect(answered == 414 || answered == 431)
            }
        }
    }

    @Test("A head at all its limits leaves room for a body and for an answer, again and again")
    func everythingAtItsLimit() throws {
        try withServer { (server) throws in
            let client = try Client(port: server.port)
            for _ in 0..<3 {
                let get = try client.exchange(request(headBytes: 8192, lines: 64, target: target(bytes: 7_000)))
                #expect(get.text == "hello")
                let body = String(repeating: "b", count: 100_000)
                let echo = try client.exchange(
                    request(
                        headBytes: 8192, lines: 64, target: "/echo?" + target(bytes: 7_000), method: "PUT",
                        further: "Content-Length: \(body.utf8.count)\r\n") + body)
                #expect(echo.text == body)
                let stream = try client.exchange(
                    request(headBytes: 8192, lines: 64, target: "/stream?count=300"))
                #expect(stream.status == 200 && !stream.text.isEmpty)
            }
        }
    }
}
