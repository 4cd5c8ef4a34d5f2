// Clients that never fall silent for long, and never come to an end either; and those that take nothing of their answer.

import Glibc
import MicroHTTP
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct SlowClientTests {
    private static let hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"

    /// Sends `start`, and then a piece every tenth of a second until the server answers or closes; answers what it said.
    private func dribble(_ start: String, then piece: String, to server: HTTPServer) throws -> String {
        let client = try Client(port: server.port)
        try client.send(start)
        for _ in 0..<200 {
            if client.hasAnswer { return try client.readAnswer().head.prefix { $0 != "\r\n" }.description }
            do { try client.send(piece) } catch { return "closed" }
            usleep(100_000)
        }
        return "open"
    }

    @Test(arguments: [
        ("GET /hello HTTP/1.1\r\nHost: x\r\nX: ", "a"),
        ("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n", "a"),
        ("PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"),
        ("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n", "a"),
    ])
    func requestThatDribblesIs408(start: String, piece: String) throws {
        let configuration = configuration {
            $0.headTimeoutSeconds = 1
            $0.requestTimeoutSeconds = 1
            $0.windowSeconds = 1
        }
        try withServer(TestService(), configuration) { server in
            let answer = try dribble(start, then: piece, to: server)
            #expect(answer == "HTTP/1.1 408 Request Timeout")
            #expect(eventually { server.connectionCount == 0 })
        }
    }

    @Test(arguments: [("", "\r\n"), ("G", "E"), ("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n")])
    func connectionThatDribblesBeforeARequestIsClosed(start: String, piece: String) throws {
        try withServer(TestService(), configuration({ $0.headTimeoutSeconds = 1 })) { server in
            let client = try Client(port: server.port)
            if !start.isEmpty { try client.send(start) }
            let isClosed = eventually {
                usleep(100_000)
                return (try? client.send(piece)) == nil || server.connectionCount == 0
            }
            #expect(isClosed)
        }
    }

    @Test func idleConnectionIsNotASlowHead() throws {
        try withServer(TestService(), configuration({ $0.headTimeoutSeconds = 1 })) { server in
            let fresh = try Client(port: server.port)
            let used = try Client(port: server.port)
            #expect(try used.exchange(Self.hello).text == "hello")
            sleep(3)
            #expect(try fresh.exchange(Self.hello).text == "hello")
            #expect(try used.exchange(Self.hello).text == "hello")
        }
    }

    @Test(arguments: ["HTTP/1.1", "HTTP/1.0"])
    func answerThatIsNotTakenEndsWithAReset(version: String) throws {
        let service = TestService()
        try withServer(service, configuration({ $0.windowSeconds = 1 })) { server in
            let client = try Client(port: server.port, receiveBufferBytes: 4096)
            try client.send("GET /stream?lines=100000000 \(version)\r\nHost: x\r\n\r\n")
            #expect(eventually { service.events.withLock { $0 } == ["writer saw closed"] })
            // The end of the connection would be the end of a whole answer.
            #expect(throws: ClientFailure.self) { while try client.receive() {} }
        }
    }

    @Test func writerThatIsSlowDoesNotCostItsClientTheConnection() throws {
        try withServer(TestService(), configuration({ $0.windowSeconds = 1 })) { server in
            let client = try Client(port: server.port)
            try client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.readAnswer().text == "line\nline\nline\n")
        }
    }

    @Test func streamsThatStallEndSoonerWhenOthersWait() throws {
        let service = TestService()
        try withServer(service, configuration({ $0.windowSeconds = 60 })) { server in
            let stalled = try Client(port: server.port, receiveBufferBytes: 4096)
            try stalled.send("GET /stream?lines=100000000 HTTP/1.1\r\nHost: x\r\n\r\n")
            let half = try Client(port: server.port)
            try half.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nabc")
            sleep(2)
            #expect(server.connectionCount == 2)
            service.waiting.store(2, ordering: .relaxed)
            #expect(eventually { service.events.withLock { $0.count } == 2 })
            #expect(eventually { server.connectionCount == 0 })
        }
    }

    @Test func newClientTakesThePlaceOfASlowOneWhenNoneIsIdle() throws {
        let service = TestService()
        try withServer(service, configuration({ $0.connectionLimit = 4 })) { server in
            let waiting = try Client(port: server.port)
            try waiting.send("GET /suspend HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(eventually { service.suspended.withLock { $0.count } == 1 })
            let half = "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"
            let slow = try (0..<3).map { _ in
                let client = try Client(port: server.port)
                try client.send(half)
                usleep(20_000)
                return client
            }
            let client = try Client(port: server.port)
            #expect(try client.exchange(Self.hello).text == "hello")
            let refused = try slow[0].readAnswer()
            #expect(refused.status == 503 && refused.header("Retry-After") == "1")
            // The server works for this one.
            service.suspended.withLock { $0[0] }.resume(
                with: Response(status: 200, contentType: nil, text: "1"))
            #expect(try waiting.readAnswer().text == "1")
        }
    }
}
