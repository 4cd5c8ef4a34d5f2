// What a map[K]V takes: made with a hint, grown, and left behind by a peak, in each layout.
//
// Not among `Scenario.all`: it has a command and a path of its own, `husk size` and GET /size.

import GoHeap
import GoMap

extension Scenario {
    package static let size = Scenario(
        name: "size", title: "What a map takes: made with a hint, grown, left behind by a peak",
        parameters: [.everyGo, .layout, .typeAsked, .entries, .sizeHint, .peak], check: checkSize,
        perform: runSize)
}

extension Parameter {
    fileprivate static let everyGo = Parameter(
        name: "go", kind: .goReleases, standard: .goReleases(GoProfile.allCases),
        help: "the Go to behave as; of several, the figures stand side by side")
    fileprivate static let typeAsked = Parameter(
        name: "type", kind: .mapType, standard: nil, help: "the types of the map's keys and values")
    fileprivate static let entries = Parameter(
        name: "entries", kind: .integer(0...MapSize.entryLimit), standard: nil, help: "how many entries")
    fileprivate static let sizeHint = Parameter(
        name: "hint", kind: .integer(0...Int.max), standard: nil,
        help: "what the map is made with; by default as many as there are entries")
    fileprivate static let peak = Parameter(
        name: "peak", kind: .integer(0...MapSize.entryLimit), standard: nil,
        help: "how many entries there have been, of which the others were deleted")
}

/// Limits of what is asked, and of what is made to answer it.
package enum MapSize {
    /// More than the address space of a processor holds.
    static let entryLimit = 1_000_000_000_000
    /// Entries up to which a map is made; an answer takes seconds then, of all releases and both layouts.
    package static let madeEntryLimit = 1_000_000
    /// Bytes that making it may take, garbage included.
    package static let madeByteLimit = 256 << 20

    /// Whether a map is made to see what it takes. The same for every Go: the estimate is that of one.
    fileprivate static func isMade(_ estimate: MapEstimate, peak: Int, hasNames: Bool, _ run: ScenarioRun) -> Bool {
        let bytes = estimate.totalAllocBytes.most / 8 * 9 + (hasNames ? 8 * peak : 0) + 4 << 20
        return peak <= madeEntryLimit && bytes <= madeByteLimit && run.limitBytes(bytes) >= bytes
    }
}

private func checkSize(_ arguments: Arguments) throws(ScenarioError) {
    guard case .mapType(let type)? = arguments[.typeAsked] else {
        throw Parameter.typeAsked.wrong("is missing, expected \(Parameter.typeAsked.expected)")
    }
    guard let entries = arguments.integer(.entries) else {
        throw Parameter.entries.wrong("is missing, expected \(Parameter.entries.expected)")
    }
    let peak = arguments.integer(.peak)
    if let peak, peak < entries {
        throw Parameter.peak.wrong("is \(peak), less than the \(entries) entries that are kept of it")
    }
    if type.key == .int32 || type.key == .uint32, max(entries, peak ?? 0) > 1 << 32 {
        let tooMany = entries > 1 << 32 ? Parameter.entries : .peak
        throw tooMany.wrong("is more than there are keys: \(type.key) has \(1 << 32)")
    }
}

/// How a map came to have its entries.
private enum Way: String, CaseIterable {
    case hint, grown, left
}

/// One figure of a map: made, or computed.
private struct Figures {
    var isMade = true
    var bytes: Spread
    var objects: Spread
    var allocations: Spread
    var totalAllocBytes: Spread

    init(_ stats: MemStats) {
        bytes = Spread(Int(stats.heapAlloc))
        objects = Spread(Int(stats.heapObjects))
        allocations = Spread(Int(stats.mallocs))
        totalAllocBytes = Spread(Int(stats.totalAlloc))
    }

    init(_ estimate: MapEstimate) {
        isMade = false
        bytes = estimate.bytes
        objects = estimate.objects
        allocations = estimate.allocations
        totalAllocBytes = estimate.totalAllocBytes
    }
}

private func runSize(_ run: ScenarioRun) throws(ScenarioError) -> ScenarioTable {
    let layouts = run.layout.map { [$0] } ?? MapLayout.allCases
    let peak = run.integerIfGiven(.peak)
    let ways = Way.allCases.filter { $0 != .left || peak != nil }
    var rows: [[ScenarioTable.Cell]] = []
    for (index, layout) in layouts.enumerated() {
        for (way, figures) in try SizeRun(run, layout).figures(of: ways) {
            rows.append(row("\(layout.rawValue), \(way.rawValue)", figures))
        }
        run.onStep(index + 1, layouts.count)
    }
    let columns: [ScenarioTable.Column] = [
        .init(name: "layout, map", role: .label), .init(name: "by", role: .common), .init(name: "bytes"),
        .init(name: "bytes, least"), .init(name: "bytes, most"), .init(name: "objects"),
        .init(name: "objects, least"), .init(name: "objects, most"), .init(name: "allocations"),
        .init(name: "allocations, least"), .init(name: "allocations, most"), .init(name: "TotalAlloc"),
        .init(name: "TotalAlloc, least"), .init(name: "TotalAlloc, most"),
    ]
    return ScenarioTable(columns: columns, rows: rows, note: note)
}

private func row(_ name: String, _ figures: Figures) -> [ScenarioTable.Cell] {
    var cells: [ScenarioTable.Cell] = [.text(name), .text(figures.isMade ? "made" : "computed")]
    for spread in [figures.bytes, figures.objects, figures.allocations, figures.totalAllocBytes] {
        cells.append(.number(spread.expected))
        cells += spread.isExact ? [.none, .none] : [.number(spread.least), .number(spread.most)]
    }
    return cells
}

private let note =
    "hint: made with the hint. grown: made without. left: grown to the peak, then deleted. bytes and objects are what the map "
    + "itself holds once the garbage is gone, each object with all that its size class takes; allocations and TotalAlloc also "
    + "count what it has outgrown. What strings, slices and pointers lead to is not the map's. Go up to 1.23 has buckets, from "
    + "1.24 on swiss. made: a real map under one seed. computed: by arithmetic, what is expected, and where chance has a say "
    + "the least and the most."

/// The maps of one layout, as one Go.
private struct SizeRun {
    private let run: ScenarioRun
    private let layout: MapLayout
    private let entries: Int
    private let hint: Int
    private let peak: Int

    init(_ run: ScenarioRun, _ layout: MapLayout) {
        self.run = run
        self.layout = layout
        entries = run.integer(.entries)
        hint = run.integerIfGiven(.sizeHint) ?? entries
        peak = run.integerIfGiven(.peak) ?? entries
    }

    func figures(of ways: [Way]) throws(ScenarioError) -> [(Way, Figures)] {
        let own = try run.makeHeap()
        defer { own.destroy() }
        let reference = try run.with(profile: .go1_23).makeHeap()
        defer { reference.destroy() }
        var grown: SizedMap?
        var figures: [(Way, Figures)] = []
        for way in ways {
            try run.checkpoint()
            let top = way == .left ? peak : entries
            let isMade = MapSize.isMade(
                estimate(way, heap: reference), peak: top, hasNames: run.type.key == .string, run)
            let made = isMade ? try make(way, &grown) : nil
            figures.append((way, made.map { Figures($0) } ?? Figures(estimate(way, heap: own))))
        }
        return figures
    }

    private func estimate(_ way: Way, heap: Heap) -> MapEstimate {
        MapEstimate(
            MapType.interned(run.type), hint: way == .hint ? hint : 0, peak: way == .left ? peak : entries,
            kept: entries, heap: heap, layout: layout)
    }

    /// - Parameter grown: the map that has grown to the entries, from which one that is left by a peak goes on.
    /// - Returns: nil when there is no room for it after all.
    private func make(_ way: Way, _ grown: inout SizedMap?) throws(ScenarioError) -> MemStats? {
        do throws(ScenarioError) {
            switch way {
            case .hint:
                let map = try SizedMap(run, layout: layout, hint: hint, greatest: entries)
                try map.insert(0..<entries)
                return map.measure()
            case .grown:
                let map = try SizedMap(run, layout: layout, hint: 0, greatest: min(peak, MapSize.madeEntryLimit))
                try map.insert(0..<entries)
                grown = map
                return map.measure()
            case .left:
                guard let map = grown else { return nil }
                try map.insert(entries..<peak)
                try map.delete(entries..<peak)
                return map.measure()
            }
        } catch {
            if case .noRoom = error { return nil }
            throw error
        }
    }
}
