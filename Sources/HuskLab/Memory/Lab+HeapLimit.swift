// The limit on the heap: what would take it over that is refused, after a collection if that may help.
//
// A collection takes as long as the map is large, so nobody makes room with the lock held, nor on a thread that serves
// connections: it is done in slices, by a thread that may take its time. It can free what was dropped by changes that the
// last one has not seen. Without such changes there is no use in another: a full map refuses at once, however often it is
// asked. And those who find no room at the same time wait for the same collection.

import Glibc
import GoHeap
import GoMap

extension Lab {
    /// Does what may find no room; if so, collects and tries once more. Called, and returns, with the lock held, which is
    /// free in between: whatever `attempt` depends on is to be looked at in it.
    ///
    /// - Parameter isCancelled: asked now and then while it collects, or waits for whoever does.
    /// - Throws: what `attempt` does: `LabError.noRoom` only when a collection did not help, or could not have. `cancelled`.
    func makingRoom<Result>(
        isCancelled: () -> Bool = { false }, _ attempt: () throws(LabError) -> Result
    ) throws(LabError) -> Result {
        do throws(LabError) {
            return try attempt()
        } catch {
            guard case .noRoom = error, mayHaveGarbage else { throw error }
            if !collectForRoom(isCancelled: isCancelled) { throw .cancelled }
            return try attempt()
        }
    }

    /// Returns when everything that is garbage now has been freed, by whomever. Called, and returns, with the lock held.
    ///
    /// - Returns: false when it was cancelled first.
    @discardableResult
    func collectForRoom(isCancelled: () -> Bool = { false }) -> Bool {
        let changeCount = state.pointee.changeCount
        unlock()
        defer { lock.lock() }
        while true {
            let isDone = roomMaking.withLockIfAvailable { _ in
                lock.lock()
                defer { unlock() }
                return state.pointee.collectedChangeCount >= changeCount
                    || work.collect(isCancelled: isCancelled) != nil
            }
            if let isDone { return isDone }
            if isCancelled() { return false }
            usleep(1_000)
        }
    }

    /// Whether a collection may free anything.
    var mayHaveGarbage: Bool { state.pointee.changeCount != state.pointee.collectedChangeCount }

    // PERF: methods of the lab's, not of its state, all of which would be copied for the call.

    /// Whether an insert of so many bytes stays within the memory limit.
    @inline(__always)
    func hasRoom(for key: Datum, byteCount: Int) -> Bool {
        isFarFromLimit(byteCount: byteCount) || hasRoom(bytes: neededBytes(for: key, byteCount: byteCount))
    }

    /// - Throws: `LabError.noRoom` when there is no room for an insert of so many bytes.
    @inline(__always)
    func requireRoom(for key: Datum, byteCount: Int) throws(LabError) {
        if hasRoom(for: key, byteCount: byteCount) { return }
        throw noRoom(neededBytes(for: key, byteCount: byteCount))
    }

    /// The same for so many entries that are copied. O(shards).
    func requireRoomToCopy(entryCount: Int) throws(LabError) {
        if isFarFromLimit(byteCount: 0) { return }
        let growth = state.pointee.copyTarget?.bytesNeededToInsert(entryCount: entryCount) ?? 0
        let neededBytes = growth + Self.spanSlackBytes
        if !hasRoom(bytes: neededBytes) { throw noRoom(neededBytes) }
    }

    /// The same for so many bytes of the map's, and what spans may take.
    func requireRoom(bytes: Int) throws(LabError) {
        if isFarFromLimit(byteCount: bytes) { return }
        if !hasRoom(bytes: bytes + Self.spanSlackBytes) { throw noRoom(bytes + Self.spanSlackBytes) }
    }

    /// PERF: growth takes at most about twice what is in use, so far below the limit nothing needs to be computed.
    @inline(__always)
    private func isFarFromLimit(byteCount: Int) -> Bool {
        state.pointee.heap.inUseBytes &* 4 &+ byteCount &+ 1 << 20 <= state.pointee.heapLimitBytes
    }

    /// Idle pages that the kernel has not got back are memory too: near the limit they go, so that the heap never takes more
    /// than it may, however it is fragmented.
    private func hasRoom(bytes neededBytes: Int) -> Bool {
        let heap = state.pointee.heap
        guard heap.inUseBytes + neededBytes <= state.pointee.heapLimitBytes else { return false }
        heap.release(toRetain: state.pointee.heapLimitBytes - neededBytes, atMost: Self.releaseStepBytes)
        return true
    }

    /// What is released at a time with the lock held; about a quarter of a millisecond.
    static let releaseStepBytes = 4 << 20

    private func noRoom(_ neededBytes: Int) -> LabError {
        .noRoom(
            neededBytes: neededBytes, inUseBytes: state.pointee.heap.inUseBytes,
            limitBytes: state.pointee.heapLimitBytes)
    }

    /// An upper bound of the pages that an insert of so many bytes may take.
    @inline(never)
    private func neededBytes(for key: Datum, byteCount: Int) -> Int {
        let copying = state.pointee.copyTarget.map { $0.bytesNeededToInsert(key) } ?? 0
        return state.pointee.map.bytesNeededToInsert(key) + copying + byteCount * 2 + Self.spanSlackBytes
    }

    /// Spans that an insert may be the first to use.
    private static let spanSlackBytes = 4 * 8192
}
