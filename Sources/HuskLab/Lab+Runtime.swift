// The runtime's own operations: read the statistics, collect, give memory back.

import GoHeap

extension Lab {
    /// `runtime.ReadMemStats`.
    package func readMemStats() -> MemStats {
        lock.lock()
        defer { lock.unlock() }
        return state.pointee.heap.readMemStats()
    }

    /// The figures that operations answer before and after.
    package func sample() -> MemorySample { MemorySample(readMemStats()) }

    /// `runtime.GC()`: a whole cycle and all of its sweeping, in slices.
    ///
    /// - Returns: the line that `GODEBUG=gctrace=1` prints of it.
    package func collect() -> Measured<String> {
        measuredInSlices { collectInSlices() }
    }

    /// `debug.FreeOSMemory()`: a cycle, then all free pages go back to the kernel, in slices.
    package func freeOSMemory() -> Measured<Void> {
        measuredInSlices {
            _ = collectInSlices()
            let heap = state.pointee.heap
            var sweep = Heap.ReleaseSweep()
            while heap.releaseSlice(&sweep) { lock.yield() }
        }
    }

    /// Called, and returns, with the lock held.
    private func collectInSlices() -> String {
        let heap = state.pointee.heap
        // As Go does: a cycle that is under way began too early to count, so it is finished and followed by one more.
        while heap.collectSlice(budgetBytes: Collector.sliceBytes) { lock.yield() }
        heap.startForcedCycle()
        let target = heap.cycleCount + 1
        while heap.cycleCount < target || heap.hasCollectionWork {
            if !heap.collectSlice(budgetBytes: Collector.sliceBytes) { break }
            lock.yield()
        }
        return heap.lastCycleTrace
    }

    private func measuredInSlices<Result>(_ operation: () -> Result) -> Measured<Result> {
        let start = OperatingSystem.monotonicNanoseconds()
        lock.lock()
        let before = MemorySample(state.pointee.heap.readMemStats())
        let result = operation()
        let after = MemorySample(state.pointee.heap.readMemStats())
        unlock()
        return Measured(
            result: result, before: before, after: after,
            elapsedNanoseconds: OperatingSystem.monotonicNanoseconds() - start)
    }
}
