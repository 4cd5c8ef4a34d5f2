// A slot that a delete has emptied takes a later insert.

import GoHeap
import GoMap

extension Scenario {
    static let reuse = Scenario(
        name: "reuse", title: "A map whose keys are deleted and inserted again",
        parameters: [.go(), .layout, .type("map[int]int"), .count(8_192)], perform: runReuse)
}

private func runReuse(_ run: ScenarioRun) throws(ScenarioError) -> ScenarioTable {
    let count = run.count
    let half = count / 2
    let scenario = try ScenarioHeap(run)
    var rows: [[ScenarioTable.Cell]] = []
    func row(_ step: String) throws(ScenarioError) {
        try run.checkpoint()
        try scenario.collect()
        let statistics = scenario.map.statistics()
        rows.append([
            .text(step), .number(statistics.count), .number(statistics.slots),
            statistics.bucket.map { .number($0.overflowBuckets) } ?? .none,
            statistics.swiss.map { .number($0.tombstones) } ?? .none,
            .kilobytes(scenario.readMemStats().heapAlloc),
        ])
    }
    try scenario.make(hint: count, seed: 1)
    try scenario.insert(0..<count)
    try row("filled")
    try scenario.delete(0..<half)
    try row("half of them deleted")
    try scenario.insert(0..<half)
    try row("the same keys inserted again")
    try scenario.delete(0..<half)
    try scenario.insert(count..<count + half)
    try row("half of them replaced by other keys")
    try scenario.delete(half..<count + half)
    try row("every key deleted")
    try scenario.insert(0..<count)
    try row("the first keys inserted again")
    return ScenarioTable(
        columns: [
            .init(name: "step", role: .label), .init(name: "len", role: .common), .init(name: "slots"),
            .init(name: "overflow buckets"), .init(name: "tombstones"),
            .init(name: "Alloc after a GC", unit: "KB"),
        ],
        rows: rows,
        note:
            "What deletes leave in the map is not lost to it: the same keys go back into their slots and take nothing, and "
            + "other keys take whatever slot is free where they belong. Only where more of them crowd than did before is "
            + "room added; so it is after the last entry has gone, because then Go draws another hash seed, and even the "
            + "same keys fall elsewhere.")
}
