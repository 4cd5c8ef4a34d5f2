// One client connection: walks each request on it through libmicrohttpd's callbacks.
//
//   begin ──► headersComplete ──► [takeBody ...] ──► answer ──► complete
//                  └── refusal (closes) ──────────────────────────┘
//
// Runs on the pool thread that owns the connection. Other threads touch only the atomics, `socket` and
// `giveUpImport`, through ConnectionTable, and `stage` while they hold the connection suspended. Never queue a response in `headersComplete` but to refuse:
// libmicrohttpd closes a connection answered there, and keep-alive then falls six-fold.

import CMicroHTTPD
import Glibc
import HuskSystem
import Synchronization

final class Connection {
    private enum Phase: UInt8 {
        case idle, headers, collecting, streaming, discarding, ready, suspended, answered
    }

    let core: ServerCore
    let handle: OpaquePointer
    let socket: Int32
    let stage = Atomic(Stage.idle)
    /// When the request's head was complete, or when the connection became idle.
    let sinceNanoseconds: Atomic<UInt64>
    /// Why others end this connection; stored before its socket is shut down.
    let verdict = Atomic(Verdict.none)
    var tableIndex = -1

    let request: Request
    private var phase = Phase.idle
    private var bodyLimitBytes = 0
    private var receivedBodyBytes = 0
    private var suspension: Suspension?
    private var incoming: IncomingPipe?
    /// The same, for other threads.
    private let sharedIncoming = Mutex<IncomingPipe?>(nil)
    private var outgoing: OutgoingPipe?
    private var startNanoseconds: UInt64 = 0
    private var status = 0
    private var responseBodyBytes = 0
    /// What the answer takes of the budget.
    private var answerBytes = 0
    /// Closed by us with bytes of the request unread: then a plain close would reset the client's answer away.
    private var lingers = false
    /// No request is expected behind the last one, so what comes then is not to be refused.
    private var isLastRequest = false
    private var isChunked = false
    /// Where the library's buffer begins while it reads a body.
    private var bodyStart: UnsafePointer<UInt8>?

    init(core: ServerCore, handle: OpaquePointer) {
        self.core = core
        self.handle = handle
        socket = cmhd_socket(handle)
        cmhd_start_socket(socket)
        request = Request(budget: core.configuration.budget)
        sinceNanoseconds = Atomic(monotonicNanoseconds())
        request.connection = self
    }

    // MARK: Callbacks, in the order in which they come

    /// The request line has come; `target` still holds it whole.
    func begin(target: UnsafePointer<CChar>) {
        request.begin(target: target)
        phase = .headers
        receivedBodyBytes = 0
        status = 0
        responseBodyBytes = 0
        lingers = false
        isLastRequest = false
        if request.targetBytes > core.configuration.targetLimitBytes { return refuseTarget() }
        core.hotCalls._withUnsafeGuaranteedRef { $0.lineReceived(of: request) }
    }

    /// A target over its limit is refused as soon as it is known, and past the library: what follows may leave it no memory
    /// for an answer, and a line that just fills its buffer is waited on for ever.
    private func refuseTarget() {
        startNanoseconds = monotonicNanoseconds()
        request.method = .other
        _ = cutOff(core.handler.refusal(.targetTooLong(limitBytes: core.configuration.targetLimitBytes)))
        // The library may find fault with what follows too; its answer would be the second.
        shutdown(socket, shutdownSending)
    }

    /// The library's access callback. `upload` is nil but for pieces of a body, which must be taken whole.
    func access(
        target: UnsafePointer<CChar>, method: UnsafePointer<CChar>, version: UnsafePointer<CChar>,
        upload: UnsafeRawBufferPointer?
    ) -> MHD_Result {
        switch phase {
        case .headers: headersComplete(target: target, method: method, version: version)
        case .ready: core.hotCalls._withUnsafeGuaranteedRef { answer($0.respond(to: request)) }
        case .collecting:
            if let upload { collect(upload) } else { bodyCollected() }
        case .streaming:
            if let upload { stream(upload) } else { streamEnded() }
        case .discarding: .NO
        case .suspended: resumed()
        case .answered, .idle: .YES
        }
    }

    /// The request is over: the answer has gone out to its end, or whatever else ended it.
    func complete(_ reason: MHD_RequestTerminationCode) {
        let isWhole = reason == .REQUEST_TERMINATED_COMPLETED_OK
        if let outgoing {
            responseBodyBytes = outgoing.connectionEnded()
            cmhd_leave_out_end_of_chunks(socket, 0)
        }
        let lastWords = incoming?.connectionEnded()
        if !isWhole, status == 0 {
            sayWhy(lastWords, hasTimedOut: reason == .REQUEST_TERMINATED_TIMEOUT_REACHED)
        }
        if incoming != nil { sharedIncoming.withLock { $0 = nil } }
        if let suspension { core.suspensions.remove(suspension) }
        if suspension != nil || incoming != nil { cmhd_hold_end(socket, 0) }
        let now = monotonicNanoseconds()
        if status != 0 || phase.rawValue > Phase.headers.rawValue {
            let exchange = Exchange(
                method: request.method, route: request.route, status: status,
                requestBodyBytes: receivedBodyBytes,
                responseBodyBytes: request.method == .head ? 0 : responseBodyBytes,
                durationNanoseconds: now &- startNanoseconds, isComplete: isWhole)
            core.hotCalls._withUnsafeGuaranteedRef { $0.completed(exchange, of: request) }
        }
        giveAnswerBytesBack()
        request.end()
        outgoing = nil
        incoming = nil
        suspension = nil
        phase = .idle
        status = 0
        if !isWhole { isLastRequest = true }
        sinceNanoseconds.store(now, ordering: .relaxed)
        stage.store(.idle, ordering: .releasing)
        if core.isDraining, !lingers { shutdown(socket, shutdownBothWays) }
    }

    /// The connection is over; its socket is still open.
    func closed() {
        if phase == .idle, verdict.load(ordering: .relaxed) == .slowHead {
            beginUnreadable()
            _ = cutOff(core.handler.refusal(.headTimedOut(seconds: core.configuration.headTimeoutSeconds)))
        } else if phase == .idle, !isLastRequest, !core.isDraining, cmhd_last_read_brought_bytes(socket) == 1,
            !hasTimedOut
        {
            beginUnreadable()
            _ = cutOff(core.handler.refusal(.malformedRequestLine))
        }
        // A request that was refused before its line was read has not been completed.
        if status != 0 { complete(.REQUEST_TERMINATED_COMPLETED_OK) }
        if lingers {
            shutdown(socket, shutdownSending)
            core.linger(socket)
        }
    }

    /// What has come is no request, or not yet: nothing of the one before it counts for it.
    private func beginUnreadable() {
        startNanoseconds = monotonicNanoseconds()
        request.method = .other
        request.route = 0
        receivedBodyBytes = 0
    }

    private var hasTimedOut: Bool {
        let silentNanoseconds = monotonicNanoseconds() &- sinceNanoseconds.load(ordering: .relaxed)
        return silentNanoseconds >= UInt64(core.configuration.timeoutSeconds) * 1_000_000_000
    }

    /// Tells a client whose request is given up before it was whole why that is. The socket is still open, and the library has
    /// written nothing to it.
    private func sayWhy(_ lastWords: Refusal?, hasTimedOut: Bool) {
        guard phase == .headers || phase == .collecting || phase == .streaming else { return }
        let violation =
            verdict.load(ordering: .relaxed).violation(core.configuration)
            ?? (hasTimedOut ? .silent(seconds: core.configuration.timeoutSeconds) : nil)
        guard let refusal = lastWords ?? violation.map({ core.handler.refusal($0) }) else { return }
        if phase == .headers { startNanoseconds = monotonicNanoseconds() }
        send(refusal)
    }

    /// The library refuses the request by itself with `status`: sends the handler's refusal in place of its HTML.
    func refuseForLibrary(status: Int) -> MHD_Result {
        let violation: ProtocolViolation =
            switch status {
            case 413: .bodyTooLarge(limitBytes: core.configuration.bodyLimitBytes)
            case 414: .targetTooLong(limitBytes: core.configuration.targetLimitBytes)
            case 431: core.configuration.headTooLarge
            case 500: .internalError
            case 505: .unsupportedVersion
            default:
                switch phase {
                case .collecting, .streaming: .malformedChunk
                case .headers: .malformedHeader
                default: .malformedRequestLine
                }
            }
        if phase == .idle { beginUnreadable() }
        if phase == .headers { startNanoseconds = monotonicNanoseconds() }
        let response = Response(core.handler.refusal(violation))
        stage.store(.answering, ordering: .relaxed)
        self.status = response.status
        responseBodyBytes = response.bodyBytes
        lingers = true
        isLastRequest = true
        return cmhd_queue(handle, UInt32(response.status), response.handle)
    }

    // MARK: Headers

    private func headersComplete(
        target: UnsafePointer<CChar>, method: UnsafePointer<CChar>, version: UnsafePointer<CChar>
    ) -> MHD_Result {
        core.hotCalls._withUnsafeGuaranteedRef { $0.headersReceived(of: request) }
        startNanoseconds = monotonicNanoseconds()
        sinceNanoseconds.store(startNanoseconds, ordering: .relaxed)
        stage.store(.working, ordering: .releasing)
        let head = RequestHead(
            handle, method: method, target: target, targetBytes: request.targetBytes, version: version,
            limitBytes: core.configuration.headLimitBytes, lineLimit: core.configuration.headerLimit)
        request.method = Method(method)
        request.version = head.httpVersion
        request.contentLength = head.contentLength
        request.notableHeaders = head.notableHeaders
        isLastRequest = head.asksToClose
        isChunked = head.isChunked
        // Such a head may leave the library no memory for an answer, so it is written past it.
        if case .headersTooLarge? = head.violation {
            return cutOff(core.handler.refusal(core.configuration.headTooLarge))
        }
        if !request.targetIsClean || request.isForServer && request.method != .options {
            return refuse(.malformedRequestLine)
        }
        if let violation = head.violation { return refuse(violation) }
        let bodyBytes = isChunked ? UInt64.max : UInt64(head.contentLength ?? 0)
        if cmhd_head_has_nul(socket, method + cmhd_header_bytes(handle), bodyBytes) == 1 {
            return refuse(.malformedHeader)
        }
        if head.comesFromPage, let response = core.handler.answer(toPage: request) {
            isLastRequest = true
            lingers = true
            return queue(response)
        }
        guard head.hasBody else {
            phase = .ready
            return .YES
        }
        if isChunked {
            // The library takes chunks that others do not (ended by LF, say), so it is not certain where the next
            // request would begin. No byte behind such a body is ever read as one.
            guard cmhd_close_after_answer(handle) == .YES else {
                return refuse(core.configuration.headTooLarge)
            }
            isLastRequest = true
            lingers = true
            bodyStart = UnsafeRawPointer(method + cmhd_header_bytes(handle)).assumingMemoryBound(
                to: UInt8.self)
        }
        switch core.handler.bodyHandling(for: request) {
        case .collect(let limitBytes):
            bodyLimitBytes = limitBytes ?? core.configuration.bodyLimitBytes
            if let declaredBytes = head.contentLength {
                if declaredBytes > bodyLimitBytes { return refuse(.bodyTooLarge(limitBytes: bodyLimitBytes)) }
                guard request.collectedBody.prepare(for: declaredBytes) else { return refuse(.buffersFull) }
            }
            phase = .collecting
            stage.store(.receiving, ordering: .relaxed)
        case .stream(let stream):
            guard core.suspensions.add(stream.pipe) else { return refuse(.serverStopping) }
            let pipe = stream.pipe
            incoming = pipe
            sharedIncoming.withLock { $0 = pipe }
            phase = .streaming
            stage.store(.importing, ordering: .relaxed)
        case .refuse(let response):
            isLastRequest = true
            lingers = true
            return queue(response)
        }
        return .YES
    }

    /// Answers at once and lets the library close the connection, whose framing is not to be trusted any more.
    private func refuse(_ violation: ProtocolViolation) -> MHD_Result {
        isLastRequest = true
        lingers = true
        return queue(Response(core.handler.refusal(violation)))
    }

    // MARK: Body

    private func collect(_ bytes: UnsafeRawBufferPointer) -> MHD_Result {
        if isChunked, chunkIsLarger(than: bodyLimitBytes - receivedBodyBytes, bytes) {
            return cutOff(core.handler.refusal(.bodyTooLarge(limitBytes: bodyLimitBytes)))
        }
        receivedBodyBytes += bytes.count
        guard receivedBodyBytes <= bodyLimitBytes else {
            return cutOff(core.handler.refusal(.bodyTooLarge(limitBytes: bodyLimitBytes)))
        }
        guard request.collectedBody.append(bytes) else {
            return cutOff(core.handler.refusal(.buffersFull))
        }
        return .YES
    }

    private func stream(_ bytes: UnsafeRawBufferPointer) -> MHD_Result {
        let limitBytes = incoming!.limitBytes
        if isChunked, chunkIsLarger(than: max(0, limitBytes - receivedBodyBytes), bytes) {
            return cutOff(core.handler.refusal(.bodyTooLarge(limitBytes: limitBytes)))
        }
        receivedBodyBytes += bytes.count
        switch incoming!.take(bytes) {
        case .kept: return .YES
        case .closed: return .NO
        case .discarded:
            // Answered early, or too large: the rest is thrown away up to a bound.
            bodyLimitBytes += bytes.count
            return bodyLimitBytes > core.configuration.discardLimitBytes ? .NO : .YES
        }
    }

    /// Whether `piece` begins a chunk that says it is larger than that, so that there is no use in waiting for it.
    private func chunkIsLarger(than roomBytes: Int, _ piece: UnsafeRawBufferPointer) -> Bool {
        guard let bodyStart, let base = piece.baseAddress else { return false }
        // SAFETY: both point into the connection's read buffer.
        let size = sizeOfChunk(beginningAt: base.assumingMemoryBound(to: UInt8.self), bodyStart: bodyStart)
        return size.map { $0 > UInt64(roomBytes) } ?? false
    }

    private func bodyCollected() -> MHD_Result {
        if isChunked, !trailersAreClean(handle) { return cutOff(core.handler.refusal(.malformedTrailer)) }
        return core.hotCalls._withUnsafeGuaranteedRef { answer($0.respond(to: request)) }
    }

    private func streamEnded() -> MHD_Result {
        if isChunked, !trailersAreClean(handle) { return cutOff(core.handler.refusal(.malformedTrailer)) }
        switch incoming!.end() {
        case .answer(let response): return queue(response)
        case .suspended: return .YES
        case .closed: return .NO
        }
    }

    /// Writes a refusal past the library, which cannot answer in the middle of a body, and closes.
    private func cutOff(_ refusal: Refusal) -> MHD_Result {
        send(refusal)
        phase = .discarding
        return .NO
    }

    /// Writes a refusal past the library. The connection must be closed after it.
    private func send(_ refusal: Refusal) {
        let bytes = refusal.wireBytes()
        _ = bytes.withUnsafeBytes { cmhd_send(socket, $0.baseAddress, $0.count) }
        status = refusal.status
        responseBodyBytes = refusal.body.count
        isLastRequest = true
        lingers = true
    }

    /// Tells the reader of a streamed body that no more of it will come. Any thread.
    func giveUpImport(_ verdict: Verdict) {
        let rate = core.configuration.minimumBytesPerSecond
        let reason: BodyStreamError =
            switch verdict {
            case .serverStopping: .serverStopping
            case .placeNeeded: .placeNeeded
            default: .tooSlow(bytesPerSecond: rate)
            }
        sharedIncoming.withLock { $0 }?.giveUp(reason)
    }

    // MARK: Answer

    private func giveAnswerBytesBack() {
        guard answerBytes > 0 else { return }
        core.configuration.budget.giveBack(answerBytes)
        answerBytes = 0
    }

    deinit { giveAnswerBytesBack() }

    func suspendRequest() -> SuspendedRequest {
        precondition(suspension == nil, "A request is suspended once.")
        precondition(phase == .ready || phase == .collecting, "A request is suspended from respond(to:).")
        let suspension = Suspension(connection: self)
        self.suspension = suspension
        phase = .suspended
        stage.store(.working, ordering: .relaxed)
        // The library first, so that a resume from another thread always finds a suspended connection.
        cmhd_hold_end(socket, 1)
        MHD_suspend_connection(handle)
        if !core.suspensions.add(suspension) { suspension.stop() }
        return SuspendedRequest(suspension)
    }

    private func resumed() -> MHD_Result {
        guard let answer = suspension?.takeAnswer() else { return .NO }
        return queue(answer)
    }

    private func answer(_ outcome: consuming Outcome) -> MHD_Result {
        switch consume outcome {
        case .response(let response):
            precondition(phase != .suspended, "A suspended request is answered through its SuspendedRequest.")
            return queue(response)
        case .suspended:
            precondition(phase == .suspended, "respond(to:) answered .suspended without request.suspend().")
            return .YES
        }
    }

    /// What a client does not read waits with its writer. The kernel would keep megabytes for it, as long as the connection lives.
    private func beginLive() {
        stage.store(.live, ordering: .relaxed)
        var bytes: Int32 = 32 << 10
        setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
    }

    private func queue(_ response: consuming Response) -> MHD_Result {
        if !request.answerHeaders.isEmpty { response = response.with(request.answerHeaders) }
        // PERF: an answer of a few kilobytes goes out at once; only large ones wait for their client in memory.
        if response.largeBytes > 0 {
            guard core.configuration.budget.take(response.largeBytes) else {
                return queue(Response(core.handler.refusal(.buffersFull)))
            }
            answerBytes = response.largeBytes
        }
        status = response.status
        responseBodyBytes = response.bodyBytes
        phase = .answered
        stage.store(response.pipe == nil ? .answering : .exporting, ordering: .relaxed)
        if let pipe = response.pipe {
            outgoing = pipe
            if pipe.isLive { beginLive() }
            cmhd_leave_out_end_of_chunks(socket, request.method == .head ? 1 : 0)
            guard pipe.attach(to: self) else { return .NO }
        }
        return cmhd_queue(handle, UInt32(response.status), response.handle)
    }
}
