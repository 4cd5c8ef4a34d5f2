// Which of two loops empties a map, `for k := range m` or `for k, _ := range m`: Go makes a clear of the first and deletes key
// by key in the second. With new keys each time, the second leaves overflow buckets in their chains.

import GoHeap
import GoMap

extension Scenario {
    static let clearIdiom = Scenario(
        name: "clear-idiom", title: "A map emptied by each of two loops and filled with other keys, in rounds",
        parameters: [.go(), .layout, .type("map[string]string"), .count(100_000), .rounds(12)],
        perform: runClearIdiom)
}

private func runClearIdiom(_ run: ScenarioRun) throws(ScenarioError) -> ScenarioTable {
    let rounds = run.integer(.rounds(12))
    var idioms = RefillIdioms(run, shape: EntryShape(valueBytes: 0))
    try idioms.go(count: run.count, rounds: rounds)
    return ScenarioTable(
        columns: [
            .init(name: "step", role: .label), .init(name: "len", role: .common),
            .init(name: "for k, _ := range m", unit: "KB"), .init(name: "retained by it", unit: "KB"),
            .init(name: "for k := range m", unit: "KB"), .init(name: "retained by that", unit: "KB"),
        ],
        rows: idioms.readings.enumerated().map { round, reading in
            [
                .text(round == 0 ? "filled" : "round \(round)"), .number(reading.count),
                .kilobytes(reading.deleted.heapAlloc), .kilobytes(reading.deleted.retainedBytes),
                .kilobytes(reading.cleared.heapAlloc), .kilobytes(reading.cleared.retainedBytes),
            ]
        },
        note:
            "HeapAlloc after a collection. In each round every key is deleted and as many others are inserted. "
            + "`for k := range m { delete(m, k) }` is compiled to a clear, which unlinks the overflow buckets and draws "
            + "another seed; `for k, _ := range m`, or a loop with a condition, deletes key by key, and up to Go 1.23 "
            + "overflow buckets stay in their chains: new keys that crowd elsewhere add more.")
}

/// The rounds of both loops.
struct RefillIdioms {
    struct Reading {
        var heapAlloc = 0
        var retainedBytes = 0
    }

    private let run: ScenarioRun
    private let shape: EntryShape
    private let type: MapTypeName
    /// The map filled, then after each round.
    private(set) var readings: [(count: Int, deleted: Reading, cleared: Reading)] = []

    init(_ run: ScenarioRun, type: MapTypeName? = nil, shape: EntryShape) {
        self.run = run
        self.shape = shape
        self.type = type ?? run.type
    }

    /// - Parameter shrinking: by how many entries fewer each round fills it.
    mutating func go(count: Int, rounds: Int, shrinking: Int = 0) throws(ScenarioError) {
        readings = Array(repeating: (0, Reading(), Reading()), count: rounds + 1)
        for clears in [false, true] {
            let scenario = try ScenarioHeap(run, type: type, shape: shape)
            try scenario.make(hint: 0, seed: 1)
            for round in 0...rounds {
                if round > 0 {
                    let filled = max(0, count - (round - 1) * shrinking)
                    if clears { scenario.clear() } else { try scenario.delete(0..<filled, as: .random(seed: round)) }
                }
                try scenario.insert(0..<max(0, count - round * shrinking), as: .random(seed: round + 1))
                try scenario.collect()
                let reading = Reading(
                    heapAlloc: Int(scenario.readMemStats().heapAlloc),
                    retainedBytes: scenario.map.statistics().retainedBytes)
                readings[round].count = scenario.map.count
                if clears { readings[round].cleared = reading } else { readings[round].deleted = reading }
                run.onStep((clears ? rounds + 1 : 0) + round + 1, 2 * (rounds + 1))
            }
        }
    }
}
