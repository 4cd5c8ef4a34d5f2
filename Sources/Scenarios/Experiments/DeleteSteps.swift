// What scenarios 1 to 5 of the source documents have in common: a map filled, every key deleted, a collection after each step.
// They differ in whether anything still refers to the map.

import GoHeap
import GoMap
import HuskSystem

/// When the last reference to the map goes.
enum LastReference {
    /// Never: a global keeps it.
    case stays
    /// With the last delete: a local variable that is not used again.
    case endsWithTheDeletes
    /// After the collection that follows the deletes: the global is set to nil.
    case endsAfterwards
}

/// What a document's own run printed at each step.
struct PublishedReadings: Sendable {
    /// The release of Go that it ran with.
    var go: String
    /// From the start on; fewer than there are steps where the document's programme is another from there on.
    var readings: [Reading]

    /// One line that it printed: KB, and how many collections there had been.
    typealias Reading = (alloc: Int, totalAlloc: Int, sys: Int, numGC: Int)
}

extension Scenario {
    /// One of scenarios 1 to 5.
    ///
    /// - Parameter published: what the documents print for this scenario.
    static func deletes(
        name: String, title: String, reference: LastReference, published: [PublishedReadings], note: String
    ) -> Scenario {
        Scenario(
            name: name, title: title,
            parameters: [.go(), .layout, .type(documentType), .count(documentCount)]
        ) { (run) throws(ScenarioError) in
            // The documents' changes say nothing of another map.
            let isTheirs = run.count == documentCount && "\(run.type)" == documentType
            var steps = DeleteSteps(run, published: isTheirs ? published : [])
            try steps.go(reference)
            return steps.table(note: note)
        }
    }

    private static let documentType = "map[int]int"
    private static let documentCount = 8_192
}

private struct DeleteSteps {
    private typealias Reading = PublishedReadings.Reading

    private let run: ScenarioRun
    private let published: [PublishedReadings]
    private var rows: [[ScenarioTable.Cell]] = []
    private var last: Reading?

    init(_ run: ScenarioRun, published: [PublishedReadings]) {
        self.run = run
        self.published = published
    }

    mutating func go(_ reference: LastReference) throws(ScenarioError) {
        let scenario = try ScenarioHeap(run)
        try read("start", scenario)
        try scenario.make(hint: run.count, seed: 1)
        try scenario.insert(0..<run.count)
        try scenario.collect()
        try read("filled, GC", scenario)
        try scenario.delete(0..<run.count)
        // A local variable that is not used again is dead to Go's compiler: the root ends at its last use, which was the
        // last delete. A global is a root for as long as the programme runs.
        if reference == .endsWithTheDeletes { scenario.map.setNil() }
        try scenario.collect()
        try read("deleted each, GC", scenario)
        if reference == .endsAfterwards { scenario.map.setNil() }
        try scenario.collect()
        try read("end, GC", scenario)
    }

    private mutating func read(_ step: String, _ scenario: ScenarioHeap) throws(ScenarioError) {
        try run.checkpoint()
        let stats = scenario.readMemStats()
        let reading = (
            alloc: Int(stats.heapAlloc) / 1024, totalAlloc: Int(stats.totalAlloc) / 1024,
            sys: Int(stats.sys) / 1024,
            numGC: Int(stats.numGC)
        )
        var row: [ScenarioTable.Cell] = [
            .text(step), .number(scenario.map.count), .number(reading.alloc), .number(reading.totalAlloc),
            .number(reading.sys), .number(reading.numGC), .kilobytes(ProcessMemory.residentBytes),
        ]
        for figure in Self.figures {
            row.append(change(last, reading, figure.value))
            for document in published {
                let index = rows.count
                let readings = document.readings
                row.append(
                    index > 0 && index < readings.count
                        ? change(readings[index - 1], readings[index], figure.value) : .none)
            }
        }
        // Without anything beside them the changes say no more than the readings.
        if published.isEmpty { row.removeLast(Self.figures.count) }
        rows.append(row)
        last = reading
    }

    private func change(_ before: Reading?, _ after: Reading, _ figure: (Reading) -> Int)
        -> ScenarioTable.Cell
    {
        before.map { .change(figure(after) - figure($0)) } ?? .none
    }

    private static var figures: [(name: String, unit: String, value: (Reading) -> Int)] {
        [
            ("Alloc", "KB", { $0.alloc }), ("TotalAlloc", "KB", { $0.totalAlloc }), ("Sys", "KB", { $0.sys }),
            ("NumGC", "", { $0.numGC }),
        ]
    }

    func table(note: String) -> ScenarioTable {
        var columns: [ScenarioTable.Column] = [
            .init(name: "step", role: .label), .init(name: "len", role: .common),
            .init(name: "Alloc", unit: "KB"),
            .init(name: "TotalAlloc", unit: "KB"), .init(name: "Sys", unit: "KB"), .init(name: "NumGC"),
            .init(name: "RSS", unit: "KB"),
        ]
        for figure in published.isEmpty ? [] : Self.figures {
            let name = "change of \(figure.name)"
            columns.append(.init(name: name, unit: figure.unit))
            for document in published {
                columns.append(.init(name: name, unit: figure.unit, published: document.go))
            }
        }
        return ScenarioTable(
            columns: columns, rows: rows, note: published.isEmpty ? note : note + " " + Self.whatToCompare)
    }

    private static let whatToCompare =
        "Of the documents' changes Alloc is to be compared, which is the map; TotalAlloc holds the Go programme's own "
        + "printing too, and Sys how Go takes memory from the system."
}
