// What growth costs, and what a hint saves.

import GoHeap
import GoMap

extension Scenario {
    private static let hintEntries = 1_000_000

    func runHint(isCancelled: () -> Bool) throws -> ScenarioTable {
        var rows: [[ScenarioTable.Cell]] = []
        for hint in [0, Self.hintEntries] {
            if isCancelled() { throw LabError.cancelled }
            let scenario = try ScenarioHeap("map[int]int")
            let start = OperatingSystem.monotonicNanoseconds()
            scenario.make(hint: hint, seed: 1)
            scenario.insert(0..<Self.hintEntries)
            let elapsed = OperatingSystem.monotonicNanoseconds() - start
            let filled = scenario.sample()
            scenario.heap.collect()
            let collected = scenario.sample()
            rows.append([
                .text(hint == 0 ? "make(map[int]int)" : "make(…, \(hint))"),
                .number(scenario.map.count), .number(Int(elapsed / 1_000_000)),
                .number(Int(filled.totalAlloc) / 1024), .number(Int(filled.heapInuse) / 1024),
                .number(Int(collected.heapAlloc) / 1024), .number(Int(filled.numGC)),
            ])
        }
        return ScenarioTable(
            name: rawValue, title: title,
            columns: [
                .init(name: "made by", unit: ""), .init(name: "len", unit: ""),
                .init(name: "filling", unit: "ms"),
                .init(name: "TotalAlloc", unit: "KB"), .init(name: "HeapInuse, filled", unit: "KB"),
                .init(name: "Alloc after a GC", unit: "KB"), .init(name: "NumGC", unit: ""),
            ],
            rows: rows,
            note:
                "Without a hint the map doubles whenever there are more than 6.5 entries to a bucket, so it allocates "
                + "all the smaller arrays too and moves each entry several times; with the hint it makes the one array "
                + "that it needs at the start. What it holds in the end is the same.")
    }
}
