// Every open connection of a server, for what concerns them all: watching over them, making room at the limit, and stopping.
//
// Lock: the table's own mutex. A connection is in the table exactly while libmicrohttpd keeps its socket
// open, since the closing callback, which removes it, comes before the close. So a socket that
// is shut down under the lock is never somebody else's.

import CMicroHTTPD
import Glibc
import HuskSystem
import Synchronization

final class ConnectionTable: Sendable {
    private struct Entry: @unchecked Sendable {
        // SAFETY: the object lives until it is removed, and only its atomics, its socket and what has a lock of its own
        // are used here.
        var connection: Unmanaged<Connection>?
        var isBeingClosed = false
        var watched = Watched()
    }
    private struct State {
        var entries: [Entry] = []
        var freeIndexes: [Int] = []
        var count = 0
        /// Which of the quiet ones the next visit is for.
        var quietTurn = 0
    }
    /// PERF: a quiet connection is visited every so many times: 16,000 idle ones cost a server 2.2% of a core when they were
    /// visited each time.
    private static let quietTurns = 3
    private let state = Mutex(State())

    /// O(1). On the connection's pool thread.
    func add(_ connection: Connection) {
        let entry = Entry(connection: .passUnretained(connection))
        connection.tableIndex = state.withLock { state in
            state.count += 1
            if let index = state.freeIndexes.popLast() {
                state.entries[index] = entry
                return index
            }
            state.entries.append(entry)
            return state.entries.count - 1
        }
    }

    /// O(1). On the connection's pool thread, before its socket is closed.
    func remove(_ connection: Connection) {
        let index = connection.tableIndex
        state.withLock { state in
            state.entries[index].connection = nil
            state.freeIndexes.append(index)
            state.count -= 1
        }
    }

    var count: Int { state.withLock { $0.count } }

    /// Connections with a request under way. O(n).
    var busyCount: Int {
        state.withLock { state in
            state.entries.count { entry in
                entry.connection?._withUnsafeGuaranteedRef { $0.stage.load(ordering: .relaxed) != .idle }
                    ?? false
            }
        }
    }

    /// Whether there are connections that have been told to end. O(n).
    var hasEnding: Bool {
        state.withLock { state in
            state.entries.contains {
                $0.connection != nil && ($0.isBeingClosed || $0.watched.endNanoseconds != nil)
            }
        }
    }

    /// Whether there are connections without a request that have not been told to end. O(n).
    var hasIdle: Bool {
        state.withLock { state in
            state.entries.contains { entry in
                !entry.isBeingClosed
                    && entry.connection?._withUnsafeGuaranteedRef {
                        $0.stage.load(ordering: .relaxed) == .idle
                    } ?? false
            }
        }
    }

    /// Shuts down the `limit` connections that have been idle longest, and at least for so long; their pool threads close them soon after.
    /// O(n log n) for n connections, hence to be called for many at a time. Answers how many there were.
    func closeLongestIdle(_ limit: Int, idleMilliseconds: Int = 0) -> Int {
        state.withLock { state in
            let latestNanoseconds = monotonicNanoseconds() - UInt64(idleMilliseconds) * 1_000_000
            var idle: [(sinceNanoseconds: UInt64, index: Int)] = []
            for (index, entry) in state.entries.enumerated() where !entry.isBeingClosed {
                guard let connection = entry.connection else { continue }
                connection._withUnsafeGuaranteedRef {
                    guard $0.stage.load(ordering: .acquiring) == .idle else { return }
                    let sinceNanoseconds = $0.sinceNanoseconds.load(ordering: .relaxed)
                    if idleMilliseconds > 0, sinceNanoseconds > latestNanoseconds { return }
                    idle.append((sinceNanoseconds, index))
                }
            }
            if idle.count > limit { idle.sort { $0.sinceNanoseconds < $1.sinceNanoseconds } }
            for (_, index) in idle.prefix(limit) {
                state.entries[index].isBeingClosed = true
                state.entries[index].connection!._withUnsafeGuaranteedRef {
                    _ = shutdown($0.socket, shutdownBothWays)
                }
            }
            return min(limit, idle.count)
        }
    }

    /// Ends the `limit` connections whose clients are slowest, of those that wait for their client and for which `isMeant`
    /// holds: a client that the server works for is never slow. O(n log n). Answers how many there were.
    func endSlowest(
        _ limit: Int, _ verdict: Verdict, where isMeant: (Stage, borrowing Watched) -> Bool = { _, _ in true }
    ) -> Int {
        state.withLock { state in
            var slow: [(pace: Pace, index: Int)] = []
            for (index, entry) in state.entries.enumerated()
            where !entry.isBeingClosed && entry.watched.endNanoseconds == nil {
                guard let connection = entry.connection else { continue }
                connection._withUnsafeGuaranteedRef {
                    let stage = $0.stage.load(ordering: .acquiring)
                    guard stage.isClientsTurn, isMeant(stage, entry.watched) else { return }
                    let since = $0.sinceNanoseconds.load(ordering: .relaxed)
                    slow.append((entry.watched.pace(ofRequestSince: since), index))
                }
            }
            if slow.count > limit { slow.sort { $0.pace < $1.pace } }
            let now = monotonicNanoseconds()
            for (_, index) in slow.prefix(limit) {
                state.entries[index].connection!._withUnsafeGuaranteedRef {
                    state.entries[index].watched.end($0, verdict, now)
                }
            }
            return min(limit, slow.count)
        }
    }

    /// Goes over all connections. The lock is given up now and then, so a connection that opens or closes meanwhile may be
    /// left out, and most of the quiet ones are.
    /// - Parameter visit: is given whether the client sends no more or is gone, and what is remembered of the connection.
    func visit(_ now: UInt64, _ visit: (_ connection: Connection, _ hasHungUp: Bool, inout Watched) -> Void) {
        // PERF: one system call asks about many sockets, in about 0.1 us each.
        let atOnce = 512
        var polled: [pollfd] = []
        polled.reserveCapacity(atOnce)
        var indexes: [Int] = []
        indexes.reserveCapacity(atOnce)
        let turn = state.withLock { state in
            state.quietTurn = (state.quietTurn + 1) % Self.quietTurns
            return state.quietTurn
        }
        var start = 0
        var isDone = false
        while !isDone {
            state.withLock { state in
                let end = min(start + atOnce, state.entries.count)
                polled.removeAll(keepingCapacity: true)
                indexes.removeAll(keepingCapacity: true)
                for index in start..<end {
                    state.entries[index].connection?._withUnsafeGuaranteedRef {
                        if index % Self.quietTurns != turn, state.entries[index].watched.isQuiet($0, now) {
                            return
                        }
                        polled.append(pollfd(fd: $0.socket, events: cmhd_poll_hang_up, revents: 0))
                        indexes.append(index)
                    }
                }
                _ = poll(&polled, nfds_t(polled.count), 0)
                for (index, event) in zip(indexes, polled) {
                    state.entries[index].connection?._withUnsafeGuaranteedRef {
                        visit($0, event.revents != 0, &state.entries[index].watched)
                    }
                }
                start = end
                isDone = end == state.entries.count
            }
        }
    }
}
