// Keeps the collector from taking more than half of the CPU when the memory limit leaves too little room for the live
// heap: then assists and scavenging on allocation stop, and memory goes over the limit instead of time standing still.
//
// A leaky bucket of one second of CPU time for each processor: the collector's time fills it, the program's drains it.
// Full = limiting. (Go: `gcCPULimiterState`, runtime/mgclimit.go)

package struct CPULimiter {
    package private(set) var isLimiting = false
    private var procs: Int
    private var fillNanoseconds = 0
    private var assistNanoseconds = 0
    private var lastUpdateNanoseconds: UInt64
    private var isMarking = false

    /// Go: `capacityPerProc`.
    private static let capacityPerProcNanoseconds = 1_000_000_000
    private static let updatePeriodNanoseconds: UInt64 = 10_000_000

    package init(procs: Int, now: UInt64) {
        self.procs = procs
        lastUpdateNanoseconds = now
    }

    /// Counts time that an operation spent marking or scavenging. Monotonic nanoseconds.
    package mutating func addAssist(nanoseconds: UInt64, now: UInt64) {
        assistNanoseconds += Int(nanoseconds)
        if now > lastUpdateNanoseconds + Self.updatePeriodNanoseconds { update(now: now) }
    }

    /// A cycle starts or ends marking: while it marks, the collector's thread counts with 25% of all processors.
    package mutating func setMarking(_ marking: Bool, now: UInt64) {
        update(now: now)
        isMarking = marking
    }

    package mutating func setProcs(_ count: Int, now: UInt64) {
        update(now: now)
        procs = count
        fillNanoseconds = min(fillNanoseconds, count * Self.capacityPerProcNanoseconds)
    }

    package mutating func update(now: UInt64) {
        guard now > lastUpdateNanoseconds else { return }
        let window = Int(now - lastUpdateNanoseconds) * procs
        lastUpdateNanoseconds = now
        var collector = assistNanoseconds
        if isMarking { collector += window / 4 }
        assistNanoseconds = 0
        accumulate(mutatorNanoseconds: window - collector, collectorNanoseconds: collector)
    }

    package mutating func accumulate(mutatorNanoseconds: Int, collectorNanoseconds: Int) {
        let capacity = procs * Self.capacityPerProcNanoseconds
        let change = collectorNanoseconds - mutatorNanoseconds
        fillNanoseconds = min(max(fillNanoseconds + change, 0), capacity)
        isLimiting = fillNanoseconds == capacity
    }
}
