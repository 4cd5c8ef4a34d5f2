// How long it takes until the system has memory back that nobody asks for: Go 1.10's forced collection every two minutes
// and its scavenger, which gives back what has been idle for five. The runtime's clock is scaled.

import GoHeap
import GoMap
import HuskSystem

extension Scenario {
    static let fifteenMinutes = Scenario(
        name: "fifteen-minutes",
        title: "A map set to nil, and 15 minutes in which nobody asks for the memory",
        parameters: [.go([.go1_10]), .layout, .type("map[int][128]byte"), .count(400_000)],
        perform: runFifteenMinutes)
}

/// Times as fast as the wall clock: fifteen minutes in fifteen seconds.
private let clockScale = 60.0
private let minutes = 15

private func runFifteenMinutes(_ run: ScenarioRun) throws(ScenarioError) -> ScenarioTable {
    let scenario = try ScenarioHeap(run, timeScale: clockScale)
    try scenario.make(hint: run.count, seed: 1)
    try scenario.insert(0..<run.count)
    try scenario.collect()
    var rows: [[ScenarioTable.Cell]] = []
    var seenLines = scenario.heap.traceLineCount
    func row(_ minute: Int) {
        let stats = scenario.readMemStats()
        let lines = scenario.heap.traceLines(from: seenLines)
        seenLines = scenario.heap.traceLineCount
        rows.append([
            .number(minute), .kilobytes(stats.heapInuse), .kilobytes(stats.heapIdle),
            .kilobytes(stats.heapReleased),
            .kilobytes(ProcessMemory.residentBytes),
            .text(minute == 0 ? "filled, collected, set to nil" : events(lines)),
        ])
    }
    row(0)
    scenario.map.setNil()
    let start = monotonicNanoseconds()
    for minute in 1...minutes {
        try scenario.runBackground(until: start + UInt64(Double(minute) * 60e9 / clockScale))
        row(minute)
        run.onStep(minute, minutes)
    }
    return ScenarioTable(
        columns: [
            .init(name: "runtime", unit: "min", role: .label), .init(name: "HeapInuse", unit: "KB"),
            .init(name: "HeapIdle", unit: "KB"), .init(name: "HeapReleased", unit: "KB"),
            .init(name: "RSS", unit: "KB"), .init(name: "in the minute before"),
        ],
        rows: rows,
        note:
            "The runtime's clock ran \(Int(clockScale)) times as fast as the wall clock: each row is a minute of it and a "
            + "second of yours. After two minutes a collection is forced and the map's memory is idle. Go up to 1.12 gives "
            + "back only what has then been idle for five minutes, at a pass every two and a half: so top shows for seven "
            + "to ten minutes a memory that nobody uses; in a service that goes on allocating it takes longer, and the "
            + "source's author waited about 15 minutes. Later Gos give back a little all the time, and 1.12 to 1.15 with "
            + "an advice that the kernel follows only when it is short of memory, so that RSS stays.")
}

/// What the trace lines of a minute tell, in words.
private func events(_ lines: [String]) -> String {
    var events: [String] = []
    if lines.contains("GC forced") { events.append("GC forced") }
    for line in lines where line.hasPrefix("scvg") && line.hasSuffix("released") {
        events.append("scavenger: \(line.split(separator: ": ").last ?? "")")
    }
    return events.joined(separator: ", ")
}
