// The runtime's own operations: read the statistics, collect, give memory back.

import GoHeap
import HuskSystem

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
        let start = monotonicNanoseconds()
        lock.lock()
        let before = MemorySample(state.pointee.heap.readMemStats())
        let trace = work.collect()
        let after = MemorySample(state.pointee.heap.readMemStats())
        unlock()
        return Measured(
            result: trace, before: before, after: after,
            elapsedNanoseconds: monotonicNanoseconds() - start)
    }

    /// `debug.FreeOSMemory()`: a cycle, then all free pages go back to the kernel, in slices; those of the process's own
    /// allocator too.
    package func freeOSMemory() -> Measured<Void> {
        let start = monotonicNanoseconds()
        lock.lock()
        let before = MemorySample(state.pointee.heap.readMemStats())
        work.freeOSMemory()
        unlock()
        ProcessAllocator.trim()
        lock.lock()
        let after = MemorySample(state.pointee.heap.readMemStats())
        unlock()
        return Measured(
            result: (), before: before, after: after,
            elapsedNanoseconds: monotonicNanoseconds() - start)
    }

    /// The last gctrace and scavenger lines, oldest first.
    package func traceLines() -> [String] {
        lock.lock()
        defer { lock.unlock() }
        return state.pointee.heap.traceLines()
    }

    /// How long the lock was held for the collector at a time.
    package var pauses: Histogram { work.pauses }

    /// What the check of a name has done.
    package func totals(ofCheck name: String) -> CheckTotals { checks.totals(of: name) }
}
