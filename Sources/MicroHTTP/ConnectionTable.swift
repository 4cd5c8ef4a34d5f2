// Every open connection of a server, for what concerns them all: making room at the limit, and stopping.
//
// Lock: the table's own mutex. A connection is in the table exactly while libmicrohttpd keeps its socket
// open, since the closing callback, which removes it, comes before the close. So a socket that
// is shut down under the lock is never somebody else's.

import Glibc
import Synchronization

final class ConnectionTable: Sendable {
    private struct Entry: @unchecked Sendable {
        // SAFETY: the object lives until it is removed, and only its atomics and its socket are read here.
        var connection: Unmanaged<Connection>?
        var isBeingClosed = false
    }
    private struct State {
        var entries: [Entry] = []
        var freeIndexes: [Int] = []
        var count = 0
    }
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
                entry.connection?._withUnsafeGuaranteedRef { $0.isBusy.load(ordering: .relaxed) } ?? false
            }
        }
    }

    /// Shuts down the `limit` connections that have been idle longest; their pool threads close them soon after.
    /// O(n log n) for n connections, hence to be called for many at a time. Answers how many there were.
    func closeLongestIdle(_ limit: Int) -> Int {
        state.withLock { state in
            var idle: [(sinceNanoseconds: UInt64, index: Int)] = []
            for (index, entry) in state.entries.enumerated() where !entry.isBeingClosed {
                guard let connection = entry.connection else { continue }
                connection._withUnsafeGuaranteedRef {
                    if $0.isBusy.load(ordering: .acquiring) { return }
                    idle.append(($0.idleSinceNanoseconds.load(ordering: .relaxed), index))
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
}
