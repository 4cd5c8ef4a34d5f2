// A cache that is partly updated, with drifting keys: it grows, although it never holds more live entries.

import GoHeap
import GoMap
import HuskSystem

extension Parameter {
    /// Also by the name that other scenarios have for it.
    fileprivate static let live = Parameter(
        name: "live", alias: "count", kind: .integer(1...10_000_000), standard: .integer(100_000),
        help: "how many entries the cache holds")
    fileprivate static let share = Parameter(
        name: "share", kind: .number(0...1), standard: .number(0.2),
        help: "the share of them that each round replaces")
    fileprivate static let drift = Parameter(
        name: "drift", kind: .number(0...1), standard: .number(1),
        help: "the share of those replaced whose key is new; the others are overwritten")
}

extension Scenario {
    static let partialUpdate = Scenario(
        name: "partial-update", title: "A cache whose keys drift: some are replaced each round",
        parameters: [.go(), .layout, .type("map[int]int"), .live, .share, .rounds(20), .drift],
        perform: runPartialUpdate)
}

private func runPartialUpdate(_ run: ScenarioRun) throws(ScenarioError) -> ScenarioTable {
    let live = run.integer(.live)
    let replaced = Int((Double(live) * run.number(.share)).rounded())
    let fresh = Int((Double(replaced) * run.number(.drift)).rounded())
    let scenario = try ScenarioHeap(run)
    var rows: [[ScenarioTable.Cell]] = []
    var last: (alloc: Int, rss: Int) = (0, 0)
    func row(_ step: String, showsChange: Bool = false) throws(ScenarioError) {
        try run.checkpoint()
        let alloc = Int(scenario.readMemStats().heapAlloc)
        let rss = ProcessMemory.residentBytes
        // With a minus, what a step took.
        let gaveBack = "Alloc \((last.alloc - alloc) / 1024), RSS \((last.rss - rss) / 1024)"
        rows.append([
            .text(step), .number(scenario.map.count), .kilobytes(alloc),
            .kilobytes(scenario.map.statistics().retainedBytes), .kilobytes(rss),
            .text(showsChange ? gaveBack : ""),
        ])
        last = (alloc, rss)
    }
    try scenario.make(hint: 0, seed: 1)
    try scenario.insert(0..<live)
    try row("filled")
    var oldest = 0
    let rounds = run.integer(.rounds(20))
    for round in stride(from: 1, through: rounds, by: 1) {
        try scenario.insert(oldest + live..<oldest + live + fresh)
        try scenario.delete(oldest..<oldest + fresh)
        oldest += fresh
        try scenario.insert(oldest..<oldest + replaced - fresh)
        try row("round \(round)")
        run.onStep(round, rounds)
    }
    try scenario.collect()
    try row("GC", showsChange: true)
    try scenario.freeOSMemory()
    try row("free-memory", showsChange: true)
    try scenario.replaceWithCopy()
    try scenario.freeOSMemory()
    try row("replaced by a copy", showsChange: true)
    return ScenarioTable(
        columns: [
            .init(name: "step", role: .label), .init(name: "len", role: .common),
            .init(name: "HeapAlloc", unit: "KB"),
            .init(name: "retained", unit: "KB"), .init(name: "RSS", unit: "KB"),
            .init(name: "gave back", unit: "KB"),
        ],
        rows: rows,
        note:
            "The map holds \(live) entries after every round, and keeps the room that \(live + fresh) once took, and "
            + "what it added wherever new keys happened to crowd. A collection frees only what the map has let go of; a "
            + "fresh map with the survivors copied over gives back the rest.")
}
