// A request body that another thread reads while it arrives, with backpressure: a client ahead of the reader
// is suspended once `bufferBytes` lie unread.
//
// Two objects: `BodyStream` is the reader's; `IncomingPipe` is shared with the connection. Lock: the pipe's monitor.
// The pool thread suspends with the lock held; whoever clears `isSuspended` resumes. libmicrohttpd
// cannot answer in the middle of a body, so an early answer waits while the rest is read and thrown away.

import CMicroHTTPD
import HuskSystem

/// Why a body can be read no further.
package enum BodyStreamError: Error, Equatable, Sendable {
    /// The client hung up or timed out before the body was whole.
    case clientGone
    /// The body is longer than its limit; answer with 413.
    case tooLarge(limitBytes: Int)
    /// The client sent less than it must; answer with `cutOff`.
    case tooSlow(bytesPerSecond: Int)
    /// The connection was given up for others; answer with `cutOff`.
    case placeNeeded
    /// Answer with `cutOff`.
    case serverStopping
    /// `cancel` was called. Answer with `cutOff`.
    case cancelled
}

/// The reading end of a request's body, and the way to answer it. Any one thread. Dropped without an answer, it
/// gives the client a 500.
package final class BodyStream: Sendable {
    let pipe: IncomingPipe

    init(connection: Connection, limitBytes: Int, bufferBytes: Int) {
        pipe = IncomingPipe(connection: connection, limitBytes: limitBytes, bufferBytes: bufferBytes)
    }

    deinit { pipe.abandon() }

    /// Waits for bytes and puts all that have come into `chunk`, replacing what it held and reusing its
    /// memory. Never call it on a pool thread.
    /// - Returns: false at the end of the body; `chunk` is empty then.
    /// - Throws: when the body will not become whole.
    package func next(into chunk: inout [UInt8]) throws(BodyStreamError) -> Bool {
        try pipe.next(into: &chunk)
    }

    /// Makes the reader's next call throw `cancelled`, unless the whole body has come. Any thread.
    package func cancel() { pipe.giveUp(.cancelled) }

    /// Answers the request, whether or not the body has been read to its end.
    /// - Returns: false when it had been answered before, or there is nobody left to answer.
    @discardableResult
    package func respond(with response: consuming Response) -> Bool { pipe.respond(with: response) }

    /// Answers the request and closes its connection, without waiting for the rest of the body.
    /// - Returns: as for `respond`.
    @discardableResult
    package func cutOff(with refusal: Refusal) -> Bool { pipe.cutOff(with: refusal) }
}

/// The buffer between the connection and a reader.
final class IncomingPipe: Stoppable {
    private struct State: ~Copyable {
        var pending: [UInt8] = []
        var receivedBytes = 0
        var failure: BodyStreamError?
        var hasEnded = false
        var isAnswered = false
        var answer: Response?
        /// The answer of a request whose body does not end.
        var lastWords: Refusal?
        var isSuspended = false
        /// The connection is gone or to be closed.
        var isClosed = false
        var probe: HangUpProbe
    }

    let limitBytes: Int
    private let bufferBytes: Int
    private let monitor: Monitor<State>
    // SAFETY: used on the pool thread, or while `isSuspended`, when the library keeps the connection.
    private nonisolated(unsafe) let handle: OpaquePointer
    // SAFETY: the same, but for `socket`, which never changes, and `stage`, an atomic.
    private nonisolated(unsafe) let connection: Unmanaged<Connection>
    private let core: ServerCore

    init(connection: Connection, limitBytes: Int, bufferBytes: Int) {
        handle = connection.handle
        self.connection = .passUnretained(connection)
        core = connection.core
        self.limitBytes = limitBytes
        self.bufferBytes = bufferBytes
        monitor = Monitor(
            State(
                probe: HangUpProbe(socket: connection.socket, mayProbe: connection.request.version == .http11)
            ))
    }

    // MARK: The reader's side

    func next(into chunk: inout [UInt8]) throws(BodyStreamError) -> Bool {
        chunk.removeAll(keepingCapacity: true)
        return try monitor.withLock(
            when: { !$0.pending.isEmpty || $0.hasEnded || $0.failure != nil },
            then: {
                (state) throws(BodyStreamError) in
                if let failure = state.failure { throw failure }
                if state.pending.isEmpty { return false }
                swap(&state.pending, &chunk)
                if !state.hasEnded { resume(&state) }
                return true
            })
    }

    func respond(with response: consuming Response) -> Bool {
        var response: Response? = consume response
        return monitor.withLock { state in
            if state.isAnswered || state.isClosed { return false }
            state.isAnswered = true
            state.answer = response.take()
            state.pending = []
            resume(&state)
            return true
        }
    }

    func abandon() {
        let isDone = monitor.withLock { $0.isAnswered || $0.isClosed }
        if !isDone { _ = respond(with: Response(core.handler.refusal(.internalError))) }
    }

    func cutOff(with refusal: Refusal) -> Bool {
        monitor.withLock { state in
            if state.isAnswered || state.isClosed { return false }
            state.isAnswered = true
            state.pending = []
            if state.hasEnded {
                state.answer = Response(refusal)
            } else {
                state.lastWords = refusal
            }
            resume(&state)
            return true
        }
    }

    /// Tells the reader that it waits in vain. The body may still come; it is thrown away. Any thread.
    func giveUp(_ reason: BodyStreamError) {
        monitor.withLock { state in
            guard !state.hasEnded, !state.isAnswered, state.failure == nil else { return }
            state.failure = reason
            state.pending = []
            resume(&state)
        }
        monitor.wakeWaiters()
    }

    func stop() { close(.serverStopping) { resume(&$0) } }

    func endIfClientIsGone() {
        let isGone = monitor.withLock { $0.isSuspended && $0.probe.clientIsGone() }
        if isGone { close(.clientGone) { resume(&$0) } }
    }

    // MARK: The connection's side, on its pool thread

    /// What the connection does after a piece of body.
    enum Taken { case kept, discarded, closed }

    /// Takes a piece of the body; suspends the connection when the reader is too far behind.
    func take(_ bytes: UnsafeRawBufferPointer) -> Taken {
        let taken = monitor.withLock { state -> Taken in
            if state.isClosed || state.lastWords != nil { return .closed }
            state.receivedBytes += bytes.count
            if state.receivedBytes > limitBytes, state.failure == nil {
                state.failure = .tooLarge(limitBytes: limitBytes)
                state.pending = []
            }
            if state.isAnswered || state.failure != nil { return .discarded }
            state.pending.append(contentsOf: bytes)
            if state.pending.count >= bufferBytes { suspend(&state) }
            return .kept
        }
        monitor.wakeWaiters()
        return taken
    }

    /// What the connection does when the whole body has come, and each time it is resumed after that.
    enum Ending: ~Copyable {
        case answer(Response)
        case suspended
        case closed
    }

    /// The body is whole: takes the answer, or suspends until there is one.
    func end() -> Ending {
        let ending = monitor.withLock { state -> Ending in
            if state.isClosed || state.lastWords != nil { return .closed }
            state.hasEnded = true
            if let answer = state.answer.take() { return .answer(answer) }
            suspend(&state)
            return .suspended
        }
        monitor.wakeWaiters()
        return ending
    }

    /// The request is over, well or not. Answers what the client is to be told that has had no answer.
    func connectionEnded() -> Refusal? {
        close(.clientGone) { $0.isSuspended = false }
        core.suspensions.remove(self)
        return monitor.withLock { $0.lastWords.take() }
    }

    // MARK: With the lock held

    private func close(_ failure: BodyStreamError, _ release: (inout State) -> Void) {
        monitor.withLock { state in
            state.isClosed = true
            if !state.hasEnded || !state.isAnswered { state.failure = state.failure ?? failure }
            state.answer = nil
            release(&state)
        }
        monitor.wakeWaiters()
    }

    private func suspend(_ state: inout State) {
        guard !state.isSuspended else { return }
        state.isSuspended = true
        connection._withUnsafeGuaranteedRef {
            $0.stage.store(.working, ordering: .relaxed)
            cmhd_hold_end($0.socket, 1)
        }
        MHD_suspend_connection(handle)
    }

    private func resume(_ state: inout State) {
        guard state.isSuspended else { return }
        state.isSuspended = false
        connection._withUnsafeGuaranteedRef { $0.stage.store(.importing, ordering: .relaxed) }
        MHD_resume_connection(handle)
    }
}
