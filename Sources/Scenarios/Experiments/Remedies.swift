// What each remedy gives back of a map of somebody's own type and size, and what it takes on the way.

import GoHeap
import GoMap
import HuskSystem

extension Parameter {
    fileprivate static let keep = Parameter(
        name: "keep", kind: .number(0...1), standard: .number(0.1),
        help: "the share of the entries that the cache still needs")
}

extension Scenario {
    static let remedies = Scenario(
        name: "remedies", title: "A map whose entries are mostly deleted, and what each remedy gives back",
        parameters: [.go(), .layout, .type("map[int]int"), .count(500_000), .keep], perform: runRemedies)
}

/// One way to get memory back.
private enum Cure: CaseIterable {
    case delete, freeMemory, clear, setNil, fresh, copy, shards, pointers

    static let shardCount = 64

    var name: String {
        switch self {
        case .delete: "delete each, GC"
        case .freeMemory: "delete each, free-memory"
        case .clear: "clear, kept ones inserted again, GC"
        case .setNil: "nil, GC"
        case .fresh: "a fresh map, kept ones inserted again, GC"
        case .copy: "delete each, copy to a fresh map, GC"
        case .shards: "\(Self.shardCount) maps, each deleted and copied by itself, GC"
        case .pointers: "pointers as values: delete each, GC"
        }
    }
}

private func runRemedies(_ run: ScenarioRun) throws(ScenarioError) -> ScenarioTable {
    var rows: [[ScenarioTable.Cell]] = []
    for (index, cure) in Cure.allCases.enumerated() {
        if cure != .pointers || run.type.value == run.type.value.pointee { rows.append(try row(run, cure)) }
        run.onStep(index + 1, Cure.allCases.count)
    }
    return ScenarioTable(
        columns: [
            .init(name: "remedy", role: .label), .init(name: "len", role: .common),
            .init(name: "HeapAlloc before", unit: "KB"), .init(name: "HeapAlloc freed", unit: "KB"),
            .init(name: "HeapInuse freed", unit: "KB"), .init(name: "RSS freed", unit: "KB"),
            .init(name: "RSS freed after free-memory", unit: "KB"), .init(name: "peak on the way", unit: "KB"),
            .init(name: "time", unit: "µs"),
        ],
        rows: rows,
        note:
            "Each on a heap of its own, which holds nothing but the filled map before. Freed is what there was less what is "
            + "left; the peak is how far HeapInuse went above where it began, and with it what the machine must have to "
            + "spare. Time is the remedy's, deletes apart. RSS follows when the pages are given back, by the "
            + "scavenger or by free-memory. Deletes give back what the values point to, never the map's arrays; a "
            + "clear and a nil lose the entries, so those kept must come from somewhere.")
}

private func row(_ run: ScenarioRun, _ cure: Cure) throws(ScenarioError) -> [ScenarioTable.Cell] {
    let type = run.type
    let scenario = try ScenarioHeap(
        run, type: cure == .pointers ? MapTypeName(key: type.key, value: .pointer(type.value)) : type)
    let count = run.count
    let kept = Int((Double(count) * run.number(.keep)).rounded())
    let parts = ShardParts(scenario, count: count, kept: kept, maps: cure == .shards ? Cure.shardCount : 1)
    try parts.fill()
    try scenario.freeOSMemory()
    let before = Reading(scenario)
    switch cure {
    case .delete, .freeMemory, .copy, .pointers: try scenario.delete(kept..<count)
    case .shards: try parts.delete()
    case .clear, .setNil, .fresh: break
    }
    scenario.peakInUseBytes = scenario.heap.inUseBytes
    let start = monotonicNanoseconds()
    switch cure {
    case .delete, .pointers: try scenario.collect()
    case .freeMemory: try scenario.freeOSMemory()
    case .clear:
        scenario.clear()
        try scenario.insert(0..<kept)
        try scenario.collect()
    case .setNil:
        scenario.map.setNil()
        try scenario.collect()
    case .fresh:
        try scenario.make(hint: 0, seed: 2)
        try scenario.insert(0..<kept)
        try scenario.collect()
    case .copy:
        try scenario.replaceWithCopy()
        try scenario.collect()
    case .shards: try parts.copyEach()
    }
    let elapsed = monotonicNanoseconds() - start
    let after = Reading(scenario)
    let length = cure == .shards ? parts.entryCount : scenario.map.count
    try scenario.freeOSMemory()
    let released = ProcessMemory.residentBytes
    withExtendedLifetime(parts) {}
    return [
        .text(cure.name), .number(length), .kilobytes(before.heapAlloc), .kilobytes(before.heapAlloc - after.heapAlloc),
        .kilobytes(before.heapInuse - after.heapInuse), .kilobytes(before.resident - after.resident),
        .kilobytes(before.resident - released), .kilobytes(max(0, scenario.peakInUseBytes - before.heapInuse)),
        .number(Int(elapsed / 1_000)),
    ]
}

private struct Reading {
    let heapAlloc: Int
    let heapInuse: Int
    let resident = ProcessMemory.residentBytes

    init(_ scenario: ScenarioHeap) {
        let stats = scenario.readMemStats()
        heapAlloc = Int(stats.heapAlloc)
        heapInuse = Int(stats.heapInuse)
    }
}

/// A map, or several that the number of an entry picks from, as `[64]map[K]V` in a Go programme: each has its turn as the
/// scenario's map.
private final class ShardParts {
    private let scenario: ScenarioHeap
    private let count: Int
    private let kept: Int
    /// Those that are not having their turn; the first's place holds what the scenario began with.
    private var maps: [ShardedMap] = []
    private let mapCount: Int

    init(_ scenario: ScenarioHeap, count: Int, kept: Int, maps mapCount: Int) {
        self.scenario = scenario
        self.count = count
        self.kept = kept
        self.mapCount = mapCount
    }

    deinit { for map in maps { map.destroy() } }

    var entryCount: Int { maps.reduce(0) { $0 + $1.count } }

    func fill() throws(ScenarioError) {
        if mapCount == 1 {
            try scenario.make(hint: 0, seed: 1)
            return try scenario.insert(0..<count)
        }
        for index in 0..<mapCount {
            maps.append(scenario.makeMap(hint: 0, seed: UInt32(index + 1)))
            try withTurn(index) { (numbering) throws(ScenarioError) in
                try scenario.insert(0..<self.length(index, of: count), as: numbering)
            }
        }
    }

    func delete() throws(ScenarioError) {
        for index in 0..<mapCount {
            try withTurn(index) { (numbering) throws(ScenarioError) in
                try scenario.delete(self.length(index, of: kept)..<self.length(index, of: count), as: numbering)
            }
        }
    }

    func copyEach() throws(ScenarioError) {
        for index in 0..<mapCount {
            try withTurn(index) { (_) throws(ScenarioError) in
                try scenario.replaceWithCopy()
                // What the one before left must have gone before the next adds its own.
                try scenario.collect()
            }
        }
    }

    /// How many of the first entries are in a map.
    private func length(_ index: Int, of entries: Int) -> Int { max(0, (entries - index + mapCount - 1) / mapCount) }

    private func withTurn(_ index: Int, _ body: (Numbering) throws(ScenarioError) -> Void) throws(ScenarioError) {
        swap(&scenario.map, &maps[index])
        defer { swap(&scenario.map, &maps[index]) }
        try body(.strided(from: index, by: mapCount))
    }
}
