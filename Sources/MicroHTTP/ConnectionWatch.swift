// The thread that watches over all connections: clients that are gone, and clients that are slow.
//
// Gone: libmicrohttpd's epoll sets are edge-triggered, so a FIN that comes with the last bytes of a request raises no event of
// its own, and nobody reads the socket again until the silence has lasted too long. Twice a second this thread asks
// the kernel about all sockets (of those that have long been idle, about every third), and shuts down the receiving half of those whose client sends no more: that
// takes nothing away (what has come can still be read, answers can still be sent), but it wakes the pool thread,
// which reads, meets the end, and closes. Suspended requests are read by nobody: `HangUpProbe` tells which of their clients
// still wait.
//
// Slow: an incomplete head has `headTimeoutSeconds`, a body that is collected `requestTimeoutSeconds`. Streamed bodies and all
// answers have no deadline, but must move `minimumBytesPerSecond` in each window of `windowSeconds`, and something in any
// time as long, as the kernel counts it, while it is the client's turn. When streams wait for others to end
// (`waitingStreams`), the slow ones among those that move end after a second, the slowest first.
//
// How one is ended: a client that still sends has its receiving half shut down, and the pool thread, when it meets the end,
// says why before it closes (`Connection.complete`). A client that is to take an answer is reset: an answer that ends
// early must not look like a whole one, which it would over HTTP/1.0.

import CMicroHTTPD
import Glibc
import HuskSystem
import Synchronization

final class ConnectionWatch: Sendable {
    static let periodMilliseconds: Int32 = 500
    /// How long a stream may move less than it must while others wait.
    static let shortWindowNanoseconds: UInt64 = 1_000_000_000

    private let wakeDescriptor: Int32
    private let isStopping = Atomic(false)

    /// - Throws: `systemFailure` when the system has no descriptor left.
    init() throws(HTTPServerError) {
        wakeDescriptor = cmhd_wake_socket()
        guard wakeDescriptor >= 0 else { throw .systemFailure(call: "eventfd", errorNumber: errno) }
    }

    deinit { close(wakeDescriptor) }

    /// Makes `run` return soon. Any thread.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, 8)
    }

    /// The thread's body.
    func run(core: ServerCore) {
        while true {
            var polled = pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&polled, 1, Self.periodMilliseconds)
            if isStopping.load(ordering: .acquiring) { return }
            look(core)
        }
    }

    /// Looks at every connection once. Any thread.
    func look(_ core: ServerCore) {
        let now = monotonicNanoseconds()
        let rules = WatchRules(core.configuration)
        var endingTransfers = 0
        core.connections.visit(now) { connection, hasHungUp, watched in
            watched.look(at: connection, hasHungUp: hasHungUp, rules, now)
            if watched.endNanoseconds != nil, connection.stage.load(ordering: .relaxed).isTransfer {
                endingTransfers += 1
            }
        }
        core.suspensions.endThoseWithoutClient()
        let waiting = core.handler.waitingStreams - endingTransfers
        if waiting > 0 {
            _ = core.connections.endSlowest(waiting, .slowTransfer) { stage, watched in
                stage.isTransfer && watched.isSlow(Self.shortWindowNanoseconds, rules, now)
            }
        }
    }
}

/// The limits that clients are held to.
struct WatchRules {
    var headTimeoutNanoseconds: UInt64
    var requestTimeoutNanoseconds: UInt64
    var minimumBytesPerSecond: UInt64
    /// How long a stream or an answer may move less.
    var windowNanoseconds: UInt64

    init(_ configuration: HTTPServer.Configuration) {
        headTimeoutNanoseconds = UInt64(configuration.headTimeoutSeconds) * 1_000_000_000
        requestTimeoutNanoseconds = UInt64(configuration.requestTimeoutSeconds) * 1_000_000_000
        minimumBytesPerSecond = UInt64(configuration.minimumBytesPerSecond)
        windowNanoseconds = UInt64(configuration.windowSeconds) * 1_000_000_000
    }
}

/// How fast a client is; the slowest is the least.
struct Pace: Comparable {
    /// Infinite for one that has not been watched yet.
    var bytesPerSecond: Double
    var sinceNanoseconds: UInt64

    static func < (left: Pace, right: Pace) -> Bool {
        (left.bytesPerSecond, left.sinceNanoseconds) < (right.bytesPerSecond, right.sinceNanoseconds)
    }
}

/// What the watch remembers of a connection. Guarded by the table's lock.
struct Watched {
    /// When the connection was told to end; it is watched for nothing else from then on.
    private(set) var endNanoseconds: UInt64?

    /// Of the request, or the idle time, that the rest belongs to.
    private var sinceNanoseconds: UInt64 = 0
    private var stage = Stage.idle

    // While idle.
    private var lookNanoseconds: UInt64 = 0
    /// When the head that has come in part began, at the earliest.
    private var headNanoseconds: UInt64?

    // While it is the client's turn.
    private var windowNanoseconds: UInt64 = 0
    private var bytesBeforeWindow: UInt64 = 0
    private var movedBytes: UInt64 = 0
    private var progressNanoseconds: UInt64 = 0

    /// Looks at one connection, and ends it if its time is over.
    mutating func look(at connection: Connection, hasHungUp: Bool, _ rules: WatchRules, _ now: UInt64) {
        let stage = connection.stage.load(ordering: .acquiring)
        let since = connection.sinceNanoseconds.load(ordering: .relaxed)
        if let endNanoseconds {
            return insist(on: connection, stage, now &- endNanoseconds)
        }
        if hasHungUp, stage == .idle || stage == .receiving || stage == .importing {
            shutdown(connection.socket, shutdownReceiving)
        }
        if sinceNanoseconds != since || self.stage != stage {
            self = Watched()
            sinceNanoseconds = since
            self.stage = stage
            lookNanoseconds = since
            if stage.isClientsTurn { startWindow(bytes: movedBytes(of: connection), now) }
            return
        }
        // A connection that has only just changed is younger than `now`.
        let age = now > since ? now - since : 0
        switch stage {
        case .working, .live: break
        case .idle: lookForHead(on: connection, rules, now)
        case .receiving:
            _ = progress(of: connection, now)
            if age >= rules.requestTimeoutNanoseconds { end(connection, .slowRequest, now) }
        case .importing, .answering, .exporting:
            guard progress(of: connection, now) else { break }
            if isSlow(rules.windowNanoseconds, rules, now) {
                // A client that has taken all that there was is not the slow one.
                if stage == .importing || cmhd_has_unsent(connection.socket) == 1 {
                    end(connection, .slowTransfer, now)
                } else {
                    startWindow(bytes: movedBytes, now)
                }
            } else if now - windowNanoseconds >= rules.windowNanoseconds {
                startWindow(bytes: movedBytes, now)
            }
        }
    }

    /// Whether nothing has moved for as long as `window`, or too little since the window began, which is as old.
    func isSlow(_ window: UInt64, _ rules: WatchRules, _ now: UInt64) -> Bool {
        guard rules.minimumBytesPerSecond > 0, windowNanoseconds > 0 else { return false }
        if now >= progressNanoseconds + window { return true }
        guard now >= windowNanoseconds + window else { return false }
        let leastBytes = Double(rules.minimumBytesPerSecond) * Double(now - windowNanoseconds) / 1e9
        return Double(movedBytes - bytesBeforeWindow) < leastBytes
    }

    /// How fast the client was when it was last looked at, in the request that began at `since`.
    func pace(ofRequestSince since: UInt64) -> Pace {
        guard since == sinceNanoseconds, stage.isClientsTurn else {
            return Pace(bytesPerSecond: .infinity, sinceNanoseconds: since)
        }
        let seconds = Double(monotonicNanoseconds() - windowNanoseconds) / 1e9
        return Pace(bytesPerSecond: Double(movedBytes - bytesBeforeWindow) / seconds, sinceNanoseconds: since)
    }

    /// Ends the connection. Called with the table's lock held.
    mutating func end(_ connection: Connection, _ verdict: Verdict, _ now: UInt64) {
        endNanoseconds = now
        connection.verdict.store(verdict, ordering: .relaxed)
        switch connection.stage.load(ordering: .acquiring) {
        case .answering, .exporting: cmhd_abort(connection.socket)
        // Whoever reads the stream may say what it had done.
        case .importing: connection.giveUpImport(verdict)
        case .idle, .receiving, .working, .live: shutdown(connection.socket, shutdownReceiving)
        }
    }

    /// Ends it again: bytes may have come after the shutdown, which were read in place of the end.
    private func insist(on connection: Connection, _ stage: Stage, _ nanoseconds: UInt64) {
        // The reader of a stream has this long to say what it had done.
        if stage == .importing, nanoseconds < 300_000_000 { return }
        if nanoseconds > 2_000_000_000 {
            cmhd_abort(connection.socket)
        } else if stage == .idle || stage == .receiving || stage == .importing {
            shutdown(connection.socket, shutdownReceiving)
        }
    }

    /// Whether nothing has come for so long that what comes now is news to epoll, too, so that there is no hurry.
    func isQuiet(_ connection: Connection, _ now: UInt64) -> Bool {
        stage == .idle && headNanoseconds == nil && endNanoseconds == nil
            && now > sinceNanoseconds + Self.quietNanoseconds
            && connection.stage.load(ordering: .relaxed) == .idle
            && connection.sinceNanoseconds.load(ordering: .relaxed) == sinceNanoseconds
    }

    private static let quietNanoseconds: UInt64 = 2_000_000_000

    private mutating func lookForHead(on connection: Connection, _ rules: WatchRules, _ now: UInt64) {
        if let headNanoseconds {
            if now - headNanoseconds >= rules.headTimeoutNanoseconds { end(connection, .slowHead, now) }
            return
        }
        if cmhd_head_has_begun(connection.socket) == 1 { headNanoseconds = lookNanoseconds }
        lookNanoseconds = now
    }

    private mutating func startWindow(bytes: UInt64, _ now: UInt64) {
        windowNanoseconds = now
        bytesBeforeWindow = bytes
        movedBytes = bytes
        progressNanoseconds = now
    }

    /// Asks how far the client has come; answers false when the kernel does not say.
    private mutating func progress(of connection: Connection, _ now: UInt64) -> Bool {
        let bytes = movedBytes(of: connection)
        if bytes > movedBytes {
            movedBytes = bytes
            progressNanoseconds = now
        }
        return bytes > 0
    }

    /// Received and acknowledged; 0 when the kernel does not tell.
    private func movedBytes(of connection: Connection) -> UInt64 {
        var traffic = cmhd_traffic()
        guard cmhd_traffic(connection.socket, &traffic) == 1 else { return 0 }
        return traffic.received_bytes + traffic.acknowledged_bytes
    }
}
