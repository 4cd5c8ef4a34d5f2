// The service: takes each request to its endpoint, and each error to its client. Called on every pool thread at once;
// nothing on them takes long. RouteTable.swift lists the endpoints.

import HuskLab
import HuskSystem
import KeyStreams
import Logging
import MicroHTTP
import Synchronization

package final class Service: RequestHandler {
    let lab: Lab
    let logger: Logger
    /// What requests buffer is taken from.
    package let budget: BufferBudget
    private let logsRequests: Bool
    /// Web pages that may do everything (CrossOrigin.swift).
    let corsOrigins: [WebOrigin]
    /// Whose files may be replayed; nil for none.
    let replayFolder: ReplayFolder?
    let routes = RouteTable()
    let counters: RequestCounters
    let figures = ProcessFigures()
    let answers = FixedAnswers()
    /// Made when a browser first asks.
    static let pageFiles = PageFiles()

    // Work is queued with its like, so that none waits for what takes longer than itself.

    /// Ranges and copies, which may take hours: the heap's lock lets them through one slice at a time anyway.
    let longWork = WorkPool(name: "husk-work", threads: 4, queueLimit: 64)
    /// What ends the long work or changes its bounds: nil, clear, a fresh map, settings.
    let commands = WorkPool(name: "husk-command", threads: 2, queueLimit: 64)
    /// What takes as long as a collection, which all who ask at the same time share.
    let collections = WorkPool(name: "husk-collect", threads: 4, queueLimit: 64)
    /// What takes as long as reading the map.
    let pictures = WorkPool(name: "husk-picture", threads: 2, queueLimit: 16)
    /// Exports and imports: these go at their client's pace, so they must not take the threads of the others.
    let transfers = WorkPool(name: "husk-transfer", threads: 16, queueLimit: 64)
    /// One at a time: each makes a heap of its own.
    let scenarios = WorkPool(name: "husk-scenario", threads: 1, queueLimit: 8)

    let workloads = WorkloadRegistry()

    /// The work of these pools that is long enough to be watched and cancelled.
    let jobs = JobRegistry()

    /// The last hour, and the thread that records it.
    let timeline: Timeline
    let recorder: TimelineRecorder

    /// GET /metrics under way.
    let scrapesUnderWay = Atomic(0)

    private let draining = Atomic(false)
    private let stopping = Atomic(false)
    private let cancelling = Atomic(false)

    package init(
        lab: Lab, logger: Logger, budget: BufferBudget = .unlimited, corsOrigins: [WebOrigin] = [],
        replayFolder: ReplayFolder? = nil, timeline: Timeline = Timeline(size: 60),
        timelinePeriodNanoseconds: UInt64 = 1_000_000_000
    ) {
        self.replayFolder = replayFolder
        self.timeline = timeline
        recorder = TimelineRecorder(lab, timeline, periodNanoseconds: timelinePeriodNanoseconds)
        self.corsOrigins = corsOrigins
        self.lab = lab
        self.budget = budget
        self.logger = logger
        logsRequests = logger.logLevel <= .debug
        counters = RequestCounters(routes: routes.templates)
    }

    /// From now on `/readyz` answers 503 and nobody listens to events any more; nothing else changes.
    package func startDraining() {
        draining.store(true, ordering: .relaxed)
        recorder.closeDoor()
    }

    /// From now on `/readyz` and long operations answer 503; those under way go on.
    package func startStopping() {
        startDraining()
        stopping.store(true, ordering: .relaxed)
    }

    /// Ends the long operations that are under way: they answer 503, with what they have done so far.
    package func cancelLongWork() {
        startStopping()
        cancelling.store(true, ordering: .relaxed)
    }

    /// Waits for the threads of long work; the HTTP server has been stopped before.
    package func close() {
        cancelLongWork()
        for pool in [longWork, commands, collections, pictures, transfers, scenarios, workloads.pool] { pool.close() }
        recorder.stop()
    }

    var isDraining: Bool { draining.load(ordering: .relaxed) }
    var isStopping: Bool { stopping.load(ordering: .relaxed) }
    var isCancelling: Bool { cancelling.load(ordering: .relaxed) }

    // MARK: RequestHandler

    package func lineReceived(of request: Request) {
        let path = request.path
        guard isKeyPath(path) else { return }
        request.note = lab.prefetch(UnsafeRawBufferPointer(rebasing: path[keyPrefix.utf8CodeUnitCount...]))
    }

    package func headersReceived(of request: Request) {
        if request.note != 0 { lab.prefetchBytes(request.note) }
    }

    package func respond(to request: Request) -> Outcome {
        if isForKey(request) { return answerKey(request) }
        do throws(Problem) {
            return try dispatch(request)
        } catch {
            return .response(error.response())
        }
    }

    package func bodyHandling(for request: Request) -> BodyHandling {
        if request.notableHeaders.contains(.content) {
            do throws(Problem) {
                try requireWholeContent(request)
            } catch {
                return .refuse(error.response())
            }
        }
        if isForKey(request) { return .collect(limitBytes: Limits.valueBytes) }
        guard let route = route(of: request) else { return .collect(limitBytes: Limits.jsonBodyBytes) }
        if route.streamsPosts && request.method == .post { return importHandling(for: request, route) }
        return .collect(limitBytes: Limits.jsonBodyBytes)
    }

    package func refusal(_ violation: ProtocolViolation) -> Refusal {
        Refusal(
            status: violation.status, contentType: "application/problem+json", body: Problem(violation).body)
    }

    package func completed(_ exchange: Exchange, of request: Request) {
        counters.count(exchange)
        if logsRequests { log(exchange, of: request) }
    }

    package var waitingStreams: Int { transfers.waitingCount }

    // MARK: Dispatch

    /// Whether the path names a key. PERF: most do, so this is asked before the table, and once a request.
    @inline(__always)
    private func isForKey(_ request: Request) -> Bool {
        if request.route == 0, isKeyPath(request.path) { request.route = keyRouteNumber }
        return request.route == keyRouteNumber
    }

    /// The route of the request's path, looked up once and kept on the request; nil when there is none.
    private func route(of request: Request) -> Route? {
        if request.route > 0 { return routes[request.route] }
        let route = routes.find(request.path)
        if let route { request.route = route.number }
        return route
    }

    private func dispatch(_ request: Request) throws(Problem) -> Outcome {
        if request.isForServer { return .response(Response(answers.serverOptions)) }
        guard let route = route(of: request) else { return .response(Response(answers.noSuchPath)) }
        guard let endpoint = route.endpoint(for: request.method) else {
            return .response(Response(route.methodNotAllowed))
        }
        try route.checkQuery(of: request)
        try requireWholeContent(request)
        return try endpoint(self, request)
    }

    /// Runs `work` on a pool's thread and answers with what it returns; the request waits, its connection's thread does
    /// not.
    /// - Parameters:
    ///   - kind: what it is listed as in GET /jobs; nil for what is too short for that.
    ///   - work: is given the client, to ask now and then whether to go on.
    func offload(
        _ request: Request, to pool: WorkPool, as kind: Job.Kind? = nil,
        _ work: @escaping @Sendable (ClientWatch) throws(Problem) -> Response
    ) throws(Problem) -> Outcome {
        if isStopping { throw Problem.stopping }
        let suspended = request.suspend()
        let job = kind.map { kind in
            jobs.add(kind) { wasWaiting in
                if wasWaiting { suspended.resume(with: Problem.cancelled.response()) }
            }
        }
        let isQueued = pool.submit(isAbandoned: { suspended.clientHasHungUp }) {
            if job?.start() == false { return }
            let client = ClientWatch(job) { [self] in isCancelling || suspended.clientHasHungUp }
            do throws(Problem) {
                if client.isOver { throw Problem.stopping }
                let response = try work(client)
                job?.end()
                suspended.resume(with: response)
            } catch {
                job?.end()
                suspended.resume(with: (job?.isCancelled == true ? error.afterCancelling : error).response())
            }
        }
        if !isQueued {
            job?.end()
            suspended.resume(with: Problem.busy.response())
        }
        return .suspended
    }
}

/// Bounds on what one request may bring.
///
/// A key in a URL is bounded by the HTTP layer's 7.5 KiB for the whole target, escapes included; POST /map/entries takes
/// keys of up to 64 KiB.
/// PERF: room for a 64 KiB key in the URL, 448 KiB a connection since each byte may come as `%XX`, doubled the CPU time of
/// every request (10 to 20 µs): libmicrohttpd clears a connection's memory after each of them.
package enum Limits {
    /// A value, as the body of a PUT.
    package static let valueBytes = EntryLimits.valueBytes
    /// A key, in an import.
    package static let keyBytes = EntryLimits.keyBytes
    /// A body of JSON parameters; none needs a hundredth of it.
    package static let jsonBodyBytes = 64 << 10
    /// Clients that listen to events at once.
    package static let listeners = 4096
    /// One line of an import: the longest value and key, as escaped as JSON can be, fit.
    package static let lineBytes = 8 << 20
}

/// Answers that never change.
struct FixedAnswers: Sendable {
    let created = SharedResponse(status: 201)
    let noContent = SharedResponse(status: 204)
    let notModified = SharedResponse(status: 304)
    let preconditionFailed = Problem(
        .preconditionFailed, "what If-Match or If-None-Match asks for is not so; nothing was changed"
    ).shared()
    let noSuchKey = Problem.noSuchKey.shared()
    let noSuchPath = Problem.noSuchPath.shared()
    let mapIsNil = Problem(LabError.mapIsNil).shared()
    let noRoom = Problem(
        .insufficientStorage,
        "the value may take the heap over --max-memory; delete, replace and free-memory still work"
    ).shared()
    /// To `OPTIONS *`: the methods that some path or other takes.
    let serverOptions = SharedResponse(
        status: 204, headers: [("Allow", "GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS")])
    let ok = SharedResponse(status: 200, contentType: .plainText, text: "ok\n")
    let openAPI = SharedResponse(
        status: 200, contentType: .yaml, text: String(decoding: PackageResources.openapi_yaml, as: UTF8.self))
}

extension UnsafeRawBufferPointer {
    func starts(withBytesOf text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount where self[index] != text.utf8Start[index] { return false }
        return true
    }

    func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && starts(withBytesOf: text) }
}
