// A cache that is partly updated, with drifting keys: it grows, although it never holds more live entries.

import GoHeap
import GoMap

extension Scenario {
    private static let live = 100_000
    private static let replaced = 20_000
    private static let rounds = 20

    func runPartialUpdate(isCancelled: () -> Bool) throws -> ScenarioTable {
        let scenario = try ScenarioHeap("map[int]int")
        var rows: [[ScenarioTable.Cell]] = []
        var last: MemorySample?
        func row(_ step: String, showsChange: Bool = false) throws {
            if isCancelled() { throw LabError.cancelled }
            let sample = scenario.sample()
            var gaveBack = ""
            if showsChange, let last {
                gaveBack = "Alloc \(kilobytes(last.heapAlloc, sample.heapAlloc)), "
                    + "RSS \(kilobytes(UInt64(last.residentBytes), UInt64(sample.residentBytes)))"
            }
            rows.append([
                .text(step), .number(scenario.map.count), .number(Int(sample.heapAlloc) / 1024),
                .number(scenario.map.statistics().retainedBytes / 1024), .number(sample.residentBytes / 1024),
                .text(gaveBack),
            ])
            last = sample
        }
        scenario.make(hint: 0, seed: 1)
        scenario.insert(0..<Self.live)
        try row("filled")
        var oldest = 0
        for round in 1...Self.rounds {
            scenario.insert(oldest + Self.live..<oldest + Self.live + Self.replaced)
            scenario.delete(oldest..<oldest + Self.replaced)
            oldest += Self.replaced
            try row("round \(round)")
        }
        scenario.heap.collect()
        try row("GC", showsChange: true)
        scenario.heap.freeOSMemory()
        try row("free-memory", showsChange: true)
        scenario.replaceWithCopy()
        scenario.heap.freeOSMemory()
        try row("replaced by a copy", showsChange: true)
        return ScenarioTable(
            name: rawValue, title: title,
            columns: [
                .init(name: "step", unit: ""), .init(name: "len", unit: ""), .init(name: "HeapAlloc", unit: "KB"),
                .init(name: "retained", unit: "KB"), .init(name: "RSS", unit: "KB"), .init(name: "gave back", unit: "KB"),
            ],
            rows: rows,
            note: "The map holds 100,000 entries after every round, and keeps the room that 120,000 once took, with an "
                + "overflow bucket wherever new keys happened to crowd. A collection frees only what the map has let go "
                + "of; a fresh map with the survivors copied over gives back the rest.")
    }

    /// What a step gave back; with a minus, what it took.
    private func kilobytes(_ before: UInt64, _ after: UInt64) -> String {
        "\((Int(before) - Int(after)) / 1024)"
    }
}

extension ScenarioHeap {
    /// `fresh := make(map[K]V, len(m)); for k, v := range m { fresh[k] = v }; m = fresh`.
    fileprivate func replaceWithCopy() {
        let fresh = makeMap(hint: map.count, seed: 2)
        let iterator = ShardedIterator(map)
        let entries = UnsafeMutableBufferPointer<MapEntry>.allocate(capacity: 16)
        var count = entries.count
        while count == entries.count {
            count = iterator.next(into: entries)
            fresh.copyEntries(UnsafeBufferPointer(rebasing: entries[..<count]), from: map)
            heap.collectIfDue()
        }
        entries.deallocate()
        iterator.destroy()
        map.destroy()
        map = fresh
    }
}
