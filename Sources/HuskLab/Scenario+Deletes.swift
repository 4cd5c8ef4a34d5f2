// Scenarios 1 to 5 of the source documents: what a collection frees after every key is deleted, depending on whether
// anything still refers to the map.

import GoHeap
import GoMap

extension Scenario {
    private static let entries = 8_192

    func runDeletes(isCancelled: () -> Bool) throws -> ScenarioTable {
        let scenario = try ScenarioHeap("map[int]int")
        var rows: [[ScenarioTable.Cell]] = []
        func row(_ step: String) throws {
            if isCancelled() { throw LabError.cancelled }
            let sample = scenario.sample()
            rows.append([
                .text(step), .number(scenario.map.count), .number(Int(sample.heapAlloc) / 1024),
                .number(Int(sample.totalAlloc) / 1024), .number(Int(sample.sys) / 1024),
                .number(Int(sample.numGC)),
                .number(sample.residentBytes / 1024),
            ])
        }
        try row("start")
        scenario.make(hint: Self.entries, seed: 1)
        scenario.insert(0..<Self.entries)
        scenario.heap.collect()
        try row("filled, GC")
        scenario.delete(0..<Self.entries)
        // A local variable that is not used again is dead to Go's compiler: the root ends at its last use, which was the
        // last delete. A global is a root for as long as the programme runs.
        if self == .local { scenario.map.setNil() }
        scenario.heap.collect()
        try row("deleted each, GC")
        if self == .globalNil || self == .functionNil { scenario.map.setNil() }
        scenario.heap.collect()
        try row("end, GC")
        return ScenarioTable(
            name: rawValue, title: title,
            columns: [
                .init(name: "step", unit: ""), .init(name: "len", unit: ""), .init(name: "Alloc", unit: "KB"),
                .init(name: "TotalAlloc", unit: "KB"), .init(name: "Sys", unit: "KB"),
                .init(name: "NumGC", unit: ""),
                .init(name: "RSS", unit: "KB"),
            ],
            rows: rows, note: note)
    }

    private var note: String {
        switch self {
        case .globalDelete:
            "Deleting every key frees nothing: the buckets stay, and the global keeps the map alive to the end."
        case .globalNil:
            "Deleting frees nothing; once the global is nil, nothing refers to the map and a collection frees all of it."
        case .functionDelete:
            "That the function has returned makes no difference: the map is a global's, and a global is always a root."
        case .functionNil:
            "What counts is that nothing refers to the map any more, not where it was set to nil."
        case .local:
            "A local variable that is not used again is dead: the collection after the last delete frees the map."
        default: ""
        }
    }
}
