// The calls of the handler that every request makes, without counting references.
//
// PERF: Swift retains an existential around each call of it. For a GET these were ten atomic operations on one word, which all
// pool threads share. A class can be called without (`Unmanaged._withUnsafeGuaranteedRef`), and what it keeps for good is
// not retained either.

/// A handler's hot calls, whatever its type.
class HotCalls: @unchecked Sendable {
    func lineReceived(of request: Request) { fatalError("abstract") }
    func headersReceived(of request: Request) { fatalError("abstract") }
    func respond(to request: Request) -> Outcome { fatalError("abstract") }
    func completed(_ exchange: Exchange, of request: Request) { fatalError("abstract") }

    /// - Returns: an object that keeps the handler alive.
    static func of(_ handler: some RequestHandler) -> HotCalls { HotCallsOf(handler) }
}

private final class HotCallsOf<Handler: RequestHandler>: HotCalls, @unchecked Sendable {
    private let handler: Handler

    init(_ handler: Handler) { self.handler = handler }

    override func lineReceived(of request: Request) { handler.lineReceived(of: request) }
    override func headersReceived(of request: Request) { handler.headersReceived(of: request) }
    override func respond(to request: Request) -> Outcome { handler.respond(to: request) }
    override func completed(_ exchange: Exchange, of request: Request) { handler.completed(exchange, of: request) }
}
