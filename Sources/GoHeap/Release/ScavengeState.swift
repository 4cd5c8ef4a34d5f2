// How much of the free memory the heap keeps, and how the scavengers are paced. (Go: runtime/mgcscavenge.go)
//
// The background scavenger releases while the heap retains more than either goal:
//
//     percent goal = heap in use when the last cycle ended × goal / last goal, and 10% more     against HeapSys − HeapReleased
//     limit goal   = 95% of the memory limit                                                    against all mapped memory
//
// It works for a millisecond and then sleeps so long that it takes 1% of the processors' time, measured. Go has a controller
// find the length of the sleep: it begins with a second and overshoots, so that the first 10 MB go at once, nothing for a
// second, and then the rest in one go; here the same goes evenly. The goals, and which pages go (from the highest address
// down: PageAllocator+Release.swift), are the same: of a map of 1,000,000 [128]byte that is emptied and collected Go 1.19.8
// gives back 284 MB and Go 1.23.9 159, Husk 284 and 160.
//
// What the heap takes in the meantime by growing, or over the memory limit, is released at once by whoever allocates
// (Heap+Spans.swift).
//
// The periodic one (Go 1.10's mheap.scavenge) looks at all free pages twice a period and releases the runs that have been
// idle for a whole one.

struct ScavengeState {
    /// Bytes to retain at most; `.max` = no need to work.
    var percentGoalBytes = Int.max
    /// Bytes to have mapped at most; `.max` = no need to work.
    var limitGoalBytes = Int.max

    /// What the background scavenger has worked since it slept, in nanoseconds.
    var workedNanoseconds: UInt64 = 0
    /// Until when it sleeps, in monotonic nanoseconds.
    var sleepsUntilNanoseconds: UInt64 = 0
    /// Released since the last trace line, in bytes.
    var backgroundBytes = 0
    var eagerBytes = 0

    /// When the periodic scavenger last began, in nanoseconds of the runtime's clock; nil before the first tick.
    var lastPeriodicNanoseconds: UInt64?
    /// The next chunk (from above) that its running pass looks at; nil between passes.
    var periodicChunk: Int?
    /// Released by the running pass.
    var periodicBytes = 0
    /// Passes so far.
    var periodicPasses = 0

    /// It works this long at a time (Go: `minScavWorkTime`).
    static let workNanoseconds: UInt64 = 1_000_000
    /// Bytes that one step releases at most. Go's is 64 KiB; fewer, larger calls cost the kernel less.
    static let stepBytes = 1 << 20
    /// Its share of the processors' time (Go: `scavengePercent`).
    static let cpuShare = 0.01
    /// Go: `retainExtraPercent`, `reduceExtraPercent`.
    static let retainExtraPercent = 10
    static let reduceExtraPercent = 5

    /// Sets the goals after a cycle has marked everything, or a change of the settings. (Go: `gcPaceScavenger`)
    ///
    /// - Parameters:
    ///   - goalBytes: the heap's goal now.
    ///   - lastGoalBytes: the one that the last cycle had; 0 before the first.
    mutating func pace(
        goalBytes: Int, lastGoalBytes: Int, memory: Pacer.Memory, heapRetainedBytes: Int, lastInUseBytes: Int
    ) {
        percentGoalBytes = .max
        limitGoalBytes = .max
        if let limit = memory.limitBytes {
            let goal = limit / 100 * (100 - Self.reduceExtraPercent)
            if memory.mappedBytes > goal { limitGoalBytes = goal }
        }
        guard lastGoalBytes > 0 else { return }
        let ratio = Double(goalBytes) / Double(lastGoalBytes)
        let goal = min(Double(lastInUseBytes) * ratio * Double(100 + Self.retainExtraPercent) / 100, 1e18)
        if heapRetainedBytes > Int(goal) + OperatingSystem.physicalPageBytes { percentGoalBytes = Int(goal) }
    }
}
