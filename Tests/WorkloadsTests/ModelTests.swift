import GoHeap
import GoMap
import HuskLab
import Testing
import Workloads

@Suite("The map of a workload against a dictionary")
struct ModelTests {
    private static let types = ["map[int]int", "map[string][]byte", "map[int32]*int32", "map[[40]byte]string"]

    /// Round by round: applies what the source gives, and compares.
    private func compare(_ workload: Workload, _ lab: Lab, rounds: Int, _ name: String) throws {
        let map = lab.currentMap()
        let source = try workload.makeSource(for: map.type)
        var tally = OperationTally()
        var model = Model()
        for round in 0...rounds {
            let operations = try source.takeRound(map.type) { batch in try lab.apply(batch, to: map, &tally) }
            for operation in operations { model.apply(operation) }
            #expect(tally.counts == model.counts, "\(name), round \(round)")
            #expect(lab.contents() == model.entries, "\(name), round \(round)")
            if workload.kind == .partialUpdate || workload.kind == .churn {
                #expect(lab.count == workload.live, "\(name), round \(round)")
                #expect(tally.counts.misses == 0 && tally.counts.absent == 0)
            }
        }
        #expect(tally.waits.count == UInt64(tally.counts.operations))
    }

    @Test("Contents are the dictionary's after every round", arguments: samples.indices, MapLayout.allCases)
    func contents(index: Int, layout: MapLayout) throws {
        let (name, kind, fields) = samples[index]
        for (number, type) in Self.types.enumerated() {
            let lab = try makeLab(type, layout: layout, shards: number == 1 ? 16 : 1)
            try compare(try workload(kind, fields), lab, rounds: 5, "\(name), \(type)")
        }
    }

    @Test("Reads that miss load the entry, and are counted")
    func loads() throws {
        let lab = try makeLab("map[int]int")
        let workload = try workload(
            .partialUpdate, ["live": .integer(1_000), "drift": .integer(0), "readsPerWrite": .integer(20)])
        let map = lab.currentMap()
        let source = try workload.makeSource(for: map.type)
        var tally = OperationTally()
        _ = try source.takeRound(map.type) { try lab.apply($0, to: map, &tally) }
        _ = lab.clear()
        _ = try source.takeRound(map.type) { try lab.apply($0, to: map, &tally) }
        #expect(tally.counts.reads == 4_000)
        #expect(tally.counts.misses > 500 && tally.counts.misses == tally.counts.loads)
        #expect(tally.counts.inserted == 1_000 + 200 - tally.counts.updated)
        #expect(lab.count == tally.counts.loads + tally.counts.inserted - 1_000)
    }

    @Test("While a copy is made, what a batch does is in the copy too")
    func copying() throws {
        let lab = try makeLab("map[int]int")
        let workload = try workload(
            .partialUpdate, ["live": .integer(20_000), "victim": .text("random"), "readsPerWrite": .integer(1)])
        let map = lab.currentMap()
        let source = try workload.makeSource(for: map.type)
        var tally = OperationTally()
        var model = Model()
        func round() throws {
            for operation in try source.takeRound(map.type, { try lab.apply($0, to: map, &tally) }) {
                model.apply(operation)
            }
        }
        try round()
        var replacement = Replacement()
        replacement.copy = true
        var rounds = 0
        _ = try lab.replace(with: replacement) {
            if rounds < 3 {
                rounds += 1
                try? round()
            }
            return false
        }
        #expect(rounds > 0)
        #expect(lab.contents() == model.entries)
    }
}
