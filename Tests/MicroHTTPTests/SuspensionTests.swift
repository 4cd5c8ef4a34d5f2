// Requests answered from other threads, streamed answers, and clients that hang up meanwhile.

import Glibc
import HuskSystem
import MicroHTTP
import Synchronization
import TestSupport
import Testing

/// Answers suspended requests from two threads of its own.
private final class Resumer: Sendable {
    private let queue = Mutex<[SuspendedRequest]>([])
    private let isDone = Atomic(false)
    private let threads = Mutex<[OwnedThread]>([])

    func start() {
        threads.withLock { threads in
            threads = (0..<2).map { _ in OwnedThread(name: "test-resumer") { [self] in run() } }
        }
    }

    func add(_ request: SuspendedRequest) { queue.withLock { $0.append(request) } }

    func finish() {
        isDone.store(true, ordering: .relaxed)
        threads.withLock { for thread in $0 { thread.join() } }
    }

    private func run() {
        while true {
            guard let request = queue.withLock({ $0.popLast() }) else {
                if isDone.load(ordering: .relaxed) { return }
                usleep(100)
                continue
            }
            request.resume(with: Response(status: 200, contentType: .plainText, text: "resumed"))
        }
    }
}

@Suite(.serialized) struct SuspensionTests {
    /// A fault of suspending and resuming under load was fixed in libmicrohttpd 1.0.3; 0.9.75 must hold all the same.
    @Test func suspendedRequestsUnderLoadAreAllAnswered() throws {
        let resumer = Resumer()
        resumer.start()
        defer { resumer.finish() }
        let service = TestService(onSuspended: { resumer.add($0) })
        try withServer(service) { server in
            let failures = Mutex<[String]>([])
            let port = server.port
            let clients = (0..<64).map { _ in
                OwnedThread(name: "test-client") {
                    do {
                        let client = try Client(port: port)
                        for index in 0..<200 {
                            let isSuspended = index % 10 == 3
                            let path = isSuspended ? "/suspend" : "/hello"
                            let response = try client.exchange("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                            let expected = isSuspended ? "resumed" : "hello"
                            if response.text != expected { failures.withLock { $0.append("\(response)") } }
                        }
                    } catch {
                        failures.withLock { $0.append("\(error)") }
                    }
                }
            }
            for client in clients { client.join() }
            #expect(failures.withLock { $0 } == [])
            #expect(eventually { service.exchanges.withLock { $0.count } == 64 * 200 })
        }
    }

    @Test func suspendedRequestIsAnsweredExactlyOnce() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            try client.send("GET /suspend HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(eventually { service.suspended.withLock { $0.count } == 1 })
            let request = service.suspended.withLock { $0[0] }
            #expect(!request.clientHasHungUp)
            let isFirst = request.resume(with: Response(status: 200, contentType: .plainText, text: "first"))
            let isSecond = request.resume(
                with: Response(status: 200, contentType: .plainText, text: "second"))
            #expect(isFirst && !isSecond)
            #expect(try client.readAnswer().text == "first")
            #expect(try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").text == "hello")
        }
    }

    @Test func hangUpIsSeenWhileSuspended() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            try client.send("GET /suspend HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(eventually { service.suspended.withLock { $0.count } == 1 })
            let request = service.suspended.withLock { $0[0] }
            // The next request, sent ahead, is not a hang-up.
            try client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
            usleep(20_000)
            #expect(!request.clientHasHungUp)
            request.resume(with: Response(status: 200, contentType: nil, text: "1"))
            #expect(try client.readAnswer().text == "1")
            #expect(try client.readAnswer().text == "hello")

            let other = try Client(port: server.port)
            try other.send("GET /suspend HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(eventually { service.suspended.withLock { $0.count } == 2 })
            let abandoned = service.suspended.withLock { $0[1] }
            other.close()
            #expect(eventually { abandoned.clientHasHungUp })
            let isTaken = abandoned.resume(with: Response(status: 200, contentType: nil, text: "late"))
            #expect(isTaken)
            #expect(eventually { server.connectionCount == 1 })
        }
    }

    @Test func droppedSuspendedRequestIs500() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            #expect(try client.exchange("GET /drop HTTP/1.1\r\nHost: x\r\n\r\n").status == 500)
        }
    }

    @Test func streamedResponseReachesASlowReaderWhole() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port, receiveBufferBytes: 4096)
            try client.send("GET /stream?lines=700000 HTTP/1.1\r\nHost: x\r\n\r\n")
            usleep(300_000)
            // The writer waits: it cannot be further ahead than the buffers on the way.
            #expect(service.events.withLock { $0 } == [])
            let response = try client.readAnswer()
            let expected = (0..<700_000).map { "line \($0)\n" }.joined()
            #expect(response.status == 200 && response.text == expected)
            #expect(eventually { service.events.withLock { $0 } == ["written"] })
            #expect(try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").text == "hello")
            let exchange = service.exchanges.withLock { $0[0] }
            #expect(exchange.responseBodyBytes == expected.utf8.count)
        }
    }

    @Test func streamedResponseToHTTP10EndsByClosing() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            #expect(
                try client.exchange("GET /stream?lines=3 HTTP/1.0\r\n\r\n").text == "line 0\nline 1\nline 2\n"
            )
        }
    }

    @Test func writerIsStoppedByAReaderWhoHangsUp() throws {
        let service = TestService()
        try withServer(service) { server in
            let client = try Client(port: server.port)
            try client.send("GET /stream?lines=100000000 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.receive())
            client.close()
            #expect(eventually { service.events.withLock { $0 } == ["writer saw closed"] })
            #expect(eventually { server.connectionCount == 0 })
        }
    }
}
