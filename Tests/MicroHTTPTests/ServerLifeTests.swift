// Starting, stopping, and the limit of connections.

import Glibc
import HuskSystem
import MicroHTTP
import TestSupport
import Testing

@Suite(.serialized) struct ServerLifeTests {
    static let hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test func portInUseIsOneClearLine() throws {
        try withServer { server in
            var configuration = HTTPServer.Configuration(port: server.port)
            configuration.threads = 1
            let error = #expect(throws: HTTPServerError.self) {
                _ = try HTTPServer(configuration: configuration, handler: TestService())
            }
            #expect(error == .addressInUse(host: "127.0.0.1", port: server.port))
            #expect(error?.description.contains("127.0.0.1:\(server.port)") == true)
        }
    }

    @Test func badAddressesAndConfigurationsAreErrors() {
        func start(_ host: String, _ port: Int, _ change: (inout HTTPServer.Configuration) -> Void = { _ in })
            -> HTTPServerError?
        {
            var configuration = HTTPServer.Configuration(host: host, port: port)
            change(&configuration)
            do throws(HTTPServerError) {
                _ = try HTTPServer(configuration: configuration, handler: TestService())
                return nil
            } catch {
                return error
            }
        }
        #expect(start("nonsense", 0) == .badAddress(host: "nonsense", port: 0))
        #expect(start("127.0.0.1", 70_000) == .badAddress(host: "127.0.0.1", port: 70_000))
        #expect(start("192.0.2.1", 0) == .addressNotAvailable(host: "192.0.2.1", port: 0))
        #expect(start("127.0.0.1", 0) { $0.threads = 0 } != nil)
        #expect(start("127.0.0.1", 0) { $0.headLimitBytes = 1 << 20 } != nil)
        #expect(start("localhost", 0) == nil)
        #expect(start("127.0.0.1", 0) { $0.threads = 1 } == nil)
    }

    @Test func oneThreadServesToo() throws {
        try withServer(TestService(), configuration({ $0.threads = 1 })) { server in
            let client = try Client(port: server.port)
            for _ in 0..<3 { #expect(try client.exchange(Self.hello).text == "hello") }
        }
    }

    @Test func stopLetsRequestsUnderWayFinishAndRefusesNewConnections() throws {
        let service = TestService()
        try withServer(service) { server in
            let idle = try Client(port: server.port)
            #expect(try idle.exchange(Self.hello).text == "hello")
            let client = try Client(port: server.port)
            try client.send("GET /suspend HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(eventually { service.suspended.withLock { $0.count } == 1 })
            let stopping = OwnedThread(name: "test-stop") { server.stop(deadlineSeconds: 5) }
            #expect(try idle.isClosedByServer())
            let isRefused = eventually { (try? Client(port: server.port)) == nil }
            #expect(isRefused)
            service.suspended.withLock { $0 }[0].resume(
                with: Response(status: 200, contentType: .plainText, text: "finished"))
            #expect(try client.readAnswer().text == "finished")
            #expect(try client.isClosedByServer())
            stopping.join()
        }
    }

    @Test func stopCutsOffWhatOutlivesTheDeadline() throws {
        let service = TestService()
        try withServer(service) { server in
            let suspended = try Client(port: server.port)
            try suspended.send("GET /suspend HTTP/1.1\r\nHost: x\r\n\r\n")
            let upload = try Client(port: server.port)
            try upload.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
            let stream = try Client(port: server.port, receiveBufferBytes: 4096)
            try stream.send("GET /stream?lines=100000000 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try stream.receive())
            let collecting = try Client(port: server.port)
            try collecting.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
            #expect(eventually { service.suspended.withLock { $0.count } == 1 })
            let start = monotonicNanoseconds()
            server.stop(deadlineSeconds: 0.2)
            #expect(monotonicNanoseconds() - start < 2_000_000_000)
            #expect(try suspended.readAnswer().status == 503)
            #expect(try collecting.readAnswer().status == 503)
            let request = service.suspended.withLock { $0[0] }
            let isTaken = request.resume(with: Response(status: 200, contentType: nil, text: "late"))
            #expect(!isTaken && request.clientHasHungUp)
            #expect(
                eventually {
                    service.events.withLock { Set($0) } == ["writer saw closed", "reader saw serverStopping"]
                })
        }
    }

    @Test func stopUnderLoadDoesNotCrash() throws {
        for round in 0..<10 {
            let service = TestService(onSuspended: {
                $0.resume(with: Response(status: 200, contentType: .plainText, text: "resumed"))
            })
            try withServer(service) { server in
                let port = server.port
                let clients = (0..<16).map { index in
                    OwnedThread(name: "test-client") {
                        let path = index % 2 == 0 ? "/hello" : "/suspend"
                        guard let client = try? Client(port: port) else { return }
                        while (try? client.exchange("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")) != nil {}
                    }
                }
                usleep(20_000)
                server.stop(deadlineSeconds: round % 2 == 0 ? 1 : 0)
                for client in clients { client.join() }
            }
        }
    }

    @Test func newClientTakesThePlaceOfTheLongestIdleOne() throws {
        try withServer(TestService(), configuration({ $0.connectionLimit = 50 })) { server in
            let first = try Client(port: server.port)
            #expect(try first.exchange(Self.hello).text == "hello")
            var others: [Client] = []
            for _ in 0..<200 {
                let client = try Client(port: server.port)
                #expect(try client.exchange(Self.hello).text == "hello")
                others.append(client)
            }
            #expect(try first.isClosedByServer())
            #expect(server.connectionCount <= 50)
            #expect(try others[199].exchange(Self.hello).text == "hello")
        }
    }

    @Test func newClientIsRefusedWhenEveryConnectionIsBusy() throws {
        let service = TestService()
        try withServer(service, configuration({ $0.connectionLimit = 4 })) { server in
            var busy: [Client] = []
            for index in 0..<4 {
                busy.append(try Client(port: server.port))
                try busy[index].send("GET /suspend HTTP/1.1\r\nHost: x\r\n\r\n")
            }
            #expect(eventually { service.suspended.withLock { $0.count } == 4 })
            let client = try Client(port: server.port)
            #expect(try client.exchange(Self.hello).status == 503)
            #expect(try client.isClosedByServer())
            for request in service.suspended.withLock({ $0 }) {
                request.resume(with: Response(status: 200, contentType: nil, text: "1"))
            }
            for client in busy { #expect(try client.readAnswer().text == "1") }
            #expect(try Client(port: server.port).exchange(Self.hello).text == "hello")
        }
    }

    /// A request that is on its way is not cut off to make room for the next one.
    @Test func clientThatSendsAtOnceIsAnsweredOrRefused() throws {
        let service = TestService()
        let limits = configuration {
            $0.connectionLimit = 20
            $0.graceMilliseconds = 10_000
        }
        try withServer(service, limits) { server in
            let clients = try (0..<100).map { _ in
                let client = try Client(port: server.port)
                try client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
                return client
            }
            var statuses: [Int: Int] = [:]
            for client in clients {
                // The server waits for the rest of the body, or has refused.
                try? client.send("defghi")
                let status = (try? client.readAnswer().status) ?? 0
                statuses[status, default: 0] += 1
            }
            #expect(Set(statuses.keys) == [200, 503], "\(statuses)")
        }
    }

    @Test func tenThousandIdleConnectionsDoNotKeepOthersOut() throws {
        // Both ends of each connection are in this process, so the limit of open files halves the number.
        try withServer(TestService(), configuration({ $0.connectionLimit = 16_384 })) { server in
            let count = min(10_000, (server.configuration.connectionLimit - 1_000) / 2)
            var idle: [Client] = []
            for _ in 0..<count { idle.append(try Client(port: server.port)) }
            #expect(eventually { server.connectionCount == count })
            let client = try Client(port: server.port)
            #expect(try client.exchange(Self.hello).text == "hello")
            for connection in idle { connection.close() }
            #expect(eventually { server.connectionCount == 1 })
        }
        // And with a limit below what the clients open.
        try withServer(TestService(), configuration({ $0.connectionLimit = 1_000 })) { server in
            var idle: [Client] = []
            for _ in 0..<5_000 { idle.append(try Client(port: server.port)) }
            for _ in 0..<20 {
                let client = try Client(port: server.port)
                #expect(try client.exchange(Self.hello).text == "hello")
            }
        }
    }
}
