// A response body that another thread writes while the connection sends it, with backpressure both ways:
// a writer ahead of the client waits, a client ahead of the writer is suspended.
//
// Two objects: `StreamingBody` is the writer's; `OutgoingPipe` is shared with the connection. Lock: the pipe's monitor.
// The pool thread suspends only in the reader callback and only with the lock held, and whoever clears
// `isSuspended` resumes, so each suspension is resumed exactly once.

import CMicroHTTPD
import HuskSystem

/// Why a body can be written no further.
package enum StreamingBodyError: Error, Equatable, Sendable {
    /// The client hung up or timed out, the server is stopping, or (HEAD) nobody wants the body.
    case closed
}

/// The writing end of a streamed response. Any one thread. Dropped before `finish()`, it cuts the connection,
/// so that the client can tell an incomplete body from a whole one.
package final class StreamingBody: Sendable {
    let pipe: OutgoingPipe

    /// - Parameters:
    ///   - bufferBytes: a writer this far ahead of the client waits.
    ///   - isLive: an answer without an end of its own, written by `offer` as there is something to tell. Its writer looks after
    ///     slow clients; the server does so, as after all others, once the body has been finished.
    package init(bufferBytes: Int = 128 << 10, isLive: Bool = false) {
        pipe = OutgoingPipe(bufferBytes: bufferBytes, isLive: isLive)
    }

    deinit { pipe.end(.failed) }

    /// Hands `bytes` over, waiting first while the buffer is full. Never call it on a pool thread.
    /// - Throws: `closed` when nobody will read them; stop producing then.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(StreamingBodyError) {
        try pipe.write(bytes)
    }

    /// `write` for text.
    package func write(_ text: String) throws(StreamingBodyError) {
        var text = text
        var failure: StreamingBodyError?
        text.withUTF8 { utf8 in
            do throws(StreamingBodyError) { try pipe.write(UnsafeRawBufferPointer(utf8)) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Hands `bytes` over if there is room for them, and never waits.
    /// - Returns: false when there is none, or when nobody will read them.
    package func offer(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { pipe.offer($0) } }

    /// How far the client has come.
    package var progress: StreamProgress { pipe.progress }

    /// Ends the body well, with `bytes` behind all that has been handed over, whether there is room for them or not.
    package func finish(behind bytes: [UInt8]) { bytes.withUnsafeBytes { pipe.finish(behind: $0) } }

    /// Cuts the connection, and makes the writer's next call throw. Any thread.
    package func cancel() { pipe.end(.failed) }

    /// Ends the body well.
    package func finish() { pipe.end(.finished) }

    /// Whether nobody will read any more.
    package var isClosed: Bool { pipe.isClosed }
}

/// How far the client of a streamed body has come.
package struct StreamProgress: Sendable {
    /// Bytes that the connection has taken, and that wait for it.
    package var takenBytes: Int
    package var waitingBytes: Int
    /// Nobody will read any more.
    package var isClosed: Bool
}

/// The buffer between a writer and the connection.
final class OutgoingPipe: Stoppable {
    enum End { case open, finished, failed, closed }

    private struct State: ~Copyable {
        var pending = ByteBuffer()
        var sentOffset = 0
        var sentBytes = 0
        var end = End.open
        var isSuspended = false
        let isLive: Bool
        // SAFETY: used on its pool thread, or while `isSuspended`, when the library keeps the connection.
        var connection: Unmanaged<Connection>?
        var registry: SuspensionRegistry?

        init(isLive: Bool) { self.isLive = isLive }

        var pendingBytes: Int { pending.count - sentOffset }

        /// Resumes the connection if it is suspended.
        mutating func resume() {
            guard isSuspended else { return }
            isSuspended = false
            connection?._withUnsafeGuaranteedRef {
                $0.stage.store(isLive && end == .open ? .live : .exporting, ordering: .relaxed)
                MHD_resume_connection($0.handle)
            }
        }

        /// Suspends the connection until there is more to send, or the end.
        mutating func suspend() {
            isSuspended = true
            connection?._withUnsafeGuaranteedRef {
                $0.stage.store(isLive ? .live : .working, ordering: .relaxed)
                MHD_suspend_connection($0.handle)
            }
        }

        /// No more will be written.
        mutating func end(_ end: End) {
            self.end = end
            if isLive, !isSuspended {
                // From now on it is like other answers that their client is to take.
                connection?._withUnsafeGuaranteedRef { $0.stage.store(.exporting, ordering: .relaxed) }
            }
            resume()
        }

        mutating func append(_ bytes: UnsafeRawBufferPointer) {
            if sentOffset > 0 {
                pending.removeFirst(sentOffset)
                sentOffset = 0
            }
            pending.append(bytes)
            resume()
        }
    }

    private let bufferBytes: Int
    let isLive: Bool
    private let monitor: Monitor<State>

    init(bufferBytes: Int, isLive: Bool) {
        self.bufferBytes = bufferBytes
        self.isLive = isLive
        monitor = Monitor(State(isLive: isLive))
    }

    // MARK: The writer's side

    func write(_ bytes: UnsafeRawBufferPointer) throws(StreamingBodyError) {
        let bufferBytes = bufferBytes
        try monitor.withLock(
            when: { $0.end != .open || $0.pendingBytes < bufferBytes },
            then: {
                (state) throws(StreamingBodyError) in
                guard state.end == .open else { throw .closed }
                state.append(bytes)
            })
    }

    func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
        monitor.withLock { state in
            guard state.end == .open, state.pendingBytes + bytes.count <= bufferBytes else { return false }
            state.append(bytes)
            return true
        }
    }

    var progress: StreamProgress {
        monitor.withLock {
            StreamProgress(
                takenBytes: $0.sentBytes, waitingBytes: $0.pendingBytes, isClosed: $0.end == .closed)
        }
    }

    func finish(behind bytes: UnsafeRawBufferPointer) {
        monitor.withLock { state in
            guard state.end == .open else { return }
            state.append(bytes)
            state.end(.finished)
        }
    }

    func end(_ end: End) {
        monitor.withLock { state in
            if state.end == .open { state.end(end) }
        }
        monitor.wakeWaiters()
    }

    var isClosed: Bool { monitor.withLock { $0.end == .closed } }

    func stop() {
        monitor.withLock { state in
            state.end = .closed
            state.resume()
        }
        monitor.wakeWaiters()
    }

    func endIfClientIsGone() {
        let isGone = monitor.withLock { state in
            guard state.isSuspended, let connection = state.connection else { return false }
            return connection._withUnsafeGuaranteedRef { cmhd_peer($0.socket) == CMHD_PEER_IS_GONE }
        }
        if isGone { stop() }
    }

    // MARK: The connection's side, on its pool thread

    /// Ties the pipe to the connection that will send it; answers false when the server is stopping.
    func attach(to connection: Connection) -> Bool {
        monitor.withLock {
            precondition($0.connection == nil, "A StreamingBody belongs to one response.")
            $0.connection = .passUnretained(connection)
            $0.registry = connection.core.suspensions
        }
        return connection.core.suspensions.add(self)
    }

    /// The request is over, well or not. Answers how many bytes of body the connection took.
    func connectionEnded() -> Int {
        let (registry, sentBytes) = monitor.withLock { state in
            state.end = .closed
            state.isSuspended = false
            return (state.registry, state.sentBytes)
        }
        registry?.remove(self)
        monitor.wakeWaiters()
        return sentBytes
    }

    /// libmicrohttpd's response around this pipe, which it keeps alive.
    func makeHandle() -> OpaquePointer? {
        MHD_create_response_from_callback(
            cmhd_unknown_length, 16 << 10,
            { context, _, buffer, room in
                // SAFETY: the context was retained below, until the free callback.
                Unmanaged<OutgoingPipe>.fromOpaque(context!)._withUnsafeGuaranteedRef {
                    $0.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: room))
                }
            },
            Unmanaged.passRetained(self).toOpaque(),
            { Unmanaged<OutgoingPipe>.fromOpaque($0!).release() })
    }

    /// The library wants bytes: gives some, ends, or suspends the connection.
    private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let result = monitor.withLock { state -> Int in
            if state.end == .failed || state.end == .closed {
                // Reset, not closed: over HTTP/1.0 the end of the connection is the end of a whole body.
                state.connection?._withUnsafeGuaranteedRef { cmhd_abort($0.socket) }
                return cmhd_end_with_error
            }
            let taken = min(buffer.count, state.pendingBytes)
            if taken > 0 {
                let start = state.sentOffset
                buffer.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: state.pending.bytes[start..<(start + taken)]))
                state.sentOffset += taken
                state.sentBytes += taken
                return taken
            }
            if state.end == .finished { return cmhd_end_of_stream }
            state.suspend()
            return 0
        }
        if result > 0 { monitor.wakeWaiters() }
        return result
    }
}
