// Requests taken off their pool thread, and the registry through which `stop()` reaches them.
//
// The pool thread suspends and later collects the answer; any other thread resumes. libmicrohttpd never closes
// a suspended connection, so its handle is good from suspension to resumption, and every use of it by
// another thread happens in the state `.waiting`, under the mutex. MHD_resume_connection is called exactly
// once for each suspension: a second call would be undefined behaviour in the library.

import CMicroHTTPD
import Synchronization

/// A request that another thread will answer. If it is dropped unanswered, the client gets a 500.
package final class SuspendedRequest: Sendable {
    let suspension: Suspension

    init(_ suspension: Suspension) { self.suspension = suspension }

    /// Answers the request; callable from any thread.
    /// - Returns: false when it had been answered before, also with a 503 because the server stops.
    @discardableResult
    package func resume(with response: consuming Response) -> Bool { suspension.resume(with: response) }

    /// Whether the client is gone: it has reset the connection. One that sends no more may still wait for its answer, or have
    /// closed altogether, which looks the same until something is sent to it. So after half a second, and then every
    /// thirty seconds, such a client of HTTP/1.1 is sent a `100 Continue`, which RFC 9110, section 15.2.1, lets it
    /// discard: one that has closed answers with a reset. One system call; meant to be asked every few milliseconds of work.
    package var clientHasHungUp: Bool { suspension.clientHasHungUp }

    deinit { suspension.abandon() }
}

/// The state behind a `SuspendedRequest`, shared with the connection.
final class Suspension: Stoppable {
    private enum Stage {
        case waiting, answered
    }
    private struct State: ~Copyable {
        var stage = Stage.waiting
        var answer: Response?
        var probe: HangUpProbe
    }

    private let state: Mutex<State>
    // SAFETY: used only while `.waiting`, when the library keeps the connection.
    private nonisolated(unsafe) let handle: OpaquePointer
    private let core: ServerCore

    init(connection: Connection) {
        handle = connection.handle
        core = connection.core
        state = Mutex(
            State(
                probe: HangUpProbe(socket: connection.socket, mayProbe: connection.request.version == .http11)
            ))
    }

    func resume(with response: consuming Response) -> Bool {
        var response: Response? = consume response
        return state.withLock { state in
            guard state.stage == .waiting else { return false }
            state.stage = .answered
            state.answer = response.take()
            MHD_resume_connection(handle)
            return true
        }
    }

    func stop() { _ = resume(with: Response(core.handler.refusal(.serverStopping))) }

    func endIfClientIsGone() {
        state.withLock { state in
            guard state.stage == .waiting, state.probe.clientIsGone() else { return }
            // Without an answer the connection closes.
            state.stage = .answered
            MHD_resume_connection(handle)
        }
    }

    /// The handler let go of the request without answering.
    func abandon() {
        let isWaiting = state.withLock { $0.stage == .waiting }
        if isWaiting { _ = resume(with: Response(core.handler.refusal(.internalError))) }
    }

    var clientHasHungUp: Bool {
        state.withLock { $0.stage != .waiting || $0.probe.clientIsGone() }
    }

    /// Takes the answer, on the pool thread that has been resumed.
    func takeAnswer() -> Response? { state.withLock { $0.answer.take() } }
}

/// Something that keeps a connection suspended, and must let it go before the daemon stops.
protocol Stoppable: AnyObject, Sendable {
    /// Resumes the connection so that it closes, with an answer if it can have one. Callable from any thread, more than once.
    func stop()
    /// Resumes the connection so that it closes, if its client is gone: nobody else may look for as long as the work on
    /// it waits for its turn. Callable from any thread.
    func endIfClientIsGone()
}

/// Everything that may hold a connection suspended. Any thread; its own mutex, taken before the members'.
final class SuspensionRegistry: Sendable {
    private struct State {
        var members: [ObjectIdentifier: any Stoppable] = [:]
        var isStopping = false
    }
    private let state = Mutex(State())

    /// Adds a member, or answers false when the server is past its deadline: then nothing may suspend.
    func add(_ member: any Stoppable) -> Bool {
        state.withLock {
            if $0.isStopping { return false }
            $0.members[ObjectIdentifier(member)] = member
            return true
        }
    }

    func remove(_ member: any Stoppable) {
        _ = state.withLock { $0.members.removeValue(forKey: ObjectIdentifier(member)) }
    }

    func endThoseWithoutClient() {
        let members = state.withLock { Array($0.members.values) }
        for member in members { member.endIfClientIsGone() }
    }

    /// Stops every member, and refuses new ones from now on.
    func stopAll() {
        let members = state.withLock { state in
            state.isStopping = true
            defer { state.members = [:] }
            return Array(state.members.values)
        }
        for member in members { member.stop() }
    }
}
