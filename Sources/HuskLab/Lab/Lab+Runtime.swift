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
    /// - Parameter isCancelled: asked between slices. A cycle that has begun goes on in the background then.
    /// - Returns: the line that `GODEBUG=gctrace=1` prints of it.
    /// - Throws: `LabError.cancelled`.
    package func collect(isCancelled: () -> Bool) throws(LabError) -> Measured<String> {
        let start = monotonicNanoseconds()
        lock.lock()
        let before = MemorySample(state.pointee.heap.readMemStats())
        let trace = work.collect(isCancelled: isCancelled)
        let after = MemorySample(state.pointee.heap.readMemStats())
        unlock()
        guard let trace else { throw .cancelled }
        return Measured(
            result: trace, before: before, after: after, elapsedNanoseconds: monotonicNanoseconds() - start)
    }

    /// The same to its end.
    package func collect() -> Measured<String> {
        do throws(LabError) { return try collect(isCancelled: { false }) } catch {
            fatalError("nobody cancels it: \(error)")
        }
    }

    /// `debug.FreeOSMemory()`: a cycle, then all free pages go back to the kernel, in slices; those of the process's own
    /// allocator too.
    ///
    /// - Parameter isCancelled: asked between slices; what has gone back by then is gone.
    /// - Throws: `LabError.cancelled`.
    package func freeOSMemory(isCancelled: () -> Bool) throws(LabError) -> Measured<Void> {
        let start = monotonicNanoseconds()
        lock.lock()
        let before = MemorySample(state.pointee.heap.readMemStats())
        let isDone = work.freeOSMemory(isCancelled: isCancelled)
        unlock()
        guard isDone else { throw .cancelled }
        ProcessAllocator.trim()
        lock.lock()
        let after = MemorySample(state.pointee.heap.readMemStats())
        unlock()
        return Measured(
            result: (), before: before, after: after, elapsedNanoseconds: monotonicNanoseconds() - start)
    }

    /// The same to its end.
    package func freeOSMemory() -> Measured<Void> {
        do throws(LabError) { return try freeOSMemory(isCancelled: { false }) } catch {
            fatalError("nobody cancels it: \(error)")
        }
    }

    /// The last gctrace and scavenger lines, oldest first.
    package func traceLines() -> [String] {
        lock.lock()
        defer { lock.unlock() }
        return state.pointee.heap.traceLines()
    }

    /// How long the lock was held for the collector at a time.
    package var pauses: Histogram { work.pauses }
}

extension Lab {
    /// Checks the map and the heap against their invariants, and traps when one does not hold. O(everything), with the lock held.
    package func checkInvariants() {
        lock.lock()
        defer { lock.unlock() }
        state.pointee.map.checkInvariants()
        state.pointee.copyTarget?.checkInvariants()
        state.pointee.heap.checkInvariants()
    }
}
