// What a connection is in the middle of, as the threads that watch over all connections see it.

import Synchronization

/// Whose turn it is. Stored by whoever brings the connection forward, with its `sinceNanoseconds` before.
enum Stage: UInt8, AtomicRepresentable {
    /// Between requests, or in the middle of a head.
    case idle
    /// The client sends a body that is collected.
    case receiving
    /// The client sends a body that is read while it arrives.
    case importing
    /// It is the server's turn: the request is worked on, or a reader or writer of a stream is behind.
    case working
    /// The client is to take its answer.
    case answering
    /// The client is to take an answer that is written while it goes out.
    case exporting
    /// The client reads along: what there is to tell is written as it comes. Whoever writes it looks after slow clients.
    case live

    var isClientsTurn: Bool { self != .idle && self != .working && self != .live }
    var isTransfer: Bool { self == .importing || self == .exporting }
}

/// Why the server ends a connection by itself.
enum Verdict: UInt8, AtomicRepresentable {
    case none
    /// The head took too long.
    case slowHead
    /// The body of a request took too long.
    case slowRequest
    /// A stream or an answer moved too little.
    case slowTransfer
    /// It gave its place to others.
    case placeNeeded
    case serverStopping

    /// What the client is told, if nothing of an answer has gone out.
    func violation(_ configuration: HTTPServer.Configuration) -> ProtocolViolation? {
        switch self {
        case .none: nil
        case .slowHead: .headTimedOut(seconds: configuration.headTimeoutSeconds)
        case .slowRequest: .requestTimedOut(seconds: configuration.requestTimeoutSeconds)
        case .slowTransfer: .tooSlow(bytesPerSecond: configuration.minimumBytesPerSecond)
        case .placeNeeded: .tooManyConnections(limit: configuration.connectionLimit)
        case .serverStopping: .serverStopping
        }
    }
}
