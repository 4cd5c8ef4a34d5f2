// Memory that the heap leaves to others: the buffers of requests, and the heaps of scenarios. What is lent is less room for
// inserts, so that all of it together stays within the limit.

import GoHeap

extension Lab {
    /// Lends memory that the heap does not use, if there is as much. Does not collect: a thread that others wait for may
    /// ask. Idle pages that are in the way go back to the kernel.
    ///
    /// - Returns: whether it is lent; then it is to be taken back once.
    package func lend(byteCount: Int) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        return lendLocked(byteCount)
    }

    /// The same after a collection if that may help; for threads that may take their time.
    ///
    /// - Parameter isCancelled: asked while it collects.
    /// - Throws: `LabError.noRoom`, `cancelled`.
    package func lendMakingRoom(byteCount: Int, isCancelled: () -> Bool) throws(LabError) {
        lock.lock()
        defer { unlock() }
        try makingRoom(isCancelled: isCancelled) { () throws(LabError) in
            if lendLocked(byteCount) { return }
            throw .noRoom(
                neededBytes: byteCount, inUseBytes: state.pointee.heap.inUseBytes,
                limitBytes: state.pointee.heapLimitBytes)
        }
    }

    /// Gets back what was lent.
    package func takeBack(byteCount: Int) {
        lock.lock()
        state.pointee.heapLimitBytes += byteCount
        lock.unlock()
    }

    private func lendLocked(_ byteCount: Int) -> Bool {
        let heap = state.pointee.heap
        let limit = state.pointee.heapLimitBytes - byteCount
        guard heap.inUseBytes <= limit else { return false }
        heap.release(toRetain: limit, atMost: max(Self.releaseStepBytes, byteCount))
        state.pointee.heapLimitBytes = limit
        return true
    }
}
