// How long a collection takes depends on what the collector must look into, not on how much is held. And a collection takes
// two times that are easily confused: the pause, in which nobody else runs, and the whole cycle, which goes on beside the
// programme.

import GoHeap
import GoMap
import HuskSystem

extension Scenario {
    static let gcTime = Scenario(
        name: "gc-time", title: "How long a collection takes with as many entries held in four ways",
        parameters: [.go(), .layout, .count(1_000_000, upTo: 20_000_000)], perform: runGCTime)
}

/// What holds the entries, and how long a collection took on the laptop of the source's author (an early Go; the entries
/// were more), in nanoseconds, with GOMAXPROCS as it was and with 4.
private enum Holder: String, CaseIterable {
    case pointers = "map[int32]*int32"
    case values = "map[int32]int32"
    case shards = "[]map[int32]int32 of 128"
    case slice = "[]struct{ int32; int32 }"

    static let shardCount = 128

    var sourceNanoseconds: [Double] {
        switch self {
        case .pointers: [1_668_760_880, 1_508_519_600]
        case .values: [14_169_445, 15_583_222]
        case .shards: [3_935_560, 4_013_019]
        case .slice: [71_614, 119_643]
        }
    }
}

/// The best of so many collections: what disturbs one only makes it longer.
private let collections = 7

private func runGCTime(_ run: ScenarioRun) throws(ScenarioError) -> ScenarioTable {
    let procs = [RuntimeSettings().maxProcs, 4]
    var times: [[CollectionTime]] = []
    for (index, holder) in Holder.allCases.enumerated() {
        try run.checkpoint()
        times.append(try shortestCollections(run, holder, procs: procs))
        run.onStep(index + 1, Holder.allCases.count)
    }
    var rows: [[ScenarioTable.Cell]] = []
    for (column, procs) in procs.enumerated() {
        for (index, holder) in Holder.allCases.enumerated() {
            let source = holder.sourceNanoseconds[column]
            rows.append([
                .text(holder.rawValue), .number(procs),
                .number(Int((times[index][column].pause / 1000).rounded())),
                .number(Int((times[index][column].cycle / 1000).rounded())),
                .text(ratio(times[index][column].cycle, times[0][column].cycle)),
                .number(Int((source / 1000).rounded())),
                .text(ratio(source, Holder.pointers.sourceNanoseconds[column])),
            ])
        }
    }
    return ScenarioTable(
        columns: [
            .init(name: "held", role: .label), .init(name: "GOMAXPROCS", role: .label),
            .init(name: "pause", unit: "µs"), .init(name: "whole cycle", unit: "µs"),
            .init(name: "of the first"), .init(name: "source", unit: "µs", role: .common),
            .init(name: "of the source's first", role: .common),
        ],
        rows: rows,
        note:
            "The collector follows pointers, and looks into nothing that has none: with pointers as values it visits "
            + "all of the map and every value, without them it only marks the arrays, and a slice is one object. "
            + "Shards helped the source's early Go; they only add arrays to mark, in Go of today too. The source's "
            + "figures are whole cycles, from another machine and more entries; the ratios are the point. The pause, "
            + "in which no operation can run, is short whatever is held: who measures a collection by `runtime.GC()` "
            + "has the whole cycle, who reads PauseNs has the pause, and the two differ by a thousand times and more. Without "
            + "pointers Husk is some ten times as fast as Go, which also looks at every span: so ratios come out larger."
    )
}

private func ratio(_ time: Double, _ first: Double) -> String {
    let share = first / max(1, time)
    return share < 1.5 ? "1" : "1/\(Int(share.rounded()))"
}

/// In nanoseconds.
private struct CollectionTime {
    /// In which nothing else can run: the cycle's start and the end of its marking.
    var pause = Double.infinity
    var cycle = Double.infinity
}

/// The shortest times with each number of processors.
private func shortestCollections(
    _ run: ScenarioRun, _ holder: Holder, procs: [Int]
) throws(ScenarioError) -> [CollectionTime] {
    let value: GoType = holder == .pointers ? .pointer(.int32) : .int32
    let scenario = try ScenarioHeap(run, type: MapTypeName(key: .int32, value: value))
    defer { withExtendedLifetime(scenario) {} }
    let heap = scenario.heap
    let slice = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 1)
    slice.initialize(to: nil)
    heap.addRoots(slice, count: 1)
    defer {
        heap.removeRoots(slice)
        slice.deallocate()
    }
    switch holder {
    case .pointers, .values, .shards:
        try scenario.make(hint: 0, seed: 1, shards: holder == .shards ? Holder.shardCount : 1)
        try scenario.insert(0..<run.count)
    case .slice:
        slice.pointee = heap.allocateArray(ObjectType.interned(byteCount: 8), count: run.count)
    }
    try scenario.collect()
    var shortest: [CollectionTime] = []
    for procs in procs {
        heap.settings.maxProcs = procs
        var best = CollectionTime()
        for _ in 0..<collections {
            let pausesBefore = scenario.readMemStats().pauseTotalNs
            let start = monotonicNanoseconds()
            try scenario.collect()
            best.cycle = min(best.cycle, Double(monotonicNanoseconds() - start))
            best.pause = min(best.pause, Double(scenario.readMemStats().pauseTotalNs - pausesBefore))
        }
        shortest.append(best)
    }
    return shortest
}
