// What a service implements to be served: one class, asked by every pool thread at once.
//
// The order of calls for one request, all on the pool thread that owns its connection:
//
//   line received
//   headers complete ──► (has a body?) bodyHandling ──► body collected or streamed ──► respond ──► completed
//                └─► malformed, too large ──► refusal ─────────────────────────────────────────► completed
//
// Nothing here may block: one pool thread serves thousands of connections.

/// A service. Every method is called on pool threads, many at once, and must not block.
package protocol RequestHandler: AnyObject, Sendable {
    /// Called when the line of a request has come, which may still be refused: what its answer will need can be got ready.
    func lineReceived(of request: Request)

    /// Called when its headers have come, before they are looked at.
    func headersReceived(of request: Request)

    /// Answers a request whose body, if it has one, has been collected.
    /// For long work: call `request.suspend()`, hand the result to another thread, and return `.suspended`.
    func respond(to request: Request) -> Outcome

    /// Decides, when the headers of a request with a body are complete, what becomes of that body.
    func bodyHandling(for request: Request) -> BodyHandling

    /// Called first of all for a request that a browser sends for a web page: one with an Origin or a Sec-Fetch-Site. An
    /// answer is sent in place of any other, and the connection closed; nil lets the request go on. What
    /// is put into `request.answerHeaders` goes with every answer to it.
    func answer(toPage request: Request) -> Response?

    /// The one place where refusals get their body, so that a service keeps one error format.
    /// Called for malformed and oversized requests; the connection is closed afterwards.
    func refusal(_ violation: ProtocolViolation) -> Refusal

    /// Called once for every request, also for one whose client hung up. For counters and logs.
    func completed(_ exchange: Exchange, of request: Request)

    /// How many streams wait for others to end. While there are any, those whose clients are slow are ended sooner.
    var waitingStreams: Int { get }
}

extension RequestHandler {
    package func lineReceived(of request: Request) {}
    package func headersReceived(of request: Request) {}
    package func bodyHandling(for request: Request) -> BodyHandling { .collect(limitBytes: nil) }
    package func completed(_ exchange: Exchange, of request: Request) {}
    package func answer(toPage request: Request) -> Response? { nil }
    package var waitingStreams: Int { 0 }
}

/// What `respond(to:)` decided.
package enum Outcome: ~Copyable {
    case response(Response)
    /// `request.suspend()` was called; another thread answers.
    case suspended
}

/// What becomes of a request's body.
package enum BodyHandling: ~Copyable {
    /// Collect it in `request.body`, then `respond(to:)`. More than the limit is a 413; nil is the
    /// configuration's `bodyLimitBytes`.
    case collect(limitBytes: Int?)
    /// Hand it in pieces to the thread that reads the stream, which also answers. `respond(to:)` is not called.
    case stream(BodyStream)
    /// Answer now, read no body, and close the connection (a 401, say).
    case refuse(Response)
}

/// A finished request, for metrics.
package struct Exchange: Sendable {
    package var method: Method
    /// What the handler wrote to `request.route`; 0 if it never did.
    package var route: Int
    /// HTTP status, or 0 when the connection ended before an answer was queued.
    package var status: Int
    package var requestBodyBytes: Int
    /// Bytes of body handed to the connection; 0 for HEAD.
    package var responseBodyBytes: Int
    /// From complete headers to the last byte handed to the socket.
    package var durationNanoseconds: UInt64
    /// The answer went out whole; false when the client hung up, timed out, or the server stopped.
    package var isComplete: Bool
}

/// A request method. Its raw value indexes counters.
package enum Method: UInt8, Sendable, CaseIterable {
    case get, head, put, post, delete, patch, options, other
}

/// The versions of HTTP that are served.
package enum HTTPVersion: Sendable { case http10, http11 }
