// The scavengers' steps, and what they print. The goals and the pacing are explained in ScavengeState.swift.

extension Heap {
    /// The next run for the background scavenger, or nil when both goals are met.
    func beginBackgroundRelease() -> PageRelease? {
        let memory = state.pointee.pacerMemory()
        let retained = state.pointee.heapRetainedBytes
        let excess = max(
            retained - min(retained, state.pointee.scavenge.percentGoalBytes),
            memory.mappedBytes - min(memory.mappedBytes, state.pointee.scavenge.limitGoalBytes))
        guard excess > 0 else { return nil }
        let bytes = min(excess, ScavengeState.stepBytes)
        let pages = (bytes + HeapConstants.pageBytes - 1) >> HeapConstants.pageShift
        return takeReleasable(limitPages: pages, isForced: false).map { begin($0, purpose: .background) }
    }

    /// Takes the highest run to release: any at all when it is forced, otherwise what the release of Go lets go.
    func takeReleasable(limitPages: Int, isForced: Bool) -> PageRun? {
        !isForced && profile.sparesDenseChunks
            ? state.pointee.pages.takeHighestSettled(limitPages: limitPages)
            : state.pointee.pages.takeHighestReleasable(limitPages: limitPages)
    }

    /// The next run for the periodic scavenger's pass, or nil. Looks at a bounded number of chunks.
    func beginPeriodicRelease(now: UInt64) -> PageRelease? {
        guard var chunk = state.pointee.scavenge.periodicChunk else { return nil }
        let limit = PageAges.ticks(state.pointee.settings.scavengePeriodNanoseconds)
        let present = PageAges.ticks(now)
        for _ in 0..<64 where chunk > 0 {
            let ages = state.pointee.pageAges
            let run = state.pointee.pages.takeReleasableRun(in: chunk - 1) { page, pageCount in
                Int(present) - Int(ages.youngest(page: page, pageCount: pageCount)) > Int(limit)
            }
            if let run {
                state.pointee.scavenge.periodicChunk = chunk
                return begin(run, purpose: .periodic)
            }
            chunk -= 1
        }
        state.pointee.scavenge.periodicChunk = chunk > 0 ? chunk : nil
        if chunk == 0 { endPeriodicPass() }
        return nil
    }

    private func endPeriodicPass() {
        let released = state.pointee.scavenge.periodicBytes
        logPeriodic(pass: state.pointee.scavenge.periodicPasses, releasedBytes: released)
        state.pointee.scavenge.periodicPasses += 1
        state.pointee.scavenge.periodicBytes = 0
    }

    /// Adds what is called `scvg` in Go up to 1.12. (Go 1.10: mheap.scavenge)
    private func logPeriodic(pass: Int, releasedBytes: Int) {
        if releasedBytes > 0 { state.pointee.log.add("scvg\(pass): \(releasedBytes >> 20) MB released") }
        let inUse = inUseBytes
        let sys = state.pointee.systemBytes
        let released = state.pointee.statistics.releasedPages << HeapConstants.pageShift
        state.pointee.log.add(
            "scvg\(pass): inuse: \(inUse >> 20), idle: \((sys - inUse) >> 20), sys: \(sys >> 20), "
                + "released: \(released >> 20), consumed: \((sys - released) >> 20) (MB)")
    }

    /// Adds the line of GODEBUG=scavtrace=1, once a cycle and after each FreeOSMemory. (Go: printScavTrace)
    func logScavenger(askedBytes: Int? = nil) {
        let background = state.pointee.scavenge.backgroundBytes
        let eager = askedBytes ?? state.pointee.scavenge.eagerBytes
        let released = state.pointee.statistics.releasedPages << HeapConstants.pageShift
        let use = inUseBytes * 100 / max(1, state.pointee.heapRetainedBytes)
        let forced = askedBytes == nil ? "" : " (forced)"
        if profile >= .go1_23 {
            let work = askedBytes == nil ? background : 0
            state.pointee.log.add(
                "scav \(work >> 10) KiB work (bg), \(eager >> 10) KiB work (eager), \(released >> 10) KiB now, "
                    + "\(use)% util\(forced)")
        } else {
            let work = askedBytes ?? background + eager
            state.pointee.log.add(
                "scav \(work >> 10) KiB work, \(released >> 10) KiB total, \(use)% util\(forced)")
        }
        if askedBytes == nil {
            state.pointee.scavenge.backgroundBytes = 0
            state.pointee.scavenge.eagerBytes = 0
        }
    }

    /// What is printed when FreeOSMemory has released everything.
    func logAskedRelease(_ byteCount: Int) {
        if profile == .go1_10 {
            logPeriodic(pass: -1, releasedBytes: byteCount)
        } else {
            logScavenger(askedBytes: byteCount)
        }
    }
}
