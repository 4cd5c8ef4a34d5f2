// An HTTP/1.1 server: libmicrohttpd's epoll loops in a pool of threads, one thread that accepts, and one that watches.
//
//   let server = try HTTPServer(configuration: .init(port: 8080), handler: MyHandler())
//   ...
//   server.stop(deadlineSeconds: 10)
//
// A server runs from `init` to `stop`. Pool threads call the handler; `stop` may be called from any other thread.

import CMicroHTTPD
import Glibc
import HuskSystem
import Synchronization

/// A running server.
package final class HTTPServer: Sendable {
    /// Limits in bytes, times in seconds.
    package struct Configuration: Sendable {
        /// An IPv4 or IPv6 address, or `localhost`. Local by default: nothing here authenticates.
        package var host = "127.0.0.1"
        /// 0 lets the system choose; `HTTPServer.port` tells what it chose.
        package var port = 8080
        /// Pool threads. One a core: they never block, so more would only take turns.
        package var threads = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        /// Open connections; at the limit a new one takes the place of the one that is longest idle. Lowered at
        /// start to what the limit of open files allows, and by the owner to what memory allows: see `connectionBytes`.
        package var connectionLimit = 16_384
        /// What buffers and connections are counted in.
        package var budget = BufferBudget.unlimited
        /// What a connection is counted as: the library's memory for it, and this module's for a target, a small body
        /// and its own records.
        package var connectionBytes: Int { poolBytes + 16 << 10 }
        /// The longest collected body, where the handler does not say otherwise.
        package var bodyLimitBytes = 1 << 20
        /// How much of a streamed body is read and thrown away after an early answer, for a client that reads
        /// only when it has sent everything.
        package var discardLimitBytes = 64 << 20
        /// Request line and headers together, 2 KiB to 256 KiB.
        package var headLimitBytes = 8 << 10
        /// A connection without progress for this long is closed. Suspended requests are exempt.
        package var timeoutSeconds = 30
        /// How long a request's line and headers may take from their first byte on.
        package var headTimeoutSeconds = 10
        /// How long a collected body may take.
        package var requestTimeoutSeconds = 60
        /// What streamed bodies and all answers must move on average over `windowSeconds`, while they wait for the client; 0 is
        /// no limit. Nothing at all for so long is too little, too.
        package var minimumBytesPerSecond = 4096
        package var windowSeconds = 10
        /// How long a connection must have been idle before it gives its place to another.
        package var graceMilliseconds = 100
        /// Sockets of ended connections that are kept for a moment, so that their clients can read the last answer.
        var lingeringLimit = 1024
        /// Connections that may wait for the accepting thread. The kernel caps it at net.core.somaxconn.
        package var backlog = 4096

        package init(host: String = "127.0.0.1", port: Int = 8080) {
            self.host = host
            self.port = port
        }
    }

    /// The port that the server listens on.
    package let port: Int
    package let configuration: Configuration
    private let core: ServerCore
    private let daemon: DaemonHandle
    private let acceptor: Acceptor
    private let acceptingThread: OwnedThread
    private let watch: ConnectionWatch
    private let watchingThread: OwnedThread
    private let isStopped = Mutex(false)

    /// Starts serving. The process's limit of open files is raised to its hard limit.
    /// - Throws: `HTTPServerError`, whose description is one line.
    package init(configuration: Configuration, handler: any RequestHandler) throws(HTTPServerError) {
        let checked = try configuration.checked(openFileLimit: Int(clamping: cmhd_raise_open_file_limit()))
        let listener = try ListeningSocket(
            host: checked.host, port: checked.port, backlog: checked.backlog)
        let core = ServerCore(configuration: checked, handler: handler)
        do throws(HTTPServerError) {
            let acceptor = try Acceptor(listener: listener, lingeringLimit: checked.lingeringLimit)
            let watch = try ConnectionWatch()
            core.acceptor.store(acceptor)
            let daemon = try DaemonHandle(core: core)
            self.acceptor = acceptor
            self.daemon = daemon
            self.watch = watch
            acceptingThread = OwnedThread(name: "http-accept") { acceptor.run(core: core, daemon: daemon) }
            watchingThread = OwnedThread(name: "http-watch") { watch.run(core: core) }
        } catch {
            close(listener.descriptor)
            throw error
        }
        self.core = core
        self.configuration = checked
        port = listener.port
    }

    /// The version of libmicrohttpd that is loaded, as in `0.9.75`.
    package static var libraryVersion: String { String(cString: MHD_get_version()) }

    /// Connections open now.
    package var connectionCount: Int { core.connections.count }

    /// Stops: refuses new connections at once, closes idle ones, lets requests under way finish until the deadline, answers
    /// those who still wait with a 503, cuts off the rest, and returns when no thread of the server runs any more. What
    /// other threads still hold of it then answers with an error or `false`. A second call does nothing.
    /// Never call it on a pool thread, for which it would wait for ever.
    /// - Parameters:
    ///   - deadlineSeconds: how long requests under way may take.
    ///   - answerSeconds: how long those who answer requests then have to do so themselves, with what was done so far.
    ///   - hurry: called at the deadline: tells them to.
    package func stop(deadlineSeconds: Double = 10, answerSeconds: Double = 0.5, hurry: () -> Void = {}) {
        let isFirst = isStopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard isFirst else { return }
        core.startDraining()
        acceptor.stop()
        acceptingThread.join()
        waitUntilClosed(seconds: deadlineSeconds)
        hurry()
        _ = core.connections.endSlowest(.max, .serverStopping) { stage, _ in
            stage == .receiving || stage == .importing
        }
        waitUntilClosed(seconds: answerSeconds)
        core.suspensions.stopAll()
        _ = core.connections.endSlowest(.max, .serverStopping) { stage, _ in stage == .exporting }
        waitUntilClosed(seconds: 0.3)
        watch.stop()
        watchingThread.join()
        daemon.stop()
    }

    /// Waits until every connection is closed, but not longer than so many seconds.
    private func waitUntilClosed(seconds: Double) {
        let deadline = monotonicNanoseconds() + UInt64(max(0, seconds) * 1e9)
        var lookNanoseconds: UInt64 = 0
        while core.connections.count > 0, monotonicNanoseconds() < deadline {
            // Each round closes what has become idle; requests under way close their connection as they end.
            _ = core.connections.closeLongestIdle(.max)
            if monotonicNanoseconds() >= lookNanoseconds {
                watch.look(core)
                lookNanoseconds = monotonicNanoseconds() + 50_000_000
            }
            usleep(2_000)
        }
    }

    deinit { stop(deadlineSeconds: 0) }
}

// What follows from the limit of a head:
//
//     head           8 KiB
//     target         7.5 KiB: some headers always find room beside it
//     header lines   64, one for 128 bytes
//     pool           13 KiB: the head, the library's record of each line, and an answer's headers
//
// PERF: the pool is libmicrohttpd's memory for a connection, and it clears all of it after each request: 6% of the server's
// cycles for a GET with 24 KiB, 9% with the library's own choice of 32 KiB.
extension HTTPServer.Configuration {
    /// What `headLimitBytes` may be.
    package static let headLimits = 2048...262_144
    /// The longest request target, in bytes.
    package var targetLimitBytes: Int { headLimitBytes - 512 }
    /// How many header lines there may be.
    package var headerLimit: Int { headLimitBytes / 128 }
    /// Bytes of the library's memory for a connection: for a head, for what it keeps of each line, for the headers of an
    /// answer. Bodies and the chunks of a streamed answer pass through what the head leaves.
    var poolBytes: Int { headLimitBytes + headerLimit * Self.headerRecordBytes + 1024 }
    /// What is said of a head beyond that.
    var headTooLarge: ProtocolViolation {
        .headersTooLarge(limitBytes: headLimitBytes, lineLimit: headerLimit)
    }
    /// What libmicrohttpd 0.9.75 keeps of a header line (`struct MHD_HTTP_Header`), rounded up as its pool does.
    private static let headerRecordBytes = 64

    /// This configuration with the connection limit lowered to what the system allows.
    func checked(openFileLimit: Int) throws(HTTPServerError) -> Self {
        var checked = self
        // 256 descriptors stay: 64 for what the service opens and for the pool's own, the others for lingering sockets. Those
        // are twice as many for a moment, until the new ones are told from the old.
        checked.connectionLimit = min(connectionLimit, openFileLimit - 256)
        checked.lingeringLimit = min(lingeringLimit, (openFileLimit - checked.connectionLimit - 64) / 2)
        guard checked.connectionLimit > 0 else {
            throw .badConfiguration(
                "a limit of \(openFileLimit) open files leaves no connection; expected above 256")
        }
        guard (1...1024).contains(threads) else {
            throw .badConfiguration("threads is \(threads), expected 1 to 1024")
        }
        guard Self.headLimits.contains(headLimitBytes) else {
            throw .badConfiguration("headLimitBytes is \(headLimitBytes), expected \(Self.headLimits)")
        }
        guard bodyLimitBytes >= 0, timeoutSeconds > 0, backlog > 0, headTimeoutSeconds > 0,
            requestTimeoutSeconds > 0, minimumBytesPerSecond >= 0, windowSeconds > 0
        else {
            throw .badConfiguration("limits must be positive")
        }
        return checked
    }
}
