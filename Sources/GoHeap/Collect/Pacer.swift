// When the next cycle starts, by when it should end, and how much marking an allocation owes meanwhile.
//
// This is the pacer of Go 1.19 and later (runtime/mgcpacer.go). After a cycle that marked M bytes, the heap may grow to
//
//     goal = max(M + M × gcPercent / 100,  4 MiB × gcPercent / 100)       or, where that is less,
//     goal = memoryLimit − (memory that is not objects) − 3%, at least M         (`limitGoalBytes`)
//
// by the time the next cycle ends. That one starts earlier, at the trigger: `runway` before the goal, which is what the
// program is expected to allocate while marking lasts,
//
//     runway = cons/mark × (1 − u) / u × bytes scanned by the last cycle        u = 25%, marking's share of the CPU
//
// and cons/mark, bytes allocated per byte scanned at equal CPU time, is the largest of the last few cycles'. The trigger
// stays between 70% and 95% of the way from M to the goal. While a cycle runs, whoever allocates marks in proportion, such
// that what there is to scan is scanned before the goal is reached.
//
// `commit` fixes what the percentage gives and how much runway there is: when a cycle has marked everything, and when the
// percentage or the limit is changed, at no other time. Then all spans wait to be swept, so the goal stays at least a MiB
// ahead of what is live until the next commit, also when they have long been swept. The limit's goal moves with the memory:
// goal and trigger are computed from both whenever somebody asks.

package struct Pacer {
    /// Bytes of objects, dead ones not yet swept and all free slots of cached spans included (Go: `heapLive`).
    package var liveBytes = 0
    /// What the last cycle left, in bytes (Go: `heapMarked`).
    package var markedBytes = 0
    /// The goal that the last cycle had (Go: `lastHeapGoal`); 0 before the first.
    package var lastGoalBytes = 0
    /// `liveBytes` when the running cycle started; `.max` between cycles.
    package var triggeredBytes = Int.max

    /// What the last cycle scanned, in bytes: what the next one is expected to.
    private(set) var lastScannedBytes = 0
    private(set) var consMark = 0.0
    private var recentConsMarks = SIMD4<Double>()
    package private(set) var runwayBytes = 0
    private var percentGoalBytes = 0
    /// `liveBytes` that the next cycle may not start below, so that there is time to sweep (Go: `sweepDistMinTrigger`).
    private var sweepDistanceTriggerBytes = 0
    /// Stacks and globals: a percentage of them is in the goal. Husk has none.
    private let otherScanBytes: Int

    /// `liveBytes` up to which the running cycle's assists are paid.
    package var assistedBytes = 0
    /// Bytes that the collector's thread, or an assist, scanned beyond what was owed: the next assists' (Go: `bgScanCredit`).
    package var scanCreditBytes = 0

    package static let minimumHeapBytes = 4 << 20
    /// Go: `sweepMinHeapDistance`.
    package static let sweepDistanceBytes = 1 << 20
    /// The share of the CPU that marking is meant to take (Go: `gcGoalUtilization`).
    package static let goalUtilization = 0.25

    package init(otherScanBytes: Int = 0) { self.otherScanBytes = otherScanBytes }

    /// What the memory limit's goal depends on, in bytes.
    package struct Memory {
        /// nil when there is none.
        package var limitBytes: Int?
        /// How much of the goal is left free, in percent, but at least a MiB.
        package var headroomPercent = 3
        /// Free pages that the kernel does not have back.
        package var freeBytes = 0
        /// Objects, dead ones not yet swept included.
        package var objectBytes = 0
        /// All memory that is mapped and not released (Go: `mappedReady`).
        package var mappedBytes = 0

        package init(
            limitBytes: Int? = nil, headroomPercent: Int = 3, freeBytes: Int = 0, objectBytes: Int = 0,
            mappedBytes: Int = 0
        ) {
            self.limitBytes = limitBytes
            self.headroomPercent = headroomPercent
            self.freeBytes = freeBytes
            self.objectBytes = objectBytes
            self.mappedBytes = mappedBytes
        }
    }

    /// Fixes the parts of goal and trigger that stay until the next commit. (Go: `commit`)
    ///
    /// - Parameters:
    ///   - gcPercent: GOGC; nil when it is off.
    ///   - sweepIsDone: whether no span waits to be swept.
    package mutating func commit(gcPercent: Int?, sweepIsDone: Bool) {
        sweepDistanceTriggerBytes = sweepIsDone ? 0 : liveBytes + Self.sweepDistanceBytes
        if let gcPercent {
            percentGoalBytes = max(
                Self.saturating(markedBytes, plusPercent: gcPercent, of: markedBytes + otherScanBytes),
                Self.minimumHeapBytes * gcPercent / 100)
        } else {
            percentGoalBytes = .max
        }
        let scanBytes = Double(lastScannedBytes + otherScanBytes)
        runwayBytes = Int(min(consMark * (1 - Self.goalUtilization) / Self.goalUtilization * scanBytes, 1e18))
    }

    /// The goal for the memory as it is now; `.max` = none. (Go: `heapGoal`)
    package func goalBytes(_ memory: Memory) -> Int { goalAndLeastTrigger(memory).goal }

    private func goalAndLeastTrigger(_ memory: Memory) -> (goal: Int, leastTrigger: Int) {
        if let limited = limitGoalBytes(memory), limited < percentGoalBytes { return (limited, 0) }
        var goal = max(percentGoalBytes, sweepDistanceTriggerBytes)
        // A cycle that started late gets a least runway: assists must not become infinitely dear.
        if triggeredBytes != .max { goal = max(goal, triggeredBytes + 64 << 10) }
        return (goal, sweepDistanceTriggerBytes)
    }

    /// The largest heap that keeps everything under the limit. (Go: `memoryLimitHeapGoal`)
    package func limitGoalBytes(_ memory: Memory) -> Int? {
        guard let limit = memory.limitBytes else { return nil }
        let otherBytes = max(0, memory.mappedBytes - memory.freeBytes - memory.objectBytes)
        let overageBytes = max(0, memory.mappedBytes - limit)
        if otherBytes + overageBytes >= limit { return markedBytes }
        var goal = limit - otherBytes - overageBytes
        let headroom = max(goal / 100 * memory.headroomPercent, 1 << 20)
        goal = goal - headroom < headroom ? headroom : goal - headroom
        return max(goal, markedBytes)
    }

    /// `liveBytes` at which a cycle starts, for the memory as it is now; `.max` = at none. (Go: `trigger`)
    package func triggerBytes(_ memory: Memory) -> Int {
        let (goal, leastTrigger) = goalAndLeastTrigger(memory)
        if goal == .max { return .max }
        if markedBytes >= goal { return goal }
        let way = goal - markedBytes
        let least = max(leastTrigger, markedBytes + way / 64 * 45)
        let most = max(markedBytes + way / 64 * 61, goal - Self.minimumHeapBytes, least)
        return min(max(goal - min(runwayBytes, goal), least), most)
    }

    // MARK: - While a cycle marks

    package mutating func startCycle() {
        triggeredBytes = liveBytes
        assistedBytes = liveBytes
        scanCreditBytes = 0
    }

    /// Bytes to scan for each byte allocated from now on. (Go: `revise`)
    ///
    /// - Parameters:
    ///   - goalBytes: the goal now.
    ///   - scannedBytes: by this cycle so far.
    ///   - scannableBytes: an upper bound of what it will have scanned at its end.
    package func assistRatio(
        goalBytes: Int, gcPercent: Int?, scannedBytes: Int, scannableBytes: Int
    ) -> Double {
        var goal = Double(goalBytes)
        var expected = lastScannedBytes
        if scannedBytes > expected {
            // More than last time: stretch the goal in proportion, up to what gcPercent would make of it.
            let stretched =
                (goal - Double(triggeredBytes)) / Double(max(1, expected)) * Double(scannableBytes)
                + Double(triggeredBytes)
            goal = min(stretched, goal * (1 + Double(gcPercent ?? 100_000) / 100))
            expected = scannableBytes
        }
        if Double(liveBytes) > goal {
            goal *= 1.1
            expected = scannableBytes
        }
        let left = max(1000, expected - scannedBytes)
        return Double(left) / max(1, goal - Double(liveBytes))
    }

    /// Learns from a cycle that has marked everything. (Go: `endCycle` and `resetLive`)
    ///
    /// - Parameters:
    ///   - goalBytes: the goal that it had.
    ///   - assistShare: of the CPU time during marking, what assists took.
    ///   - idleShare: what the collector's thread took beyond its 25%.
    package mutating func endCycle(
        goalBytes: Int, markedBytes marked: Int, scannedBytes: Int, assistShare: Double, idleShare: Double
    ) {
        lastGoalBytes = goalBytes
        if liveBytes > triggeredBytes && scannedBytes > 0 {
            let utilization = min(Self.goalUtilization + assistShare, 0.95)
            let current =
                Double(liveBytes - triggeredBytes) * (utilization + idleShare)
                / (Double(scannedBytes) * (1 - utilization))
            consMark = max(current, recentConsMarks.max())
            recentConsMarks = SIMD4(recentConsMarks[1], recentConsMarks[2], recentConsMarks[3], current)
        }
        markedBytes = marked
        liveBytes = marked
        lastScannedBytes = scannedBytes
        triggeredBytes = .max
    }

    private static func saturating(_ bytes: Int, plusPercent percent: Int, of whole: Int) -> Int {
        let (product, overflow) = whole.multipliedReportingOverflow(by: percent)
        if overflow { return .max }
        let (sum, overflowed) = bytes.addingReportingOverflow(product / 100)
        return overflowed ? .max : sum
    }
}
