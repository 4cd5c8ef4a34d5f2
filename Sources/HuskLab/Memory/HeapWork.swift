// The heap's own work under the lab's lock, in slices: what the collector's and the background's threads do, and
// the collections and releases that clients ask for.
//
// Every stretch that holds the lock for the collector is counted in `pauses`.

import GoHeap
import HuskSystem

struct HeapWork: Sendable {
    let lock: LabLock
    // SAFETY: used with `lock` held.
    nonisolated(unsafe) let state: UnsafeMutablePointer<LabState>
    /// How long the lock was held for the collector at a time: slices of marking and sweeping, the starts and ends of cycles,
    /// assists, the scavengers' steps.
    let pauses: Histogram

    static let pauseBoundsNanoseconds: [UInt64] = [
        10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 50_000_000,
        100_000_000, 1_000_000_000,
    ]

    /// The longest that the collector holds the lock at a time, but for what one piece of its work takes.
    static let sliceNanoseconds: UInt64 = 250_000

    /// Counts what `body` does with the lock held.
    @inline(__always)
    func counted<Result>(_ body: () -> Result) -> Result {
        let start = monotonicNanoseconds()
        let result = body()
        pauses.record(nanoseconds: monotonicNanoseconds() - start)
        return result
    }

    /// `runtime.GC()`. Called, and returns, with the lock held.
    ///
    /// - Parameter isCancelled: asked between slices, without the lock. A cycle that has begun goes on then, and whoever else has time does it.
    /// - Returns: the line of gctrace; nil when it was cancelled.
    func collect(isCancelled: () -> Bool) -> String? {
        // Held on to: the lab may exchange its heap between two slices.
        let owned = state.pointee.ownedHeap
        defer { withExtendedLifetime(owned) {} }
        let heap = owned.heap
        // As Go does: a cycle that is under way began too early to count, so it is finished and followed by one more.
        while counted({ heap.collectSlice(nanoseconds: Self.sliceNanoseconds) }) {
            if pause(isCancelled) { return nil }
        }
        let target = heap.cycleCount + 1
        let changeCount = state.pointee.changeCount
        counted { heap.startForcedCycle() }
        while heap.cycleCount < target || heap.hasCollectionWork {
            if !counted({ heap.collectSlice(nanoseconds: Self.sliceNanoseconds) }) { break }
            if pause(isCancelled) { return nil }
        }
        if state.pointee.ownedHeap === owned {
            state.pointee.collectedChangeCount = max(state.pointee.collectedChangeCount, changeCount)
        }
        return heap.lastCycleTrace
    }

    /// Between two slices: lets others in, and asks, without the lock, whether to stop.
    private func pause(_ isCancelled: () -> Bool) -> Bool {
        lock.unlock()
        let stops = isCancelled()
        lock.letOthersIn()
        lock.lock()
        return stops
    }

    /// The same to its end.
    func collect() -> String { collect(isCancelled: { false })! }

    /// `debug.FreeOSMemory()`: a cycle, then every free page goes back. Called, and returns, with the lock held; `madvise`
    /// is called without it.
    ///
    /// - Parameter isCancelled: asked between slices, without the lock; what has gone back by then is gone.
    /// - Returns: whether it was done to its end.
    func freeOSMemory(isCancelled: () -> Bool) -> Bool {
        let owned = state.pointee.ownedHeap
        defer { withExtendedLifetime(owned) {} }
        let heap = owned.heap
        if collect(isCancelled: isCancelled) == nil { return false }
        var pass = Heap.ReleasePass()
        var next = counted { heap.beginRelease(&pass) }
        while var release = next {
            lock.unlock()
            release.perform()
            let stops = isCancelled()
            lock.letOthersIn()
            lock.lock()
            if stops {
                counted { heap.finishRelease(release) }
                return false
            }
            next = counted {
                heap.finishRelease(release)
                return heap.beginRelease(&pass)
            }
        }
        return true
    }
}
