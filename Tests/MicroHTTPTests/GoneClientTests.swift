// Clients that close, half or altogether, in the middle of something. The server's own timeout of 30 s is far longer than what
// `eventually` waits.

import Glibc
import MicroHTTP
import TestSupport
import Testing

@Suite(.serialized) struct GoneClientTests {
    private static let hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"

    /// The FIN comes with the last bytes often enough among so many.
    @Test(arguments: [
        "GET /hello HT", "GET /hello HTTP/1.1\r\nHo",
        "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
        "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
    ])
    func clientThatClosesGivesItsPlaceBack(sent: String) throws {
        try withServer { server in
            for _ in 0..<400 {
                let client = try Client(port: server.port)
                try client.send(sent)
                client.close()
            }
            #expect(eventually { server.connectionCount == 0 })
        }
    }

    @Test func clientThatHalfClosesIsAnsweredAndClosed() throws {
        try withServer { server in
            let clients = try (0..<300).map { _ in try Client(port: server.port) }
            for client in clients {
                try client.send(Self.hello)
                client.finishSending()
            }
            for client in clients {
                #expect(try client.readAnswer().text == "hello")
                #expect(try client.isClosedByServer())
            }
        }
    }

    @Test func placesOfClientsThatAreGoneGoToOthers() throws {
        try withServer(TestService(), configuration({ $0.connectionLimit = 50 })) { server in
            for _ in 0..<500 {
                let client = try Client(port: server.port)
                try client.send(
                    "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
                client.close()
            }
            #expect(try Client(port: server.port).exchange(Self.hello).text == "hello")
        }
    }

    @Test func halfClosedClientGetsTheAnswerOfASuspendedRequest() throws {
        let service = TestService()
        try withServer(service) { server in
            for (index, request) in [
                "GET /suspend HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST /suspend HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
                "POST /suspend HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                "GET /suspend HTTP/1.0\r\n\r\n",
            ].enumerated() {
                let client = try Client(port: server.port)
                try client.send(request)
                client.finishSending()
                #expect(eventually { service.suspended.withLock { $0.count } == index + 1 })
                let suspended = service.suspended.withLock { $0[index] }
                usleep(20_000)
                #expect(!suspended.clientHasHungUp)
                suspended.resume(with: Response(status: 200, contentType: .plainText, text: "late"))
                #expect(try client.readAnswer().text == "late")
                #expect(try client.isClosedByServer())
            }
            #expect(eventually { server.connectionCount == 0 })
        }
    }

    @Test func halfClosedClientIsTakenForAliveAsLongAsItDoesNotReset() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            try client.send("GET /suspend HTTP/1.1\r\nHost: x\r\n\r\n")
            client.finishSending()
            #expect(eventually { service.suspended.withLock { $0.count } == 1 })
            let suspended = service.suspended.withLock { $0[0] }
            // Until it has been sent the interim answer.
            #expect(eventually { suspended.clientHasHungUp || client.hasAnswer })
            usleep(20_000)
            #expect(!suspended.clientHasHungUp)
            suspended.resume(with: Response(status: 200, contentType: .plainText, text: "late"))
            #expect(try client.readAnswer().text == "late")
        }
    }

    @Test func resetIsAHangUp() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            try client.send("GET /suspend HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(eventually { service.suspended.withLock { $0.count } == 1 })
            client.reset()
            #expect(eventually { service.suspended.withLock { $0[0] }.clientHasHungUp })
        }
    }

    /// Nobody works on these requests, as it is with one that waits in a queue.
    @Test(arguments: [
        "GET /suspend HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
        "POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n\(String(repeating: "x", count: 99_000))",
        "GET /unwritten HTTP/1.1\r\nHost: x\r\n\r\n",
    ])
    func clientThatClosesWhileItsRequestIsSuspendedGivesItsPlaceBack(sent: String) throws {
        try withServer { server in
            var clients: [Client] = []
            for _ in 0..<20 {
                let client = try Client(port: server.port)
                try client.send(sent)
                clients.append(client)
            }
            #expect(eventually { server.connectionCount == 20 })
            for client in clients { client.close() }
            #expect(eventually { server.connectionCount == 0 })
        }
    }

    @Test(arguments: [false, true])
    func halfClosedClientGetsTheAnswerToAStreamedBody(isChunked: Bool) throws {
        try withServer { server in
            for _ in 0..<20 {
                let client = try Client(port: server.port)
                let piece = String(repeating: "x", count: 10_000)
                let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 300000"
                try client.send("POST /upload HTTP/1.1\r\nHost: x\r\n\(framing)\r\n\r\n")
                let body = String(repeating: isChunked ? "2710\r\n\(piece)\r\n" : piece, count: 30)
                try client.send(body + (isChunked ? "0\r\n\r\n" : ""))
                client.finishSending()
                #expect(try client.readAnswer().text == "300000")
                #expect(try client.isClosedByServer())
            }
        }
    }

    @Test func halfClosedClientGetsAStreamedAnswerWhole() throws {
        try withServer { server in
            let client = try Client(port: server.port, receiveBufferBytes: 4096)
            try client.send("GET /stream?lines=100000 HTTP/1.1\r\nHost: x\r\n\r\n")
            client.finishSending()
            #expect(try client.readAnswer().text.hasSuffix("line 99999\n"))
            #expect(try client.isClosedByServer())
        }
    }
}
