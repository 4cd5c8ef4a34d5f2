// A collection from start to end. (Go: runtime/mgc.go)
//
//     off ──start──► marking ──finish──► off, spans wait to be swept
//          roots       slices: drain     roots once more, statistics, new goal
//
// `start` and `finish` are the pauses: they take time in proportion to the roots, which are few.

/// Where the running cycle is, and what is remembered of past ones.
struct CycleState {
    /// A client asked for the running cycle.
    var isForced = false
    /// Bytes of marked objects.
    var markedBytes = 0
    /// Bytes of grey objects that were scanned.
    var scannedBytes = 0

    var count: UInt32 = 0
    var forcedCount: UInt32 = 0
    var lastEndWallNanoseconds: UInt64 = 0
    var pauseTotalNanoseconds: UInt64 = 0
    var pauses = [UInt64](repeating: 0, count: 256)
    var pauseEnds = [UInt64](repeating: 0, count: 256)
    /// Time spent marking and sweeping, by whichever thread.
    var workNanoseconds: UInt64 = 0
    /// The running cycle's times and sizes; after its end, the last one's.
    var trace = CycleTrace()
    var bornNanoseconds: UInt64 = 0
}

extension Heap {
    /// The safepoint: starts a cycle when the pacer asks for one, and does the share of a running cycle's marking that
    /// the allocations since the last safepoint owe. Costs two comparisons when there is nothing to do.
    @inline(__always)
    package func collectIfDue() {
        if state.pointee.pacer.liveBytes >= state.pointee.pacer.triggerBytes { collectOrAssist() }
    }

    /// The most bytes that one assist scans: some ten microseconds of work.
    private static let assistLimitBytes = 64 << 10

    @inline(never)
    private func collectOrAssist() {
        if !state.pointee.isMarking { startCycle(forced: false) }
        let owed = state.pointee.pacer.liveBytes - state.pointee.pacer.assistedBytes
        guard owed > 0 || state.pointee.markQueue.isEmpty else { return }
        let owedScanBytes = Double(owed) * state.pointee.pacer.assistRatio
        // One allocation may owe a lot, such as a growing map's new array; it is paid off over the safepoints to come, so
        // that none of them holds the lock for long. (Paid at once, an array of 600 MB was a pause of 90 ms.)
        if owedScanBytes <= Double(Self.assistLimitBytes) {
            state.pointee.pacer.assistedBytes = state.pointee.pacer.liveBytes
            markSlice(budgetBytes: Int(owedScanBytes) + 4096, isAssist: true)
        } else {
            state.pointee.pacer.assistedBytes += Int(Double(Self.assistLimitBytes) / state.pointee.pacer.assistRatio)
            markSlice(budgetBytes: Self.assistLimitBytes, isAssist: true)
        }
    }

    /// Whether a cycle is under way or spans wait to be swept: whether `collectSlice` has anything to do.
    package var hasCollectionWork: Bool { state.pointee.isMarking || state.pointee.unsweptSpans > 0 }

    /// Does a bounded piece of a running cycle's marking, or of the sweeping after it. The owner calls it from a
    /// thread of its own, and lets others have the lock in between.
    ///
    /// - Parameter budgetBytes: about how many bytes to scan; a span swept counts as 8 KiB.
    /// - Returns: whether there is more to do.
    package func collectSlice(budgetBytes: Int) -> Bool {
        if state.pointee.isMarking {
            markSlice(budgetBytes: budgetBytes, isAssist: false)
        } else {
            let start = OperatingSystem.monotonicNanoseconds()
            var left = budgetBytes
            while left > 0, sweepOne() { left -= HeapConstants.pageBytes }
            state.pointee.cycle.workNanoseconds += OperatingSystem.monotonicNanoseconds() - start
        }
        return hasCollectionWork
    }

    private func markSlice(budgetBytes: Int, isAssist: Bool) {
        let start = OperatingSystem.monotonicNanoseconds()
        _ = drain(budgetBytes: budgetBytes)
        let elapsed = OperatingSystem.monotonicNanoseconds() - start
        state.pointee.cycle.workNanoseconds += elapsed
        if isAssist {
            state.pointee.cycle.trace.assistNanoseconds += elapsed
        } else {
            state.pointee.cycle.trace.backgroundNanoseconds += elapsed
        }
        if state.pointee.markQueue.isEmpty { finishCycle() }
    }

    /// Starts the cycle that `runtime.GC` asks for: one that begins now. A cycle under way is finished first.
    package func startForcedCycle() {
        while state.pointee.isMarking { markSlice(budgetBytes: .max, isAssist: false) }
        startCycle(forced: true)
    }

    /// A whole collection at once: what was garbage at the call is swept when it returns (Go: `runtime.GC`).
    package func collect() {
        startForcedCycle()
        while collectSlice(budgetBytes: .max) {}
    }

    private func startCycle(forced: Bool) {
        while sweepOne() {}
        let start = OperatingSystem.monotonicNanoseconds()
        state.pointee.isMarking = true
        state.pointee.cycle.trace = CycleTrace()
        state.pointee.cycle.trace.startNanoseconds = start
        state.pointee.cycle.trace.startLiveBytes = state.pointee.pacer.liveBytes
        state.pointee.cycle.isForced = forced
        state.pointee.cycle.markedBytes = 0
        state.pointee.cycle.scannedBytes = 0
        // While a cycle marks, every safepoint looks at the assists.
        state.pointee.pacer.startCycle(
            scannableBytes: state.pointee.statistics.scannablePages << HeapConstants.pageShift)
        state.pointee.pacer.triggerBytes = 0
        // The open tiny block takes more objects, so it is live whatever points to it (Go: gcMarkTinyAllocs).
        if state.pointee.tiny.block != 0 { shade(state.pointee.tiny.block) }
        markRoots()
        state.pointee.cycle.trace.goalBytes = state.pointee.pacer.goalBytes
        state.pointee.cycle.trace.markStartNanoseconds = OperatingSystem.monotonicNanoseconds()
    }

    /// Ends marking: nothing is grey, and nothing white is reachable. What is white is swept from now on.
    private func finishCycle() {
        let start = OperatingSystem.monotonicNanoseconds()
        markRoots()
        while !state.pointee.markQueue.isEmpty { _ = drain(budgetBytes: .max) }
        state.pointee.isMarking = false
        flushCache()
        if state.pointee.configuration.checksMarks { checkMarks() }

        state.pointee.sweepGeneration &+= 2
        state.pointee.sweepClass = 0
        state.pointee.unsweptSpans = 0
        for raw in 0..<SpanClass.count {
            state.pointee.unsweptSpans +=
                state.pointee.central[raw].counts(generation: state.pointee.sweepGeneration).unswept
        }
        state.pointee.cycle.trace.endLiveBytes = state.pointee.pacer.liveBytes
        state.pointee.pacer.markedBytes = state.pointee.cycle.markedBytes
        state.pointee.pacer.liveBytes = state.pointee.cycle.markedBytes
        updatePacing()
        state.pointee.cycle.trace.markEndNanoseconds = start
        recordEnd()
    }

    private func recordEnd() {
        let end = OperatingSystem.monotonicNanoseconds()
        state.pointee.cycle.trace.endNanoseconds = end
        let pause = state.pointee.cycle.trace.pauseNanoseconds
        let wall = OperatingSystem.wallNanoseconds()
        let slot = Int(state.pointee.cycle.count % 256)
        state.pointee.cycle.pauses[slot] = pause
        state.pointee.cycle.pauseEnds[slot] = wall
        state.pointee.cycle.pauseTotalNanoseconds += pause
        state.pointee.cycle.workNanoseconds += pause
        state.pointee.cycle.lastEndWallNanoseconds = wall
        state.pointee.cycle.count += 1
        if state.pointee.cycle.isForced { state.pointee.cycle.forcedCount += 1 }
        let elapsed = end - state.pointee.cycle.bornNanoseconds
        state.pointee.cycle.trace.number = state.pointee.cycle.count
        state.pointee.cycle.trace.sinceBirthNanoseconds =
            state.pointee.cycle.trace.startNanoseconds - state.pointee.cycle.bornNanoseconds
        state.pointee.cycle.trace.isForced = state.pointee.cycle.isForced
        state.pointee.cycle.trace.markedBytes = state.pointee.cycle.markedBytes
        state.pointee.cycle.trace.cpuPercent = Int(
            Double(state.pointee.cycle.workNanoseconds) * 100
                / (Double(max(1, elapsed)) * Double(OperatingSystem.processorCount)))
    }

    /// What `GODEBUG=gctrace=1` prints of the last cycle; empty before the first.
    package var lastCycleTrace: String {
        state.pointee.cycle.count == 0 ? "" : state.pointee.cycle.trace.description
    }

    func updatePacing() {
        state.pointee.pacer.commit(sweepIsDone: state.pointee.unsweptSpans == 0)
    }
}
