// What Go's runtime does by the clock: its sysmon thread (runtime/proc.go) and its scavenger. The owner has a thread of
// its own that calls `backgroundStep` again and again:
//
//     lock; let step = heap.backgroundStep(); unlock
//     switch step {
//     case .release(var release): release.perform(); lock; heap.finishRelease(release); unlock
//     case .sleep(let nanoseconds): wait
//     }
//
// A step may start a cycle: then `hasCollectionWork` is true after it.

import HuskSystem

extension Heap {
    /// The longest sleep: settings may change meanwhile.
    private static let tickNanoseconds: UInt64 = 50_000_000

    /// Does what is due, and says what next. Bounded: some 50 µs at most.
    package func backgroundStep() -> BackgroundStep {
        let clock = state.pointee.clock
        let now = clock.now()
        state.pointee.coarseNowNanoseconds = now
        let monotonic = monotonicNanoseconds()
        state.pointee.limiter.update(now: monotonic)
        var due = min(forceCycleIfDue(now: now), Self.tickNanoseconds &* 1_000)
        switch state.pointee.settings.scavenger {
        case .off: break
        case .periodic:
            due = min(due, startPeriodicPassIfDue(now: now))
            if state.pointee.scavenge.periodicChunk != nil {
                if let release = beginPeriodicRelease(now: now) { return .release(release) }
                return .sleep(nanoseconds: 0)
            }
        case .background:
            if state.pointee.scavenge.workedNanoseconds >= ScavengeState.workNanoseconds {
                putScavengerToSleep(from: monotonic)
            }
            let wakes = state.pointee.scavenge.sleepsUntilNanoseconds
            if monotonic < wakes {
                let tick = Self.tickNanoseconds
                return .sleep(nanoseconds: min(wakes - monotonic, max(clock.real(due), 1_000_000), tick))
            }
            if let release = beginBackgroundRelease() { return .release(release) }
        }
        return .sleep(nanoseconds: min(max(clock.real(due), 1_000_000), Self.tickNanoseconds))
    }

    /// Lets the scavenger sleep so long that its work was 1% of the processors' time.
    private func putScavengerToSleep(from monotonic: UInt64) {
        let worked = Double(state.pointee.scavenge.workedNanoseconds)
        let share =
            ScavengeState.cpuShare * Double(profile.scavengerProcs(of: state.pointee.settings.maxProcs))
        state.pointee.scavenge.workedNanoseconds = 0
        state.pointee.scavenge.sleepsUntilNanoseconds =
            monotonic + UInt64(worked * max(0, 1 / share - 1))
    }

    /// Starts a cycle when the last one is too long ago. (Go: gcTrigger.test, gcTriggerTime)
    ///
    /// - Returns: when it will be due, in nanoseconds of the runtime's clock from now.
    private func forceCycleIfDue(now: UInt64) -> UInt64 {
        let period = state.pointee.settings.forceGCPeriodNanoseconds
        // Not before a first cycle, and not with GOGC=off.
        guard state.pointee.cycle.count > 0, state.pointee.settings.gcPercent != nil else { return period }
        if state.pointee.isMarking { return period }
        let elapsed = now - min(now, state.pointee.cycle.lastEndRuntimeNanoseconds)
        if elapsed <= period { return period - elapsed }
        if !finishSweeping(spanLimit: Self.spansSweptAtOnce) { return 0 }
        state.pointee.log.add("GC forced")
        startCycle(.period)
        return period
    }

    /// Begins to look at all free pages twice a period. (Go 1.10: sysmon)
    ///
    /// - Returns: when the next pass is due, in nanoseconds of the runtime's clock from now.
    private func startPeriodicPassIfDue(now: UInt64) -> UInt64 {
        let interval = state.pointee.settings.scavengePeriodNanoseconds / 2
        let last = state.pointee.scavenge.lastPeriodicNanoseconds ?? now
        state.pointee.scavenge.lastPeriodicNanoseconds = last
        if now - last < interval { return interval - (now - last) }
        if state.pointee.scavenge.periodicChunk == nil {
            state.pointee.scavenge.lastPeriodicNanoseconds = now
            state.pointee.scavenge.periodicChunk = state.pointee.pages.chunkCount
        }
        return interval
    }
}
