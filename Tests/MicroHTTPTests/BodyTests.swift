// Request bodies: chunked, too large, slow, cut short, and read as a stream.

import Glibc
import MicroHTTP
import TestSupport
import Testing

@Suite struct BodyTests {
    @Test func chunkedBodyIsCollectedWhole() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            let response = try client.exchange(
                "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
                    + "5\r\nhello\r\n1;extension=1\r\n,\r\n6\r\n world\r\n0\r\nTrailer: 1\r\n\r\n")
            #expect(response.text == "hello, world")
            // Where the library ends such a body is not certain, so it is the last of its connection.
            #expect(response.header("Connection") == "close")
            #expect(try client.isClosedByServer())
        }
    }

    @Test func chunkedBodyThatGrowsOverTheLimitIs413AtOnce() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            // The last chunk never comes, and must not be waited for.
            let response = try client.exchange(
                "PUT /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n5\r\nghijk\r\n"
            )
            #expect(response.status == 413 && response.header("Content-Type") == "application/problem+json")
            #expect(response.text.contains("10 bytes"))
            #expect(try client.isClosedByServer())
        }
    }

    @Test func bodyOfExactlyTheLimitIsTaken() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            let declared = try client.exchange(
                "PUT /small HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789")
            let chunked = try client.exchange(
                "PUT /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"
            )
            #expect(declared.status == 404 && chunked.status == 404)
        }
    }

    @Test func refusalReachesAClientThatSendsItsWholeBodyFirst() throws {
        try withServer { server in
            for _ in 0..<20 {
                let client = try Client(port: server.port)
                try client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n")
                try client.send([UInt8](repeating: 65, count: 4_000_000))
                #expect(try client.readAnswer().status == 413)
            }
        }
    }

    @Test func expectContinueIsAnsweredBeforeTheBodyIsSent() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            let head = "Host: x\r\nExpect: 100-continue\r\nContent-Length: "
            let refused = try client.exchange("PUT /echo HTTP/1.1\r\n\(head)99999999\r\n\r\n")
            #expect(refused.status == 413)
            let other = try Client(port: server.port)
            try other.send("PUT /echo HTTP/1.1\r\n\(head)4\r\n\r\n")
            #expect(try other.receive())
            try other.send("body")
            #expect(try other.readAnswer().text == "body")
        }
    }

    @Test func clientThatStopsMidBodyIsForgotten() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            try client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
            usleep(20_000)
            client.close()
            #expect(eventually { server.connectionCount == 0 })
            #expect(eventually { service.exchanges.withLock { $0.count } == 1 })
            let exchange = service.exchanges.withLock { $0[0] }
            #expect(exchange.status == 0 && !exchange.isComplete && exchange.requestBodyBytes == 4)
        }
    }

    @Test func silentClientIsTimedOut() throws {
        try withServer(TestService(), configuration({ $0.timeoutSeconds = 1 })) { server in
            let midBody = try Client(port: server.port)
            try midBody.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
            let silent = try Client(port: server.port)
            #expect(try silent.isClosedByServer())
            #expect(try midBody.readAnswer().status == 408)
            #expect(try midBody.isClosedByServer())
            #expect(eventually { server.connectionCount == 0 })
        }
    }

    @Test func streamedBodyIsReadInPiecesWhileItComes() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            // Far more than the stream's buffer, so that the connection is suspended and resumed on the way.
            for isChunked in [false, true] {
                let pieceBytes = 100_000
                let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(pieceBytes * 20)"
                try client.send("POST /upload HTTP/1.1\r\nHost: x\r\n\(framing)\r\n\r\n")
                for _ in 0..<20 {
                    let piece = String(repeating: "x", count: pieceBytes)
                    try client.send(isChunked ? String(pieceBytes, radix: 16) + "\r\n\(piece)\r\n" : piece)
                }
                if isChunked { try client.send("0\r\n\r\n") }
                #expect(try client.readAnswer().text == "2000000")
            }
        }
    }

    @Test func streamReaderMayAnswerEarlyAndTheConnectionGoesOn() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            try client.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nfirst!")
            #expect(eventually { service.events.withLock { $0 } == ["answered early"] })
            try client.send([UInt8](repeating: 65, count: 1_000_000 - 6))
            #expect(try client.readAnswer().status == 422)
            #expect(try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").text == "hello")
        }
    }

    @Test func streamedBodyOverItsLimitEndsTheReader() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            try client.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n")
            try client.send([UInt8](repeating: 65, count: 9_000_000))
            #expect(try client.readAnswer().status == 413)
        }
    }

    @Test func streamReaderIsToldOfAClientThatHangsUp() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            try client.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nhalf")
            usleep(20_000)
            client.close()
            #expect(eventually { service.events.withLock { $0 } == ["reader saw clientGone"] })
        }
    }
}
