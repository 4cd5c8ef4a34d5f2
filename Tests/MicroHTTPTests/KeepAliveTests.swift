// Connections that carry more than one request, and the plain life of a request.

import MicroHTTP
import TestSupport
import Testing

@Suite struct KeepAliveTests {
    @Test func keepAliveServesManyRequestsOnOneConnection() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            for _ in 0..<200 {
                let response = try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(response.status == 200 && response.text == "hello")
                #expect(server.connectionCount == 1)
            }
            let put = try client.exchange("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody")
            #expect(put.text == "body")
            #expect(try client.exchange("GET /empty HTTP/1.1\r\nHost: x\r\n\r\n").status == 204)
        }
        #expect(service.exchanges.withLock { $0.count } == 202)
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            var requests = ""
            for index in 0..<50 {
                requests +=
                    "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: \(index.description.count)\r\n\r\n\(index)"
            }
            try client.send(requests)
            for index in 0..<50 { #expect(try client.readAnswer().text == "\(index)") }
        }
    }

    @Test func http10ConnectionIsClosedAfterOneAnswer() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            #expect(try client.exchange("GET /hello HTTP/1.0\r\n\r\n").text == "hello")
            #expect(try client.isClosedByServer())
        }
    }

    @Test func headAnswersAsGetWithoutBody() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            for _ in 0..<2 {
                try client.send("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n")
                let response = try client.readAnswer(hasBody: false)
                #expect(response.status == 200 && response.header("Content-Length") == "5")
            }
            #expect(try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").text == "hello")
        }
    }

    @Test func headOfAStreamEndsTheWriter() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            try client.send("HEAD /stream?lines=1000000 HTTP/1.1\r\nHost: x\r\n\r\n")
            let response = try client.readAnswer(hasBody: false)
            #expect(response.status == 200 && response.header("Content-Length") == nil)
            #expect(response.header("Transfer-Encoding") == "chunked")
            #expect(try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").text == "hello")
            #expect(eventually { service.events.withLock { $0 } == ["writer saw closed"] })
        }
    }

    @Test func requestThatArrivesByteByByteIsServed() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            for byte in "PUT /echo?a=1 HTTP/1.1\r\nHost: x\r\nAccept:  */*\r\nContent-Length: 4\r\n\r\nslow"
                .utf8
            {
                try client.send([byte])
            }
            #expect(try client.readAnswer().text == "slow")
        }
    }

    @Test func completionReportsMethodRouteStatusAndBytes() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            _ = try client.exchange("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody")
            #expect(eventually { service.exchanges.withLock { $0.count } == 1 })
        }
        let exchange = service.exchanges.withLock { $0[0] }
        #expect(exchange.method == .put && exchange.route == 7 && exchange.status == 200)
        #expect(exchange.requestBodyBytes == 4 && exchange.responseBodyBytes == 4 && exchange.isComplete)
        #expect(exchange.durationNanoseconds > 0)
    }
}
