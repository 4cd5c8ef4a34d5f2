// Giving free pages back to the kernel, in three steps, so that nobody waits for `madvise`:
//
//     begin    with the lock: take a run of free pages, so that nobody allocates them
//     perform  without it: the kernel takes the memory behind them
//     finish   with the lock: put them back, free and released
//
// Until it is put back a run counts as idle and not released. (Go: scavengeOne, runtime/mgcscavenge.go)

import HuskSystem

extension Heap {
    /// A whole collection, then every free page goes back (Go: `debug.FreeOSMemory`).
    package func freeOSMemory() {
        collect()
        var pass = ReleasePass()
        while releaseSlice(&pass) {}
    }

    /// A pass over the free pages, from the highest address down, in slices.
    package struct ReleasePass {
        /// Only pages of chunks before this one.
        fileprivate var chunkEnd = Int.max
        package fileprivate(set) var releasedBytes = 0
        package init() {}
    }

    /// Begins to release the next run of a pass, at most 4 MiB.
    ///
    /// - Returns: nil when the pass is over. The caller performs what it gets and then calls `finishRelease`.
    package func beginRelease(_ pass: inout ReleasePass) -> PageRelease? {
        // Pages that are freed behind the pass stay: they are the next pass's.
        guard
            let run = state.pointee.pages.takeHighestReleasable(
                limitPages: PageAllocator.chunkPages, before: pass.chunkEnd)
        else {
            logAskedRelease(pass.releasedBytes)
            return nil
        }
        let release = begin(run, purpose: .asked)
        pass.chunkEnd = run.page / PageAllocator.chunkPages + 1
        pass.releasedBytes += release.byteCount
        return release
    }

    /// Begin, perform and finish at once, with the lock held.
    ///
    /// - Parameter pass: how far the pass has come.
    /// - Returns: whether there is more to do.
    package func releaseSlice(_ pass: inout ReleasePass) -> Bool {
        guard var release = beginRelease(&pass) else { return false }
        release.perform()
        finishRelease(release)
        return true
    }

    /// Puts a run back that `madvise` has been called for.
    package func finishRelease(_ release: PageRelease) {
        state.pointee.pages.putBackReleased(release.run)
        state.pointee.statistics.releasingPages -= release.run.pageCount
        state.pointee.statistics.releasedPages += release.run.pageCount
        switch release.purpose {
        case .background:
            state.pointee.scavenge.backgroundBytes += release.byteCount
            state.pointee.scavenge.workedNanoseconds += release.elapsedNanoseconds
        case .eager: state.pointee.scavenge.eagerBytes += release.byteCount
        case .periodic: state.pointee.scavenge.periodicBytes += release.byteCount
        case .asked: break
        }
    }

    func begin(_ run: PageRun, purpose: PageRelease.Purpose) -> PageRelease {
        state.pointee.statistics.releasingPages += run.pageCount
        return PageRelease(
            run: run, address: state.pointee.pageAddress(run.page), advice: state.pointee.settings.madvise,
            purpose: purpose)
    }

    /// Gives idle pages back so that the kernel backs no more than so many bytes, with the lock held.
    ///
    /// - Parameters:
    ///   - bytes: what may stay.
    ///   - limitBytes: how much to release at most.
    package func release(toRetain bytes: Int, atMost limitBytes: Int) {
        let excess = state.pointee.heapRetainedBytes - bytes
        if excess > 0 { releaseEagerly(byteCount: min(excess, limitBytes), isForced: true) }
    }

    /// Releases on behalf of an allocation, with the lock held: for the memory limit, which forces it, or because the heap
    /// grows.
    func releaseEagerly(byteCount: Int, isForced: Bool) {
        let start = monotonicNanoseconds()
        var left = byteCount
        while left > 0, !state.pointee.limiter.isLimiting,
            let run = takeReleasable(
                limitPages: min(
                    PageAllocator.chunkPages, (left + HeapConstants.pageBytes - 1) >> HeapConstants.pageShift),
                isForced: isForced)
        {
            var release = begin(run, purpose: .eager)
            release.perform()
            finishRelease(release)
            left -= release.byteCount
        }
        let end = monotonicNanoseconds()
        state.pointee.limiter.addAssist(nanoseconds: end - start, now: end)
    }
}
