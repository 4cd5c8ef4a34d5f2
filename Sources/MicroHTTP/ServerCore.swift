// What a server's parts share, and the C callbacks through which libmicrohttpd reaches them.
//
// One object a server, held by the server, by every connection, and, without a reference, by the daemon, which is
// stopped before the server lets go. Any thread; every member has its own lock or is atomic.

import CMicroHTTPD
import Glibc
import Synchronization

final class ServerCore: Sendable {
    let configuration: HTTPServer.Configuration
    let handler: any RequestHandler
    /// The same, for the calls that every request makes. Retained by this object.
    let hotCalls: Unmanaged<HotCalls>
    let connections = ConnectionTable()
    let suspensions = SuspensionRegistry()
    /// Accepted and not yet closed: ahead of `connections.count`, since pool threads fill the table.
    let openConnections = Atomic(0)
    let acceptor = AcceptorReference()
    private let draining = Atomic(false)

    init(configuration: HTTPServer.Configuration, handler: any RequestHandler) {
        self.configuration = configuration
        self.handler = handler
        hotCalls = .passRetained(HotCalls.of(handler))
    }

    deinit { hotCalls.release() }

    /// Whether another connection is within the limit, and within the budget.
    var hasRoomForConnection: Bool {
        openConnections.load(ordering: .relaxed) < configuration.connectionLimit
            && configuration.budget.hasRoom(for: configuration.connectionBytes)
    }

    func connectionOpened() {
        openConnections.add(1, ordering: .relaxed)
        configuration.budget.takeRegardless(configuration.connectionBytes)
    }

    func connectionClosed() {
        openConnections.subtract(1, ordering: .relaxed)
        configuration.budget.giveBack(configuration.connectionBytes)
    }

    /// True once the server stops: connections close after the request that they carry.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    func startDraining() { draining.store(true, ordering: .relaxed) }

    /// Whether connections are ending, or only just idle, or only about to begin, so that it does not show yet whether they
    /// are idle. O(n).
    var hasPlacesComing: Bool {
        connections.hasEnding || connections.hasIdle || connections.count < openConnections.load(ordering: .relaxed)
    }

    func linger(_ socket: Int32) { acceptor.load()?.linger(socket) }
}

/// Set once, before the first connection.
final class AcceptorReference: Sendable {
    private let acceptor = Mutex<Acceptor?>(nil)
    func store(_ new: Acceptor) { acceptor.withLock { $0 = new } }
    func load() -> Acceptor? { acceptor.withLock { $0 } }
}

/// A running libmicrohttpd daemon.
final class DaemonHandle: @unchecked Sendable {
    // SAFETY: the library's own locks guard the daemon; `stop` is called once.
    let pointer: OpaquePointer
    private let core: ServerCore

    init(core: ServerCore) throws(HTTPServerError) {
        let configuration = core.configuration
        var options = cmhd_options()
        options.threads = UInt32(configuration.threads)
        // The limit is kept by the acceptor, with a remedy; the library's, shared out among its threads and
        // without one, is put out of reach.
        options.connection_limit = UInt32((configuration.connectionLimit + 4096) * configuration.threads)
        options.timeout_seconds = UInt32(configuration.timeoutSeconds)
        options.connection_memory_bytes = configuration.poolBytes
        options.request_line = requestLineCallback
        options.access = accessCallback
        options.completed = completedCallback
        options.connection = connectionCallback
        options.context = Unmanaged.passUnretained(core).toOpaque()
        cmhd_set_refusal_hook(refusalHook)
        guard let daemon = cmhd_start(&options) else {
            throw .systemFailure(call: "MHD_start_daemon", errorNumber: errno)
        }
        pointer = daemon
        self.core = core
    }

    /// Joins the pool's threads. Nothing may be suspended, and nothing may suspend any more.
    func stop() { MHD_stop_daemon(pointer) }
}

// MARK: Callbacks
//
// SAFETY, for all of them: the daemon's context is its ServerCore, which outlives it. A connection's context is its
// Connection, retained when it starts and released when it closes; a request's context is that same pointer.
// PERF: `_withUnsafeGuaranteedRef` spares the retain and release around each call.

private func connectionCallback(
    context: UnsafeMutableRawPointer?, handle: OpaquePointer?,
    socketContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, event: MHD_ConnectionNotificationCode
) {
    let core = Unmanaged<ServerCore>.fromOpaque(context!).takeUnretainedValue()
    if event == .CONNECTION_NOTIFY_STARTED {
        let connection = Connection(core: core, handle: handle!)
        core.connections.add(connection)
        socketContext!.pointee = Unmanaged.passRetained(connection).toOpaque()
    } else if let pointer = socketContext!.pointee {
        let connection = Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue()
        socketContext!.pointee = nil
        connection.closed()
        core.connections.remove(connection)
        core.connectionClosed()
    }
}

private func requestLineCallback(
    context: UnsafeMutableRawPointer?, target: UnsafePointer<CChar>?, handle: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let pointer = cmhd_context(handle) else { return nil }
    Unmanaged<Connection>.fromOpaque(pointer)._withUnsafeGuaranteedRef { $0.begin(target: target!) }
    return pointer
}

private func accessCallback(
    context: UnsafeMutableRawPointer?, handle: OpaquePointer?, target: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, upload: UnsafePointer<CChar>?,
    uploadBytes: UnsafeMutablePointer<Int>?, requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let pointer = requestContext?.pointee, let target, let method, let version else { return .NO }
    var piece: UnsafeRawBufferPointer?
    if let upload, let uploadBytes {
        piece = UnsafeRawBufferPointer(start: upload, count: uploadBytes.pointee)
        uploadBytes.pointee = 0
    }
    return Unmanaged<Connection>.fromOpaque(pointer)._withUnsafeGuaranteedRef {
        $0.access(target: target, method: method, version: version, upload: piece)
    }
}

private func completedCallback(
    context: UnsafeMutableRawPointer?, handle: OpaquePointer?,
    requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, reason: MHD_RequestTerminationCode
) {
    guard let pointer = requestContext?.pointee else { return }
    Unmanaged<Connection>.fromOpaque(pointer)._withUnsafeGuaranteedRef {
        $0.complete(reason)
    }
}

private func refusalHook(handle: OpaquePointer?, status: UInt32) -> MHD_Result {
    guard let handle, let pointer = cmhd_context(handle) else { return .NO }
    return Unmanaged<Connection>.fromOpaque(pointer)._withUnsafeGuaranteedRef {
        $0.refuseForLibrary(status: Int(status))
    }
}
