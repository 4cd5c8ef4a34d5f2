// --max-memory: what would take the heap over it is refused, after a collection if that may help.
//
// A collection takes as long as the map is large, so nobody makes room with the lock held, nor on a thread that serves
// connections: it is done in slices, by a thread that may take its time. It can free what was dropped by changes that the
// last one has not seen. Without such changes there is no use in another: a full map refuses at once, however often it is
// asked. And those who find no room at the same time wait for the same collection.

import GoHeap
import GoMap

extension Lab {
    /// Does what may find no room; if so, collects and tries once more. Called, and returns, with the lock held, which is
    /// free in between: whatever `attempt` depends on is to be looked at in it.
    ///
    /// - Throws: what `attempt` does: `LabError.overMemoryLimit` only when a collection did not help, or could not have.
    func makingRoom<Result>(_ attempt: () throws(LabError) -> Result) throws(LabError) -> Result {
        do throws(LabError) {
            return try attempt()
        } catch {
            guard case .overMemoryLimit = error, state.pointee.mayHaveGarbage else { throw error }
            collectForRoom()
            return try attempt()
        }
    }

    /// Returns when everything that is garbage now has been freed, by whomever. Called, and returns, with the lock held.
    func collectForRoom() {
        let changeCount = state.pointee.changeCount
        unlock()
        roomMaking.withLock { _ in
            lock.lock()
            if state.pointee.collectedChangeCount < changeCount { _ = work.collect() }
            unlock()
        }
        lock.lock()
    }
}

extension LabState {
    /// Whether a collection may free anything.
    var mayHaveGarbage: Bool { changeCount != collectedChangeCount }

    /// Whether an insert of so many bytes stays within the memory limit.
    @inline(__always)
    func hasRoom(forBytes byteCount: Int) -> Bool {
        // PERF: growth takes at most about twice what is in use, so far below the limit nothing needs to be computed.
        heap.inUseBytes &* 4 &+ byteCount &+ 1 << 20 <= maxMemoryBytes || hasRoomExactly(forBytes: byteCount)
    }

    @inline(never)
    private func hasRoomExactly(forBytes byteCount: Int) -> Bool {
        heap.inUseBytes + neededBytes(for: byteCount) <= maxMemoryBytes
    }

    /// - Throws: `LabError.overMemoryLimit` when there is no room for an insert of so many bytes.
    @inline(__always)
    func requireRoom(forBytes byteCount: Int) throws(LabError) {
        if !hasRoom(forBytes: byteCount) { throw overMemoryLimit(byteCount) }
    }

    private func overMemoryLimit(_ byteCount: Int) -> LabError {
        .overMemoryLimit(
            neededBytes: neededBytes(for: byteCount), inUseBytes: heap.inUseBytes, limitBytes: maxMemoryBytes)
    }

    /// An upper bound of the pages that an insert of so many bytes may take.
    private func neededBytes(for byteCount: Int) -> Int {
        let copying = copyTarget.map { $0.bytesNeededToInsert() } ?? 0
        return map.bytesNeededToInsert() + copying + byteCount * 2 + 4 * 8192
    }
}
