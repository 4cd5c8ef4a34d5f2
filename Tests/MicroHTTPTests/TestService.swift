// A small service for the tests: one route a behaviour, and a record of what it was told.

import Glibc
import HuskSystem
import MicroHTTP
import Synchronization

final class TestService: RequestHandler {
    let exchanges = Mutex<[Exchange]>([])
    let suspended = Mutex<[SuspendedRequest]>([])
    /// Streams that nobody reads or writes.
    let unread = Mutex<[BodyStream]>([])
    let unwritten = Mutex<[StreamingBody]>([])
    /// What a streaming reader or writer saw, in order.
    let events = Mutex<[String]>([])
    /// How many streams it says to wait.
    let waiting = Atomic(0)
    private let noContent = SharedResponse(status: 204)
    private let hello = SharedResponse(status: 200, contentType: .plainText, text: "hello")
    private let notFound = SharedResponse(status: 404, contentType: .plainText, text: "not found")
    /// Called instead of keeping suspended requests in `suspended`.
    let onSuspended: (@Sendable (SuspendedRequest) -> Void)?

    init(onSuspended: (@Sendable (SuspendedRequest) -> Void)? = nil) { self.onSuspended = onSuspended }

    func respond(to request: Request) -> Outcome {
        request.route = 7
        let path = String(decoding: request.path, as: UTF8.self)
        switch path {
        case "/hello": return .response(Response(hello))
        case "/empty": return .response(Response(noContent))
        case "/echo":
            return .response(Response(status: 200, contentType: .octetStream, copying: request.body))
        case "/large":
            let body = [UInt8](repeating: 3, count: 1_000_000)
            return .response(Response(status: 200, contentType: .octetStream, body: body))
        case "/describe": return .response(describe(request))
        case "/suspend":
            let suspendedRequest = request.suspend()
            if let onSuspended {
                onSuspended(suspendedRequest)
            } else {
                suspended.withLock { $0.append(suspendedRequest) }
            }
            return .suspended
        case "/drop":
            _ = request.suspend()
            return .suspended
        case "/stream":
            let body = StreamingBody(bufferBytes: 64 << 10)
            let count = request.queryParameters.first { _ in true }?.value.flatMap {
                Int(String(decoding: $0, as: UTF8.self))
            }
            let thread = OwnedThread(name: "test-writer") { [self] in write(count ?? 3, to: body) }
            _ = thread
            return .response(Response(status: 200, contentType: .ndjson, stream: body))
        case "/unwritten":
            let body = StreamingBody()
            unwritten.withLock { $0.append(body) }
            return .response(Response(status: 200, contentType: .ndjson, stream: body))
        case "/live":
            let body = StreamingBody(bufferBytes: 4 << 10, isLive: true)
            unwritten.withLock { $0.append(body) }
            return .response(Response(status: 200, contentType: .ndjson, stream: body))
        case "/slow":
            let body = StreamingBody()
            let thread = OwnedThread(name: "test-writer") {
                for _ in 0..<3 {
                    usleep(1_500_000)
                    try? body.write("line\n")
                }
                body.finish()
            }
            _ = thread
            return .response(Response(status: 200, contentType: .ndjson, stream: body))
        default:
            guard path.hasPrefix("/keys/") else { return .response(Response(notFound)) }
            do {
                let key = try request.percentDecoded(UnsafeRawBufferPointer(rebasing: request.path[6...]))
                return .response(Response(status: 200, contentType: .octetStream, copying: key))
            } catch {
                return .response(
                    Response(status: 400, contentType: .plainText, text: "broken at \(error.offset)"))
            }
        }
    }

    func bodyHandling(for request: Request) -> BodyHandling {
        switch String(decoding: request.path, as: UTF8.self) {
        case "/upload":
            let stream = request.makeBodyStream(limitBytes: 8 << 20, bufferBytes: 32 << 10)
            let thread = OwnedThread(name: "test-reader") { [self] in read(stream) }
            _ = thread
            return .stream(stream)
        case "/unread":
            let stream = request.makeBodyStream(limitBytes: 8 << 20, bufferBytes: 32 << 10)
            unread.withLock { $0.append(stream) }
            return .stream(stream)
        case "/forbidden": return .refuse(Response(status: 401, contentType: .plainText, text: "no"))
        case "/small": return .collect(limitBytes: 10)
        default: return .collect(limitBytes: nil)
        }
    }

    func refusal(_ violation: ProtocolViolation) -> Refusal {
        let text =
            #"{"type":"about:blank","title":"refused","status":\#(violation.status),"detail":"\#(violation.detail)"}"#
        return Refusal(
            status: violation.status, contentType: "application/problem+json", body: Array(text.utf8))
    }

    var waitingStreams: Int { waiting.load(ordering: .relaxed) }

    func completed(_ exchange: Exchange, of request: Request) { exchanges.withLock { $0.append(exchange) } }

    func record(_ event: String) { events.withLock { $0.append(event) } }

    private func describe(_ request: Request) -> Response {
        var lines = ["method \(request.method)", "version \(request.version)"]
        lines.append("query \(request.query.map { String(decoding: $0, as: UTF8.self) } ?? "none")")
        for parameter in request.queryParameters {
            let value = parameter.value.map { "=" + String(decoding: $0, as: UTF8.self) } ?? " without value"
            lines.append("parameter \(String(decoding: parameter.name, as: UTF8.self))\(value)")
        }
        lines.append(
            "accept \(request.header("ACCEPT").map { String(decoding: $0, as: UTF8.self) } ?? "none")")
        return Response(status: 200, contentType: .plainText, text: lines.joined(separator: "\n"))
    }

    private func write(_ count: Int, to body: StreamingBody) {
        do throws(StreamingBodyError) {
            for index in 0..<count { try body.write("line \(index)\n") }
            body.finish()
            record("written")
        } catch {
            record("writer saw \(error)")
        }
    }

    private func read(_ stream: BodyStream) {
        var chunk: [UInt8] = []
        var totalBytes = 0
        do throws(BodyStreamError) {
            while try stream.next(into: &chunk) {
                totalBytes += chunk.count
                if chunk.contains(UInt8(ascii: "!")) {
                    stream.respond(with: Response(status: 422, contentType: .plainText, text: "bad byte"))
                    record("answered early")
                    return
                }
            }
            stream.respond(with: Response(status: 200, contentType: .plainText, text: "\(totalBytes)"))
            record("read \(totalBytes)")
        } catch {
            record("reader saw \(error)")
            switch error {
            case .tooLarge:
                stream.respond(with: Response(status: 413, contentType: .plainText, text: "\(error)"))
            default:
                stream.cutOff(
                    with: Refusal(status: 408, contentType: "text/plain", body: Array("\(error)".utf8)))
            }
        }
    }
}

/// Runs `body` against a server on a free port, and stops the server whatever happens.
func withServer<Result>(
    _ service: TestService = TestService(),
    _ configuration: HTTPServer.Configuration = configuration { _ in },
    _ body: (HTTPServer) throws -> Result
) throws -> Result {
    let server = try HTTPServer(configuration: configuration, handler: service)
    defer { server.stop(deadlineSeconds: 1) }
    return try body(server)
}

/// Waits up to five seconds for `condition`; answers whether it came true.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<2_500 {
        if condition() { return true }
        usleep(2_000)
    }
    return false
}

/// Two threads on a free port, and `change`.
func configuration(_ change: (inout HTTPServer.Configuration) -> Void) -> HTTPServer.Configuration {
    var configuration = HTTPServer.Configuration(port: 0)
    configuration.threads = 2
    change(&configuration)
    return configuration
}
