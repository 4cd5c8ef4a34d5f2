// A slot that a delete has emptied takes a later insert.

import GoHeap
import GoMap

extension Scenario {
    private static let reuseEntries = 8_192

    func runReuse(isCancelled: () -> Bool) throws -> ScenarioTable {
        let entries = Self.reuseEntries
        let scenario = try ScenarioHeap("map[int]int")
        var rows: [[ScenarioTable.Cell]] = []
        func row(_ step: String) throws {
            if isCancelled() { throw LabError.cancelled }
            scenario.heap.collect()
            let statistics = scenario.map.statistics()
            rows.append([
                .text(step), .number(statistics.count), .number(statistics.slots),
                .number(statistics.bucket?.overflowBuckets ?? 0),
                .number(Int(scenario.sample().heapAlloc) / 1024),
            ])
        }
        scenario.make(hint: entries, seed: 1)
        scenario.insert(0..<entries)
        try row("filled")
        scenario.delete(0..<entries / 2)
        try row("half of them deleted")
        scenario.insert(0..<entries / 2)
        try row("the same keys inserted again")
        scenario.delete(0..<entries / 2)
        scenario.insert(entries..<entries * 3 / 2)
        try row("half of them replaced by other keys")
        scenario.delete(entries / 2..<entries * 3 / 2)
        try row("every key deleted")
        scenario.insert(0..<entries)
        try row("the first keys inserted again")
        return ScenarioTable(
            name: rawValue, title: title,
            columns: [
                .init(name: "step", unit: ""), .init(name: "len", unit: ""), .init(name: "slots", unit: ""),
                .init(name: "overflow buckets", unit: ""), .init(name: "Alloc after a GC", unit: "KB"),
            ],
            rows: rows,
            note:
                "What deletes leave in the map is not lost to it: the same keys go back into their slots and take "
                + "nothing, and other keys take whatever slot is free in the chain that they belong to. Only where more of "
                + "them crowd than did before is a bucket added; so it is after the last entry has gone, because then Go "
                + "draws another hash seed, and even the same keys fall elsewhere.")
    }
}
