// When the next cycle starts, and how much marking an allocation owes once it has. (Go: runtime/mgcpacer.go)
//
// After a cycle that marked M bytes, the heap may grow to the goal
//
//     goal = max(M + M × gcPercent / 100,  4 MiB × gcPercent / 100)
//
// by the time the next cycle ends, so that one starts a little earlier, at the trigger. While it runs, operations that
// allocate mark in proportion, such that what there is to scan is scanned before the goal is reached.

struct Pacer {
    /// Percent of the marked heap; negative turns the pacer off (Go: `GOGC`).
    var gcPercent: Int
    /// Bytes of objects, dead ones not yet swept and all free slots of cached spans included (Go: `heapLive`).
    var liveBytes = 0
    /// What the last cycle left, in bytes (Go: `heapMarked`).
    var markedBytes = 0
    var goalBytes = 0
    /// A cycle starts when `liveBytes` reaches this.
    var triggerBytes = 0
    /// Bytes to scan for each byte allocated while a cycle marks.
    var assistRatio = 0.0
    /// `liveBytes` up to which the running cycle's assists are paid.
    var assistedBytes = 0

    static let minimumHeapBytes = 4 << 20
    /// While sweeping is not done the next cycle keeps this distance (Go: `sweepMinHeapDistance`).
    static let sweepDistanceBytes = 1 << 20

    init(gcPercent: Int) { self.gcPercent = gcPercent }

    /// Sets goal and trigger from what the last cycle marked.
    mutating func commit(sweepIsDone: Bool) {
        guard gcPercent >= 0 else {
            goalBytes = .max
            triggerBytes = .max
            return
        }
        goalBytes = max(
            markedBytes + markedBytes * gcPercent / 100, Self.minimumHeapBytes * gcPercent / 100)
        let sweepTrigger = sweepIsDone ? 0 : liveBytes + Self.sweepDistanceBytes
        goalBytes = max(goalBytes, sweepTrigger)
        // Go's upper bound on the trigger: 95% of the way to the goal, or the goal less 4 MiB where that is more.
        let runway = goalBytes - markedBytes
        triggerBytes = max(markedBytes + runway / 100 * 95, goalBytes - Self.minimumHeapBytes, sweepTrigger)
    }

    /// Sets the assists' price for a cycle that starts now.
    ///
    /// - Parameter scannableBytes: an upper bound of what there is to scan.
    mutating func startCycle(scannableBytes: Int) {
        // Go's least runway: assists must not become infinitely dear when the trigger was overshot.
        goalBytes = max(goalBytes, liveBytes + 64 << 10)
        assistRatio = Double(scannableBytes) / Double(goalBytes - liveBytes)
        assistedBytes = liveBytes
    }
}
