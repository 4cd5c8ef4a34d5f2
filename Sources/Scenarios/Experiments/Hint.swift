// What growth costs, and what a hint saves.

import GoHeap
import GoMap
import HuskSystem

extension Scenario {
    static let hint = Scenario(
        name: "hint", title: "A map made without a hint, and one made with it",
        parameters: [.go(), .layout, .type("map[int]int"), .count(1_000_000)], perform: runHint)
}

private func runHint(_ run: ScenarioRun) throws(ScenarioError) -> ScenarioTable {
    var rows: [[ScenarioTable.Cell]] = []
    for hint in [0, run.count] {
        try run.checkpoint()
        let scenario = try ScenarioHeap(run)
        let start = monotonicNanoseconds()
        try scenario.make(hint: hint, seed: 1)
        try scenario.insert(0..<run.count)
        let elapsed = monotonicNanoseconds() - start
        let filled = scenario.readMemStats()
        try scenario.collect()
        let collected = scenario.readMemStats()
        rows.append([
            .text(hint == 0 ? "make(\(run.type))" : "make(…, \(hint))"), .number(scenario.map.count),
            .number(Int(elapsed / 1_000_000)), .kilobytes(filled.totalAlloc), .kilobytes(filled.heapInuse),
            .kilobytes(collected.heapAlloc), .number(Int(filled.numGC)),
        ])
    }
    return ScenarioTable(
        columns: [
            .init(name: "made by", role: .label), .init(name: "len", role: .common),
            .init(name: "filling", unit: "ms"), .init(name: "TotalAlloc", unit: "KB"),
            .init(name: "HeapInuse, filled", unit: "KB"), .init(name: "Alloc after a GC", unit: "KB"),
            .init(name: "NumGC"),
        ],
        rows: rows,
        note:
            "Without a hint the map grows whenever it is full (buckets: more than 6.5 entries to each, groups: more than 7 "
            + "of 8 slots), so it allocates all the smaller arrays too and moves each entry several times; with the hint "
            + "it makes at the start what it needs in the end.")
}
