// A collection from start to end. (Go: runtime/mgc.go)
//
//     off ──start──► marking ──finish──► off, spans wait to be swept
//          roots       slices: drain     roots once more, statistics, new goal
//
// `start` and `finish` are the pauses: they take time in proportion to the roots, which are few, and to the number of
// span classes. Everything else comes in slices whose length the caller bounds.

import HuskSystem

extension Heap {
    /// Whether `collectIfDue` has anything to do. O(1).
    @inline(__always)
    package var isCollectionDue: Bool { state.pointee.isSafepointDue }

    /// The safepoint: starts a cycle when the pacer asks for one, and does the share of a running cycle's marking that
    /// the allocations since the last safepoint owe. Costs a comparison when there is nothing to do.
    ///
    /// The pacer is asked only after an allocation that took a new span or was large, as in Go (`mallocgc`): a heap over its
    /// limit is not collected again and again while nothing is allocated.
    @inline(__always)
    package func collectIfDue() {
        if state.pointee.isSafepointDue { collectOrAssist() }
    }

    @inline(never)
    private func collectOrAssist() {
        if !state.pointee.isMarking {
            // A cycle starts with everything swept; what is left over is swept in bounded pieces, at several safepoints, and
            // only for as long as the cycle is wanted: sweeping moves the goal of a memory limit.
            var wantsCycle = isCycleWanted()
            if wantsCycle && state.pointee.unsweptSpans > 0 {
                guard finishSweeping(spanLimit: Self.spansSweptAtOnce) else { return }
                wantsCycle = isCycleWanted()
            }
            guard wantsCycle else {
                settleSafepoint()
                return
            }
            let stressPeriod = state.pointee.configuration.stressPeriod
            if stressPeriod > 0 { state.pointee.cycle.stressCount = allocationCount / stressPeriod }
            startCycle(.heap)
        }
        assist()
    }

    /// Whether the heap has reached the trigger; under stress, whether so many allocations were made since the last cycle.
    /// (Go: gcTrigger.test)
    private func isCycleWanted() -> Bool {
        let stressPeriod = state.pointee.configuration.stressPeriod
        if stressPeriod == 0 {
            return state.pointee.pacer.liveBytes
                >= state.pointee.pacer.triggerBytes(state.pointee.pacerMemory())
        }
        return allocationCount / stressPeriod != state.pointee.cycle.stressCount
    }

    /// There is nothing to do at safepoints until the next span is taken. Stress counts at each.
    private func settleSafepoint() {
        state.pointee.isSafepointDue = state.pointee.configuration.stressPeriod > 0
    }

    /// Pays for what was allocated since the last safepoint: with work that others have done beyond their share, or else
    /// by marking. (Go: gcAssistAlloc)
    private func assist() {
        let allocated = state.pointee.pacer.liveBytes - state.pointee.pacer.assistedBytes
        if allocated <= 0 && !state.pointee.markQueue.isEmpty { return }
        state.pointee.pacer.assistedBytes = state.pointee.pacer.liveBytes
        if state.pointee.limiter.isLimiting && !state.pointee.markQueue.isEmpty { return }
        let ratio = state.pointee.pacer.assistRatio(
            goalBytes: state.pointee.pacer.goalBytes(state.pointee.pacerMemory()),
            gcPercent: state.pointee.settings.gcPercent, scannedBytes: state.pointee.cycle.scannedBytes,
            scannableBytes: state.pointee.statistics.scannablePages << HeapConstants.pageShift)
        let owed = Int(min(Double(allocated) * ratio, 1e15))
        state.pointee.pacer.scanCreditBytes -= owed
        let debt = -state.pointee.pacer.scanCreditBytes
        if debt <= 0 && !state.pointee.markQueue.isEmpty { return }
        // More than is owed, so that not every safepoint marks (Go: gcOverAssistWork).
        markSlice(
            MarkBudget(byteCount: debt + Self.overAssistBytes, nanoseconds: Self.assistNanoseconds),
            isAssist: true)
    }

    private static let overAssistBytes = 16 << 10
    /// The longest that an assist takes: nobody waits longer for the lock, and the debt stays.
    private static let assistNanoseconds: UInt64 = 300_000

    /// Whether a cycle is under way or spans wait to be swept: whether `collectSlice` has anything to do.
    package var hasCollectionWork: Bool { state.pointee.isMarking || state.pointee.unsweptSpans > 0 }

    /// Does a bounded piece of a running cycle's marking, or of the sweeping after it. The owner calls it from a
    /// thread of its own, and lets others have the lock in between.
    ///
    /// - Parameter budgetBytes: about how many bytes to scan; a span swept counts as 8 KiB.
    /// - Returns: whether there is more to do.
    package func collectSlice(budgetBytes: Int) -> Bool {
        collectSlice(MarkBudget(byteCount: budgetBytes, nanoseconds: .max))
    }

    /// The same, bounded by time: up to `maxProcs` threads work for so long.
    ///
    /// - Parameter nanoseconds: real time; exceeded by what one piece of 32 KiB takes.
    /// - Returns: whether there is more to do.
    package func collectSlice(nanoseconds: UInt64) -> Bool {
        collectSlice(MarkBudget(byteCount: .max, nanoseconds: nanoseconds))
    }

    private func collectSlice(_ budget: MarkBudget) -> Bool {
        if state.pointee.isMarking {
            markSlice(budget, isAssist: false)
        } else {
            let start = monotonicNanoseconds()
            state.pointee.coarseNowNanoseconds = state.pointee.clock.runtime(at: start)
            var left = budget.byteCount
            var elapsed: UInt64 = 0
            while left > 0, elapsed < budget.nanoseconds {
                for _ in 0..<16 where sweepOne() { left -= HeapConstants.pageBytes }
                elapsed = monotonicNanoseconds() - start
                if state.pointee.unsweptSpans == 0 { break }
            }
            state.pointee.cycle.workNanoseconds += elapsed
        }
        return hasCollectionWork
    }

    private func markSlice(_ budget: MarkBudget, isAssist: Bool) {
        let start = monotonicNanoseconds()
        let (scanned, helpNanoseconds) = drain(budget, from: start)
        state.pointee.cycle.scannedBytes += scanned
        state.pointee.pacer.scanCreditBytes += scanned
        let end = monotonicNanoseconds()
        let elapsed = end - start + helpNanoseconds
        state.pointee.cycle.workNanoseconds += elapsed
        if isAssist {
            state.pointee.cycle.trace.assistNanoseconds += elapsed
            state.pointee.limiter.addAssist(nanoseconds: elapsed, now: end)
        } else {
            state.pointee.cycle.trace.backgroundNanoseconds += elapsed
        }
        if state.pointee.markQueue.isEmpty { finishCycleIfDone() }
    }

    /// Starts the cycle that `runtime.GC` asks for: one that begins now. A cycle under way is finished first.
    package func startForcedCycle() {
        while state.pointee.isMarking { markSlice(.unlimited, isAssist: false) }
        while sweepOne() {}
        startCycle(.client)
    }

    /// A whole collection at once: what was garbage at the call is swept when it returns (Go: `runtime.GC`).
    package func collect() {
        startForcedCycle()
        while collectSlice(.unlimited) {}
    }

    /// Everything must be swept.
    func startCycle(_ cause: CycleCause) {
        precondition(state.pointee.unsweptSpans == 0, "a cycle starts with spans that wait to be swept")
        let start = monotonicNanoseconds()
        state.pointee.isMarking = true
        state.pointee.isSafepointDue = true
        state.pointee.limiter.setMarking(true, now: start)
        state.pointee.cycle.trace = CycleTrace()
        state.pointee.cycle.trace.startNanoseconds = start
        state.pointee.cycle.trace.startLiveBytes = state.pointee.pacer.liveBytes
        state.pointee.cycle.cause = cause
        state.pointee.cycle.markedBytes = 0
        state.pointee.cycle.scannedBytes = 0
        state.pointee.pacer.startCycle()
        // The open tiny block takes more objects, so it is live whatever points to it (Go: gcMarkTinyAllocs).
        if state.pointee.tiny.block != 0 { shade(state.pointee.tiny.block) }
        markRoots()
        state.pointee.cycle.trace.markStartNanoseconds = monotonicNanoseconds()
    }

    /// Marks from the roots once more, and ends marking if that makes nothing grey: then nothing white is reachable.
    private func finishCycleIfDone() {
        let start = monotonicNanoseconds()
        markRoots()
        if !state.pointee.markQueue.isEmpty { return }
        state.pointee.isMarking = false
        settleSafepoint()
        state.pointee.limiter.setMarking(false, now: start)
        let goalBytes = state.pointee.pacer.goalBytes(state.pointee.pacerMemory())
        state.pointee.cycle.trace.goalBytes = state.pointee.nextGCBytes
        flushCache()
        if state.pointee.configuration.checksMarks { checkMarks() }

        state.pointee.pages.settle()
        state.pointee.sweepGeneration &+= 2
        state.pointee.sweepClass = 0
        state.pointee.unsweptSpans = 0
        for raw in 0..<SpanClass.count {
            state.pointee.unsweptSpans +=
                state.pointee.central[raw].counts(generation: state.pointee.sweepGeneration).unswept
        }
        state.pointee.cycle.trace.endLiveBytes = state.pointee.pacer.liveBytes
        state.pointee.cycle.trace.markEndNanoseconds = start
        endPacing(markEnd: start, goalBytes: goalBytes)
        recordEnd()
    }

    private func endPacing(markEnd: UInt64, goalBytes: Int) {
        let trace = state.pointee.cycle.trace
        let cpu =
            Double(max(1, markEnd - trace.markStartNanoseconds)) * Double(state.pointee.settings.maxProcs)
        state.pointee.pacer.endCycle(
            goalBytes: goalBytes, markedBytes: state.pointee.cycle.markedBytes,
            scannedBytes: state.pointee.cycle.scannedBytes,
            assistShare: Double(trace.assistNanoseconds) / cpu,
            idleShare: max(0, Double(trace.backgroundNanoseconds) / cpu - Pacer.goalUtilization))
        state.pointee.cycle.lastInUseBytes = inUseBytes
        commitPacing()
    }

    private func recordEnd() {
        let end = monotonicNanoseconds()
        state.pointee.cycle.trace.endNanoseconds = end
        let pause = state.pointee.cycle.trace.pauseNanoseconds
        let wall = OperatingSystem.wallNanoseconds()
        let slot = Int(state.pointee.cycle.count % 256)
        state.pointee.cycle.pauses[slot] = pause
        state.pointee.cycle.pauseEnds[slot] = wall
        state.pointee.cycle.pauseTotalNanoseconds += pause
        state.pointee.cycle.workNanoseconds += pause
        state.pointee.cycle.lastEndWallNanoseconds = wall
        let clock = state.pointee.clock
        state.pointee.cycle.lastEndRuntimeNanoseconds = clock.runtime(at: end)
        state.pointee.coarseNowNanoseconds = clock.runtime(at: end)
        state.pointee.cycle.count += 1
        let isForced = state.pointee.cycle.cause == .client
        if isForced { state.pointee.cycle.forcedCount += 1 }

        let elapsed = Double(max(1, end - clock.bornNanoseconds)) * Double(state.pointee.settings.maxProcs)
        state.pointee.cycle.trace.number = state.pointee.cycle.count
        state.pointee.cycle.trace.sinceBirthNanoseconds = clock.runtime(
            at: state.pointee.cycle.trace.startNanoseconds)
        state.pointee.cycle.trace.isForced = isForced
        state.pointee.cycle.trace.markedBytes = state.pointee.cycle.markedBytes
        state.pointee.cycle.trace.cpuPercent = Int(
            Double(state.pointee.cycle.workNanoseconds) * 100 / elapsed)
        state.pointee.cycle.trace.procs = state.pointee.settings.maxProcs
        state.pointee.cycle.trace.hasStacksAndGlobals = profile.tracesStacksAndGlobals
        state.pointee.log.add(state.pointee.cycle.trace.description)
    }

    /// What `GODEBUG=gctrace=1` prints of the last cycle; empty before the first.
    package var lastCycleTrace: String {
        state.pointee.cycle.count == 0 ? "" : state.pointee.cycle.trace.description
    }

    /// Sets the goal and the paces of sweeper and scavenger: when a cycle has marked everything, and when the settings that
    /// the goal depends on change. (Go: gcControllerCommit)
    func commitPacing() {
        state.pointee.pacer.commit(
            gcPercent: state.pointee.settings.gcPercent, sweepIsDone: state.pointee.unsweptSpans == 0)
        paceSweeper()
        paceScavenger()
    }

    func paceScavenger() {
        guard state.pointee.settings.scavenger == .background else { return }
        let memory = state.pointee.pacerMemory()
        state.pointee.scavenge.pace(
            goalBytes: state.pointee.pacer.goalBytes(memory),
            lastGoalBytes: state.pointee.pacer.lastGoalBytes, memory: memory,
            heapRetainedBytes: state.pointee.heapRetainedBytes,
            lastInUseBytes: state.pointee.cycle.lastInUseBytes)
    }
}
