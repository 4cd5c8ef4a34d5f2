// A leak under GOMEMLIMIT: the collector runs more and more often, until it takes all the time that it may, and memory goes over
// the limit all the same. The table says when somebody should have been told.

import GoHeap
import GoMap
import HuskSystem

extension Parameter {
    fileprivate static let limit = Parameter(
        name: "limit", kind: .integer((16 << 20)...(8 << 30)), standard: .integer(64 << 20),
        help: "bytes of the memory limit")
    fileprivate static let fill = Parameter(
        name: "fill", kind: .number(0...1), standard: .number(0.5),
        help: "the share of the limit that is live at the start")
    fileprivate static let leak = Parameter(
        name: "leak", kind: .integer(0...(1 << 30)), standard: .integer(2 << 20),
        help: "bytes that each step adds and nobody deletes")
    fileprivate static let steps = Parameter(
        name: "steps", kind: .integer(1...1_000), standard: .integer(20), help: "how many steps")
    fileprivate static let dieAt = Parameter(
        name: "die-at", kind: .integer((1 << 20)...(1 << 40)), standard: nil,
        help: "bytes of RSS at which the process is killed, as the kernel kills it: status 137",
        isOfCommandLineOnly: true)
}

extension Scenario {
    static let memoryLimit = Scenario(
        name: "memory-limit", title: "A leak under a memory limit, and when an alert should have fired",
        parameters: [.go(), .layout, .limit, .fill, .leak, .steps, .dieAt], perform: runMemoryLimit)
}

/// Of a value: small, and behind a pointer, so that the collector has something to look into.
private let objectBytes = 128
/// A step's work: the values that it writes over those that there are, as a share of the limit.
private let churnDivisor = 4
/// How often somebody reads.
private let readPeriodNanoseconds: UInt64 = 20_000
/// Writes between two turns of the collector's thread.
private let turnWrites = 32

private func runMemoryLimit(_ run: ScenarioRun) throws(ScenarioError) -> ScenarioTable {
    if run.integerIfGiven(.dieAt) != nil, run.releases.count > 1 {
        throw Parameter.dieAt.wrong("ends the process: expected one Go")
    }
    let experiment = try LimitExperiment(run)
    var rows: [[ScenarioTable.Cell]] = []
    var isKilled = false
    let steps = run.integer(.steps)
    for step in 1...steps where !isKilled {
        rows.append(try experiment.row(step))
        isKilled = experiment.isKilled
        run.onStep(step, steps)
    }
    var table = ScenarioTable(
        columns: [
            .init(name: "step", role: .label), .init(name: "live", unit: "KB"),
            .init(name: "HeapAlloc", unit: "KB"), .init(name: "RSS", unit: "KB"), .init(name: "cycles"),
            .init(name: "cycles a second"), .init(name: "GC CPU", unit: "%"),
            .init(name: "p50 of a GET", unit: "µs"), .init(name: "p99 of a GET", unit: "µs"),
            .init(name: "alert"),
        ],
        rows: rows,
        note:
            "GOGC is off, so the limit alone starts collections (Go before 1.19 knows no limit and keeps GOGC=100). Each "
            + "step leaks, and writes a quarter of the limit over live values: the same work, with less room each "
            + "time. Live is what a collection cannot free. An alert on it, at 90% of the limit, fires while there is "
            + "still time; one on HeapAlloc cannot tell, for with GOGC off the heap always grows up to the limit. "
            + "One processor is counted, so 50% is the most that the collector may take before memory goes "
            + "over the limit instead.")
    table.isKilled = isKilled
    return table
}

private final class LimitExperiment {
    private let run: ScenarioRun
    private let scenario: ScenarioHeap
    private let limitBytes: Int
    private let leakBytes: Int
    private let dieAtBytes: Int?
    private let start = monotonicNanoseconds()

    /// Live entries.
    private var count = 0
    private var next = 0
    private var nextReadNanoseconds: UInt64 = 0
    private var waits: [UInt64] = []
    private var fired: Set<Alert> = []
    private(set) var isKilled = false

    /// What somebody should be told of, once each.
    private enum Alert: String, CaseIterable {
        case live = "live heap over 90% of the limit"
        case cpu = "GC CPU over 25%"
        case over = "over the limit"
    }

    init(_ run: ScenarioRun) throws(ScenarioError) {
        self.run = run
        limitBytes = run.integer(.limit)
        leakBytes = run.integer(.leak)
        dieAtBytes = run.integerIfGiven(.dieAt)
        scenario = try ScenarioHeap(run, type: MapTypeName(key: .int, value: .pointer(.array(objectBytes))))
        if run.profile.hasMemoryLimit {
            scenario.heap.settings.gcPercent = nil
            scenario.heap.settings.memoryLimitBytes = limitBytes
        }
        scenario.heap.settings.maxProcs = 1
        let startBytes = Int(Double(limitBytes) * run.number(.fill))
        // Made for all that will come: a map that grows in the middle would jump over the limit by itself.
        let finalBytes = min(startBytes + leakBytes * run.integer(.steps), 2 * limitBytes)
        try scenario.make(hint: finalBytes / (2 * objectBytes), seed: 1)
        try grow(by: max(0, startBytes - liveBytes))
        try scenario.collect()
    }

    private func grow(by bytes: Int) throws(ScenarioError) {
        let more = bytes / objectBytes
        try scenario.insert(count..<count + more)
        count += more
    }

    /// What a collection cannot free: the entries' values, and the map.
    private var liveBytes: Int { count * objectBytes + scenario.map.statistics().bytes.total }

    func row(_ step: Int) throws(ScenarioError) -> [ScenarioTable.Cell] {
        let cyclesBefore = scenario.heap.cycleCount
        let collectorBefore = scenario.heap.collectorNanoseconds
        let begin = monotonicNanoseconds()
        try grow(by: leakBytes)
        try churn()
        let elapsed = max(1, monotonicNanoseconds() - begin)
        let cycles = scenario.heap.cycleCount - cyclesBefore
        let collector = scenario.heap.collectorNanoseconds - collectorBefore
        let share = Double(collector) / Double(elapsed)
        let stats = scenario.readMemStats()
        let resident = ProcessMemory.residentBytes
        var events = newAlerts(collectorShare: share, totalBytes: Int(stats.sys - stats.heapReleased))
        if let dieAtBytes, resident >= dieAtBytes {
            isKilled = true
            events.append("killed")
        }
        waits.sort()
        return [
            .number(step), .kilobytes(liveBytes), .kilobytes(stats.heapAlloc), .kilobytes(resident), .number(cycles),
            .number(Int((Double(cycles) * 1e9 / Double(elapsed)).rounded())), .number(Int((share * 100).rounded())),
            wait(atShare: 0.5), wait(atShare: 0.99), events.isEmpty ? .none : .text(events.joined(separator: ", ")),
        ]
    }

    /// Writes values over others, while the collector's thread has its quarter of the time and reads come by the clock: a
    /// read that is due waits for what is under way.
    private func churn() throws(ScenarioError) {
        waits.removeAll(keepingCapacity: true)
        nextReadNanoseconds = monotonicNanoseconds()
        var turnBegan = nextReadNanoseconds
        for written in 0..<limitBytes / churnDivisor / objectBytes {
            next = next + 1 < count ? next + 1 : 0
            if count > 0 { scenario.insert(number: next) }
            var now = monotonicNanoseconds()
            if written % turnWrites == 0 {
                scenario.doBackgroundWork(nanoseconds: min(now - turnBegan, 900_000) / 3)
                now = monotonicNanoseconds()
                turnBegan = now
            }
            while nextReadNanoseconds <= now {
                _ = scenario.read(next)
                now = monotonicNanoseconds()
                waits.append(now - nextReadNanoseconds)
                nextReadNanoseconds += readPeriodNanoseconds
            }
            if written % 256 == 0 { try scenario.checkpoint() }
        }
    }

    /// - Parameter share: of the waits that are no longer.
    private func wait(atShare share: Double) -> ScenarioTable.Cell {
        guard !waits.isEmpty else { return .none }
        return .number(Int(waits[min(waits.count - 1, Int(Double(waits.count) * share))] / 1_000))
    }

    private func newAlerts(collectorShare: Double, totalBytes: Int) -> [String] {
        Alert.allCases.filter { alert in
            let fires =
                switch alert {
                case .live: liveBytes > limitBytes / 10 * 9
                case .cpu: collectorShare > 0.25
                case .over: totalBytes > limitBytes
                }
            return fires && fired.insert(alert).inserted
        }.map(\.rawValue)
    }
}
