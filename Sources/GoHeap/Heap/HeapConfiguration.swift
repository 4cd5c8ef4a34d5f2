/// What a heap is made with; fixed for its life, but for `settings`.
package struct HeapConfiguration: Sendable {
    /// Which Go the heap behaves as.
    package let profile: GoProfile
    /// The settings at the start: the profile's own unless changed.
    package var settings: RuntimeSettings
    /// Address space to reserve, in bytes: the most that the heap can ever grow to. Costs nothing until used.
    package var reservedBytes = 256 << 30
    /// How many times as fast as the wall clock the runtime's clock runs, 1 or more: forced collections, scavenge periods
    /// and idle ages. What is measured in CPU time stays real.
    package var timeScale = 1.0
    /// Mark again with the world stopped before each sweep, and trap on a missed object (Go: `gccheckmark`).
    /// For tests: a second full trace with a set of its own.
    package var checksMarks = false
    /// Start a cycle at the safepoint that follows every so many allocations, and only there, whatever the pacer says;
    /// 0 = leave it to the pacer. For tests.
    package var stressPeriod = 0
    /// Bytes of stacks and globals that the heap's goal is to allow for. For tests that compare with a Go programme, which
    /// has some.
    package var otherScanBytes = 0

    package init(profile: GoProfile = .go1_23) {
        self.profile = profile
        settings = RuntimeSettings(profile: profile)
    }
}

/// What may be changed at any time, as Go's environment variables and `runtime/debug` change it.
package struct RuntimeSettings: Equatable, Sendable {
    /// How far the heap may grow over what the last cycle left, in percent, before the next cycle; nil = the size of the
    /// heap starts no cycle (Go: `GOGC`).
    package var gcPercent: Int? = 100
    /// Bytes that the runtime tries to keep Sys − HeapReleased under; nil = none (Go: `GOMEMLIMIT`). Profiles before 1.19
    /// have none, whatever this says.
    package var memoryLimitBytes: Int?
    /// Threads that may mark at the same time, 1 or more, and what shares of CPU time are shares of (Go: `GOMAXPROCS`).
    package var maxProcs = OperatingSystem.processorCount
    /// A cycle is forced when the last one ended this long ago, in nanoseconds of the runtime's clock (Go: `forcegcperiod`).
    package var forceGCPeriodNanoseconds: UInt64 = 120_000_000_000
    package var scavenger: Scavenger
    /// How long pages stay idle before the periodic scavenger takes them, in nanoseconds of the runtime's clock.
    package var scavengePeriodNanoseconds: UInt64 = 300_000_000_000
    package var madvise: MemoryAdvice

    package init(profile: GoProfile = .go1_23) {
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
                state.pointee.limiter.setProcs(newValue.maxProcs, now: OperatingSystem.monotonicNanoseconds())
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

/// What can go wrong when a heap is made.
package enum HeapError: Error, Equatable, CustomStringConvertible {
    /// The kernel refuses the address space, or memory for the heap's records.
    case cannotReserve(byteCount: Int)

    package var description: String {
        switch self {
        case .cannotReserve(let byteCount):
            "the kernel refuses \(byteCount) bytes of address space for the heap (is there a limit: ulimit -v?)"
        }
    }
}
