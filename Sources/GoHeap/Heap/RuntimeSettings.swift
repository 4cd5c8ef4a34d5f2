import HuskSystem

/// What may be changed at any time, as Go's environment variables and `runtime/debug` change it.
package struct RuntimeSettings: Equatable, Sendable {
    /// How far the heap may grow over what the last cycle left, in percent, before the next cycle; nil = the size of the
    /// heap starts no cycle (Go: `GOGC`).
    package var gcPercent: Int? = 100
    /// Bytes that the runtime tries to keep Sys − HeapReleased under; nil = none (Go: `GOMEMLIMIT`). Profiles before 1.19
    /// have none, whatever this says.
    package var memoryLimitBytes: Int?
    /// Threads that may mark at the same time, 1 or more, and what shares of CPU time are shares of (Go: `GOMAXPROCS`).
    package var maxProcs: Int
    /// A cycle is forced when the last one ended this long ago, in nanoseconds of the runtime's clock (Go: `forcegcperiod`).
    package var forceGCPeriodNanoseconds: UInt64 = 120_000_000_000
    package var scavenger: Scavenger
    /// How long pages stay idle before the periodic scavenger takes them, in nanoseconds of the runtime's clock.
    package var scavengePeriodNanoseconds: UInt64 = 300_000_000_000
    package var madvise: MemoryAdvice

    package init(profile: GoProfile = .go1_23) {
        maxProcs = profile.maxProcs
        scavenger = profile.scavenger
        madvise = profile.madvise
    }
}

extension Heap {
    /// Which Go the heap behaves as.
    package var profile: GoProfile { state.pointee.configuration.profile }

    /// The settings in force. Setting them takes effect at once, but a new goal starts no cycle before the heap is looked at
    /// again (`collectIfDue`).
    package var settings: RuntimeSettings {
        get { state.pointee.settings }
        nonmutating set {
            precondition(newValue.maxProcs >= 1, "GOMAXPROCS is 1 or more")
            let old = state.pointee.settings
            if newValue == old { return }
            state.pointee.settings = newValue
            if newValue.maxProcs != old.maxProcs {
                dismissCrew()
                state.pointee.limiter.setProcs(newValue.maxProcs, now: monotonicNanoseconds())
            }
            if newValue.scavenger != old.scavenger { state.pointee.scavenge = ScavengeState() }
            if newValue.gcPercent != old.gcPercent || newValue.memoryLimitBytes != old.memoryLimitBytes {
                commitPacing()
            } else {
                paceScavenger()
            }
        }
    }
}
