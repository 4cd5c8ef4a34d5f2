// Reports of runs that husk has recorded:
//
//     for remedy in none gc,everyRounds=5 copy,loadBelow=0.25; do
//         husk workload ttl --json --type 'map[int]int' --live 100000 --wave 0.95 --day 3h --interval 30ms \
//             --remedy $remedy > Fixtures/${remedy%%,*}.ndjson
//     done

import Comparison
import Foundation
import Reports
import Testing

@Suite("Reports of recorded runs")
struct RecordedRunsTests {
    private func reader(_ remedy: String) throws -> RunReader {
        let url = try #require(
            Bundle.module.url(
                forResource: String(remedy.prefix { $0 != "," }), withExtension: "ndjson", subdirectory: "Fixtures"))
        var reader = RunReader(
            PlannedRun(remedy: remedy, isBaseline: remedy == "none", go: "1.23", arguments: []))
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") { reader.read(String(line)) }
        reader.finish(.exit(status: 0), wasStopped: nil)
        return reader
    }

    private func report() throws -> Report {
        let readers = try ["none", "gc,everyRounds=5", "copy,loadBelow=0.25"].map(reader)
        return Report(
            title: "ttl", settings: readers[0].settings, command: "husk compare", origin: "husk",
            runs: readers.map(\.run))
    }

    @Test("Every line is read: a sample a round, a mark each time that the remedy ran, and the costs")
    func read() throws {
        for (remedy, runs) in [("none", 0), ("gc,everyRounds=5", 5), ("copy,loadBelow=0.25", 2)] {
            let run = try reader(remedy).run
            #expect(run.state == .done && run.detail == nil)
            #expect(run.samples.count > 30 && run.samples.last?.round == 30)
            #expect(run.marks.count == runs && run.costs?.remedyRuns == runs, "\(remedy)")
            #expect(zip(run.samples, run.samples.dropFirst()).allSatisfy { $0.seconds <= $1.seconds })
        }
    }

    @Test("The settings are those of the workload, its defaults included")
    func settings() throws {
        let settings = try reader("none").settings.map { "\($0.name)=\($0.value)" }
        for setting in [
            "type=map[int]int", "layout=bucket", "kind=ttl", "live=100000", "wave=0.95", "rounds=30", "seed=1",
        ] {
            #expect(settings.contains(setting), "\(settings)")
        }
        #expect(!settings.contains { $0.hasPrefix("remedy") })
    }

    @Test("The advice is what the table says")
    func advice() throws {
        #expect(
            try report().advice == [
                "copy,loadBelow=0.25: 23% less RSS at the end for 20% more CPU, and each time all wait 10.7 ms.",
                "On its way copy,loadBelow=0.25 needs at most 10.9 MiB HeapAlloc, where doing nothing needs 9.00 MiB.",
            ])
    }

    @Test("Each picture has a line for each run")
    func pictures() throws {
        for figure in Figure.allCases {
            #expect(try report().chart(figure).svg.split(separator: "<polyline").count == 4)
        }
    }
}
