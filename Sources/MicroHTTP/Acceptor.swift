// The thread that accepts connections and deals them out to the pool.
//
// Why not libmicrohttpd's own accepting: at its limit it leaves new clients waiting in the backlog for
// as long as idle ones stay; and MHD_quiesce_daemon of 0.9.75, which a clean stop needs, races with its
// pool threads for the listening socket's place in their epoll sets and aborts the process when it loses.
//
// Here, at the limit, a new client costs the longest idle connection its place, or, when none is idle, the one whose client is
// slowest at sending its request or taking its answer. One that has only just become idle keeps its place for a moment, as
// its request may be on the way, and the new client waits. It is refused with a 503 only when the server is at
// work for every connection. Stopping closes the listening socket, which refuses new clients at once.
//
// It also lingers over connections that were closed with bytes of the request unread: closing such a
// socket resets it, and the reset can overtake the refusal on its way to the client. So a
// duplicate of the socket stays open here, reading and throwing away, until the client closes or two seconds pass.

import CMicroHTTPD
import Glibc
import HuskSystem
import Synchronization

final class Acceptor: Sendable {
    /// Idle connections closed at once when there is no room: enough that the search for them is rare.
    private static let evictionCount = 32
    /// The same for slow ones: one in so many.
    private static let slowShare = 128
    /// How long a new client waits for places that are about to be free.
    private static let patienceNanoseconds: UInt64 = 1_000_000_000
    private static let lingeringNanoseconds: UInt64 = 2_000_000_000

    private let listener: ListeningSocket
    /// Each lingering socket costs a descriptor: one beyond this many takes the place of the one that has lingered longest.
    private let lingeringLimit: Int
    private let wakeDescriptor: Int32
    private let isStopping = Atomic(false)
    private let newLingering = Mutex<[Int32]>([])

    /// - Throws: `systemFailure` when the system has no descriptor left.
    init(listener: ListeningSocket, lingeringLimit: Int) throws(HTTPServerError) {
        self.listener = listener
        self.lingeringLimit = lingeringLimit
        wakeDescriptor = cmhd_wake_socket()
        guard wakeDescriptor >= 0 else { throw .systemFailure(call: "eventfd", errorNumber: errno) }
    }

    deinit { close(wakeDescriptor) }

    /// Makes `run` return soon. Any thread.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        wake()
    }

    /// Keeps the connection behind `socket` open for reading a while longer. Any thread; the caller's
    /// descriptor stays the caller's.
    func linger(_ socket: Int32) {
        let isFull = newLingering.withLock { waiting in
            if waiting.count >= lingeringLimit { return true }
            let duplicate = fcntl(socket, F_DUPFD_CLOEXEC, 0)
            if duplicate >= 0 { waiting.append(duplicate) }
            return false
        }
        if !isFull { wake() }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, 8)
    }

    /// The thread's body: accepts until `stop`, then closes the listening socket.
    func run(core: ServerCore, daemon: DaemonHandle) {
        var lingering: [(socket: Int32, untilNanoseconds: UInt64)] = []
        var placesFreed = 0
        var pauseMilliseconds: Int32 = 0
        /// Accepted, and waits for its place.
        var held: (socket: Int32, sinceNanoseconds: UInt64)?
        while !isStopping.load(ordering: .acquiring) {
            var polled = [
                pollfd(
                    fd: pauseMilliseconds > 0 ? -1 : listener.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0),
            ]
            for entry in lingering {
                polled.append(pollfd(fd: entry.socket, events: Int16(POLLIN), revents: 0))
            }
            let wait = pauseMilliseconds > 0 ? pauseMilliseconds : lingering.isEmpty ? -1 : 500
            _ = poll(&polled, nfds_t(polled.count), wait)
            pauseMilliseconds = 0

            if polled[1].revents != 0 {
                var count: UInt64 = 0
                _ = read(wakeDescriptor, &count, 8)
            }
            if polled[0].revents != 0 || held != nil {
                pauseMilliseconds = acceptAll(
                    core: core, daemon: daemon, placesFreed: &placesFreed, held: &held)
            }
            drain(&lingering, polled[2...])
        }
        close(listener.descriptor)
        if let held { close(held.socket) }
        for entry in lingering { close(entry.socket) }
        newLingering.withLock { waiting in
            for socket in waiting { close(socket) }
            waiting = []
        }
    }

    /// Accepts what is waiting, at most 64 so that lingering sockets get their turn. Answers how many milliseconds
    /// to leave the listening socket alone, because there is no descriptor, or not yet a place, for another connection.
    private func acceptAll(
        core: ServerCore, daemon: DaemonHandle, placesFreed: inout Int,
        held: inout (socket: Int32, sinceNanoseconds: UInt64)?
    ) -> Int32 {
        for _ in 0..<64 {
            let (socket, waitsSince) = held ?? (cmhd_accept(listener.descriptor), monotonicNanoseconds())
            held = nil
            guard socket >= 0 else {
                guard errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS else {
                    return 0
                }
                _ = freePlaces(core)
                return 20
            }
            if !core.hasRoomForConnection {
                if placesFreed == 0 { placesFreed = freePlaces(core) }
                guard placesFreed > 0 else {
                    if monotonicNanoseconds() < waitsSince + Self.patienceNanoseconds, core.hasPlacesComing {
                        held = (socket, waitsSince)
                        return 5
                    }
                    refuse(socket, core: core)
                    continue
                }
                placesFreed -= 1
            } else {
                placesFreed = 0
            }
            core.connectionOpened()
            // An address must be given though nobody asks for it; the library copies it.
            var address = sockaddr(
                sa_family: sa_family_t(AF_INET), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
            let isAdded = MHD_add_connection(
                daemon.pointer, socket, &address, socklen_t(MemoryLayout<sockaddr>.size))
            if isAdded == .NO { core.connectionClosed() }
        }
        return 0
    }

    /// Ends connections to make room for others. Answers how many.
    private func freePlaces(_ core: ServerCore) -> Int {
        let idle = core.connections.closeLongestIdle(
            Self.evictionCount, idleMilliseconds: core.configuration.graceMilliseconds)
        if idle > 0 || core.connections.hasIdle { return idle }
        let limit = max(1, core.configuration.connectionLimit / Self.slowShare)
        return core.connections.endSlowest(limit, .placeNeeded)
    }

    private func refuse(_ socket: Int32, core: ServerCore) {
        let refusal = core.handler.refusal(.tooManyConnections(limit: core.configuration.connectionLimit))
        let bytes = refusal.wireBytes()
        _ = bytes.withUnsafeBytes { cmhd_send(socket, $0.baseAddress, $0.count) }
        shutdown(socket, shutdownSending)
        linger(socket)
        close(socket)
    }

    /// Reads and forgets what lingering sockets have sent; closes those that are done.
    private func drain(
        _ lingering: inout [(socket: Int32, untilNanoseconds: UInt64)], _ polled: ArraySlice<pollfd>
    ) {
        if !lingering.isEmpty {
            let now = monotonicNanoseconds()
            var kept: [(socket: Int32, untilNanoseconds: UInt64)] = []
            for (entry, event) in zip(lingering, polled) {
                let isOver = event.revents != 0 && !readAndForget(entry.socket)
                if isOver || now >= entry.untilNanoseconds { close(entry.socket) } else { kept.append(entry) }
            }
            lingering = kept
        }
        let new = newLingering.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        let surplus = max(0, min(lingering.count, lingering.count + new.count - lingeringLimit))
        for entry in lingering.prefix(surplus) { close(entry.socket) }
        lingering.removeFirst(surplus)
        let until = monotonicNanoseconds() + Self.lingeringNanoseconds
        for socket in new { lingering.append((socket, until)) }
    }

    /// Answers false when the client has closed.
    private func readAndForget(_ socket: Int32) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 1) { buffer in
            let count = recv(socket, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            return count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR)
        }
    }
}
