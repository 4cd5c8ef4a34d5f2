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
    try scenario.make(hint: 0, seed: 1)
    try scenario.insert(0..<run.count)
    try scenario.collect()
    try row("filled, GC")
    try scenario.delete(0..<run.count, unless: isKept)
    try scenario.collect()
    try row("deleted at random, GC")
    try scenario.freeOSMemory()
    try row("free-memory")
    try scenario.replaceWithCopy()
    try scenario.freeOSMemory()
    try row("the map copied, free-memory")
    try scenario.copyValues(0..<run.count, where: isKept)
    try scenario.freeOSMemory()
    try row("the values copied, free-memory")
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
