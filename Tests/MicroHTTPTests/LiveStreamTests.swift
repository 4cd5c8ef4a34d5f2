import Glibc
import MicroHTTP
import TestSupport
import Testing

/// Answers without an end of their own, whose writer never waits.
@Suite struct LiveStreamTests {
    @Test func isHeldToNoRateWhileItLives() throws {
        let service = TestService()
        try withServer(service, configuration({ $0.windowSeconds = 1 })) { server in
            let client = try Client(port: server.port)
            try client.send("GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(eventually { service.unwritten.withLock { $0.count } == 1 })
            let body = service.unwritten.withLock { $0[0] }
            for _ in 0..<25 {
                #expect(body.offer(Array("tick\n".utf8)))
                usleep(100_000)
            }
            body.finish()
            #expect(try client.readAnswer().body.count == 25 * 5)
        }
    }

    @Test func writerIsToldThatThereIsNoRoomAndTheLastWordsComeAllTheSame() throws {
        let service = TestService()
        try withServer(service, configuration({ $0.windowSeconds = 60 })) { server in
            let client = try Client(port: server.port, receiveBufferBytes: 4096)
            try client.send("GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(eventually { service.unwritten.withLock { $0.count } == 1 })
            let body = service.unwritten.withLock { $0[0] }
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1000)
            var taken = 0
            // What the kernel keeps for a client that does not read is bounded.
            #expect(
                eventually {
                    if !body.offer(piece) { return body.progress.waitingBytes > 3000 }
                    taken += 1
                    return false
                })
            #expect(taken < 1000)
            usleep(100_000)
            while body.offer(piece) { taken += 1 }
            body.finish(behind: Array("the end".utf8))
            let answer = try client.readAnswer()
            #expect(answer.body.count == taken * 1000 + 7 && answer.text.hasSuffix("xthe end"))
        }
    }

    @Test func oneThatIsFinishedAndNotTakenEndsAsOthersDo() throws {
        let service = TestService()
        try withServer(service, configuration({ $0.windowSeconds = 1 })) { server in
            let client = try Client(port: server.port, receiveBufferBytes: 4096)
            try client.send("GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(eventually { service.unwritten.withLock { $0.count } == 1 })
            let body = service.unwritten.withLock { $0[0] }
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1000)
            #expect(eventually { !body.offer(piece) && body.progress.waitingBytes > 3000 })
            sleep(3)
            #expect(!body.isClosed)
            body.finish()
            #expect(eventually { body.isClosed })
            #expect(eventually { server.connectionCount == 0 })
        }
    }

    @Test func clientThatIsGoneIsTold() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            try client.send("GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(eventually { service.unwritten.withLock { $0.count } == 1 })
            let body = service.unwritten.withLock { $0[0] }
            client.close()
            #expect(
                eventually {
                    _ = body.offer([1])
                    return body.progress.isClosed
                })
            #expect(!body.offer([1]))
        }
    }
}
