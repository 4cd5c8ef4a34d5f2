// The same steps as each release: what an upgrade changes.

import GoHeap
import GoMap
import HuskSystem

extension Scenario {
    static let versions = Scenario(
        name: "versions", title: "The same steps as every Go, side by side",
        parameters: [.go(GoProfile.allCases), .layout, .type("map[int]struct{}"), .count(1_000_000)],
        perform: runVersions)
}

private func runVersions(_ run: ScenarioRun) throws(ScenarioError) -> ScenarioTable {
    let count = run.count
    let scenario = try ScenarioHeap(run)
    var rows: [[ScenarioTable.Cell]] = []
    func row(_ step: String) throws(ScenarioError) {
        try run.checkpoint()
        let stats = scenario.readMemStats()
        rows.append([
            .text(step), .number(scenario.map.count), .kilobytes(stats.heapAlloc), .kilobytes(stats.heapInuse),
            .kilobytes(stats.heapReleased), .kilobytes(stats.totalAlloc), .number(Int(stats.heapObjects)),
        ])
        run.onStep(rows.count, 7)
    }
    try scenario.make(hint: 0, seed: 1)
    try scenario.insert(0..<count)
    try scenario.collect()
    try row("filled, GC")
    try scenario.insert(count..<count + count / 2)
    try scenario.delete(0..<count / 2)
    try scenario.collect()
    try row("half of them replaced, GC")
    try scenario.delete(count / 2..<count + count / 2)
    try scenario.collect()
    try row("each deleted, GC")
    try scenario.insert(0..<count / 100)
    try scenario.collect()
    try row("1% inserted again, GC")
    scenario.clear()
    try scenario.collect()
    try row("cleared, GC")
    scenario.map.setNil()
    try scenario.collect()
    try row("nil, GC")
    try scenario.freeOSMemory()
    try row("free-memory")
    return ScenarioTable(
        columns: [
            .init(name: "step", role: .label), .init(name: "len", role: .common),
            .init(name: "HeapAlloc", unit: "KB"), .init(name: "HeapInuse", unit: "KB"),
            .init(name: "HeapReleased", unit: "KB"), .init(name: "TotalAlloc", unit: "KB"),
            .init(name: "HeapObjects"),
        ],
        rows: rows,
        note:
            "No release gives the map's room back before nothing refers to it. What differs is how much that room is: Go "
            + "1.24 has other maps, which take less for some types and more for others (a set, `map[int]struct{}`, is a "
            + "good two thirds larger), and the size classes and headers of objects changed with 1.16 and 1.22.")
}
