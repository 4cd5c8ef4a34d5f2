// What a rebuild does not cure: values that were freed at random leave their spans nearly empty, and a span that holds one
// object keeps all of its pages.

import GoHeap
import GoMap
import HuskSystem

extension Parameter {
    fileprivate static let freed = Parameter(
        name: "freed", kind: .number(0...1), standard: .number(0.95), help: "the share of the entries that goes")
}

extension Scenario {
    static let fragmentation = Scenario(
        name: "fragmentation", title: "Most of the entries deleted at random, and what gives their pages back",
        parameters: [.go(), .layout, .type("map[int]*[200]byte"), .count(250_000), .freed],
        perform: runFragmentation)
}

private func runFragmentation(_ run: ScenarioRun) throws(ScenarioError) -> ScenarioTable {
    let scenario = try ScenarioHeap(run)
    let keptShare = 1 - run.number(.freed)
    // A random number for each entry, the same in every run.
    func isKept(_ index: Int) -> Bool { Double(mix(UInt64(index)) >> 11) < keptShare * Double(1 << 53) }
    var rows: [[ScenarioTable.Cell]] = []
    func row(_ step: String) throws(ScenarioError) {
        try run.checkpoint()
        let stats = scenario.readMemStats()
        rows.append([
            .text(step), .number(scenario.map.count), .kilobytes(stats.heapAlloc), .kilobytes(stats.heapInuse),
            .percent(Int(stats.heapAlloc), of: Int(stats.heapInuse)), .kilobytes(stats.heapIdle),
            .kilobytes(stats.heapReleased), .kilobytes(ProcessMemory.residentBytes),
        ])
        run.onStep(rows.count, 5)
    }
    try scenario.fragment(
        count: run.count, unless: isKept,
        steps: [
            "filled, GC", "deleted at random, GC", "free-memory", "the map copied, free-memory",
            "the values copied, free-memory",
        ], row)
    return ScenarioTable(
        columns: [
            .init(name: "step", role: .label), .init(name: "len", role: .common),
            .init(name: "HeapAlloc", unit: "KB"), .init(name: "HeapInuse", unit: "KB"),
            .init(name: "of it objects", unit: "%"), .init(name: "HeapIdle", unit: "KB"),
            .init(name: "HeapReleased", unit: "KB"), .init(name: "RSS", unit: "KB"),
        ],
        rows: rows,
        note:
            "A span is given back when its last object has gone. Of values that lie in objects of their own, a few stay in "
            + "nearly every span: HeapAlloc falls, HeapInuse and RSS do not. Copying the map frees its arrays and "
            + "leaves the values where they are; only moving the values too, which Go's collector never does, empties "
            + "the spans. Values that lie in the map itself need the first copy only.")
}

extension ScenarioHeap {
    /// Fills a map, deletes most of it, and gives back what can be, in five steps.
    ///
    /// - Parameters:
    ///   - count: how many entries.
    ///   - isKept: which of them stay.
    ///   - steps: a name for each: filled, deleted, pages released, the map copied, the values copied.
    ///   - didStep: called after each with its name.
    func fragment(
        count: Int, unless isKept: (Int) -> Bool, steps: InlineArray<5, String>,
        _ didStep: (String) throws(ScenarioError) -> Void
    ) throws(ScenarioError) {
        try make(hint: 0, seed: 1)
        try insert(0..<count)
        try collect()
        try didStep(steps[0])
        try delete(0..<count, unless: isKept)
        try collect()
        try didStep(steps[1])
        try freeOSMemory()
        try didStep(steps[2])
        try replaceWithCopy()
        try freeOSMemory()
        try didStep(steps[3])
        try copyValues(0..<count, where: isKept)
        try freeOSMemory()
        try didStep(steps[4])
    }
}
