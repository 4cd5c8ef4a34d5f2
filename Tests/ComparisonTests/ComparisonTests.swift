import Comparison
import Foundation
import Reports
import Synchronization
import Testing

/// Records as a run tells them.
private let sample =
    #"{"sample":{"seconds":0.5,"round":3,"operations":60000,"HeapAlloc":5000000,"HeapInuse":6000000,"HeapIdle":0,"#
    + #""HeapReleased":0,"HeapSys":6000000,"RSS":20000000,"NumGC":2,"retainedBytes":1000,"len":100,"slots":208}}"#
private let finalReport =
    #"{"report":{"workload":{"kind":"churn","live":100,"drift":0.5,"rounds":4,"remedy":null},"go":"1.23","layout":"bucket","#
    + #""type":"map[int]int","state":"done","detail":null,"operationsPerSecond":2000000,"costs":{"peakHeapAlloc":7000000,"#
    + #""peakRSS":21000000,"HeapAlloc":4000000,"RSS":19000000,"retainedBytes":900,"misses":5,"#
    + #""waitNanoseconds":{"p50":200,"p99":900,"p999":9000,"max":90000},"cpuSeconds":1.25,"cycles":7,"#
    + #""remedy":{"runs":2,"seconds":0.01,"givenBackBytes":4096}}}}"#

/// Runs shell scripts in place of husk.
@Suite("Comparisons")
struct ComparisonTests {
    private func planned(_ scripts: [String]) -> [PlannedRun] {
        scripts.enumerated().map { index, script in
            PlannedRun(
                remedy: index == 0 ? "none" : "remedy-\(index)", isBaseline: index == 0, go: "1.23",
                arguments: ["-c", script])
        }
    }

    private func compare(
        _ scripts: [String], rounds: Int = 4, onProgress: (Comparison.Progress) -> Void = { _ in },
        whileRunning: (Comparison) -> Void = { _ in }
    ) -> [RunReader] {
        let comparison = Comparison(executable: "/bin/sh", extent: .init(rounds: rounds, seconds: nil))
        whileRunning(comparison)
        return comparison.run(planned(scripts), onProgress: onProgress, afterEach: { _ in })
    }

    private func telling(_ lines: String...) -> String {
        lines.map { "echo '\($0)'" }.joined(separator: "; ")
    }

    @Test("What a run tells is read: samples, marks, costs and settings")
    func read() throws {
        let mark = #"{"mark":{"seconds":0.6,"name":"copy","text":"a copy"}}"#
        let reader = compare([telling(sample, mark, finalReport)])[0]
        #expect(reader.run.state == .done && reader.run.detail == nil)
        let read = try #require(reader.run.samples.first)
        #expect(read.seconds == 0.5 && read.round == 3 && read.rss == 20_000_000 && read.slots == 208)
        #expect(reader.run.marks == [ReportMark(seconds: 0.6, name: "copy")])
        let costs = try #require(reader.run.costs)
        #expect(costs.peakRSS == 21_000_000 && costs.cpuSeconds == 1.25 && costs.waitNanoseconds.p999 == 9000)
        #expect(costs.misses == 5 && costs.cycles == 7 && costs.remedyRuns == 2 && costs.givenBack == 4096)
        #expect(
            reader.settings.map { "\($0.name)=\($0.value)" } == [
                "layout=bucket", "type=map[int]int", "kind=churn", "live=100", "drift=0.5", "rounds=4",
            ])
        #expect(reader.samples == [String(sample.dropFirst(#"{"sample":"#.count).dropLast())])
    }

    @Test("A remedy that is refused says why, and the others go on")
    func refused() {
        let runs = compare([
            telling(sample, finalReport), "echo 'husk: workload: the layout is swiss already' >&2; exit 1",
            telling(sample, finalReport),
        ]).map(\.run)
        #expect(runs.map(\.state) == [.done, .refused, .done])
        #expect(runs[1].detail == "the layout is swiss already")
    }

    @Test("A run whose process is killed keeps its samples, and the others go on")
    func killed() {
        let runs = compare([telling(sample) + "; kill -9 $$", telling(sample, finalReport)]).map(\.run)
        #expect(runs.map(\.state) == [.failed, .done])
        #expect(runs[0].samples.count == 1 && runs[0].costs == nil)
        #expect(runs[0].detail == "its process was ended by signal 9")
    }

    @Test(
        "What is no record is a complaint, and a run without a report has failed",
        arguments: [
            ("echo nonsense", "nonsense"), ("echo '{\"sample\":{}}'; exit 0", #"{"sample":{}}"#),
            ("true", "its process ended with status 0 and no report"),
            (#"printf '{"report":'"#, #"{"report":"#),
        ])
    func nonsense(script: String, detail: String) {
        let run = compare([script])[0].run
        #expect(run.state == .failed && run.detail == detail)
    }

    @Test("A report that says that it failed keeps its reason")
    func failedReport() {
        let failed = finalReport.replacing(
            #""state":"done","detail":null"#, with: #""state":"failed","detail":"the map is nil""#)
        let run = compare([telling(sample, failed) + "; exit 1"])[0].run
        #expect(run.state == .failed && run.detail == "the map is nil" && run.costs == nil)
    }

    @Test("A comparison that is broken off ends its run, which keeps what it told, and begins no other")
    func cancelled() {
        let hasBegun = Atomic(false)
        let comparison = Comparison(executable: "/bin/sh", extent: .init(rounds: 4, seconds: nil))
        // As husk does: told to stop, it tells what it has. The second would never end by itself.
        let stopped = finalReport.replacing(#""state":"done""#, with: #""state":"stopped""#)
        let script =
            "end() { echo '\(stopped)'; exit 130; }; trap end TERM; \(telling(sample)); while :; do sleep 0.01; done"
        let runs = comparison.run(
            planned([telling(sample, finalReport), script, telling(sample, finalReport)]),
            onProgress: { progress in
                if progress.index == 1, progress.share > 0.5, !hasBegun.exchange(true, ordering: .relaxed) {
                    comparison.cancel()
                }
            }, afterEach: { _ in }
        ).map(\.run)
        #expect(runs.map(\.state) == [.done, .stopped, .missing])
        #expect(runs[1].samples.count == 1 && runs[1].costs != nil)
    }

    @Test("A process that does not stop when it is told to is ended")
    func stubborn() {
        let comparison = Comparison(executable: "/bin/sh", extent: .init(rounds: 4, seconds: nil))
        let runs = comparison.run(
            planned(["trap '' TERM; \(telling(sample)); while :; do sleep 0.01; done"]),
            onProgress: { if $0.share > 0 { comparison.cancel() } }, afterEach: { _ in }
        ).map(\.run)
        #expect(runs[0].state == .stopped && runs[0].samples.count == 1)
    }

    @Test("Nothing runs after a report that could not be written")
    func unwritable() {
        struct Full: Error {}
        var count = 0
        let comparison = Comparison(executable: "/bin/sh", extent: .init(rounds: 4, seconds: nil))
        #expect(throws: Full.self) {
            try comparison.run(planned([telling(finalReport), telling(finalReport)]), onProgress: { _ in }) {
                _ throws(Full) in
                count += 1
                throw Full()
            }
        }
        #expect(count == 1)
    }

    @Test("An executable that is not there fails each run")
    func noExecutable() {
        let comparison = Comparison(executable: "/nowhere/husk", extent: .init(rounds: nil, seconds: 1))
        let runs = comparison.run(planned(["", ""]), onProgress: { _ in }, afterEach: { _ in }).map(\.run)
        #expect(runs.map(\.state) == [.failed, .failed])
        #expect(runs[0].detail?.contains("No such file or directory") == true)
    }

    @Test("Progress goes from 0 to 1, and the time left is told once something is known")
    func progress() {
        var seen: [Comparison.Progress] = []
        _ = compare([telling(sample) + "; sleep 0.3; " + telling(finalReport), telling(sample, finalReport)]) {
            seen.append($0)
        }
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.share <= $1.share + 1e-9 && $0.index <= $1.index })
        #expect(seen.contains { $0.index == 0 && $0.share == 0.375 && $0.secondsLeft != nil })
        #expect(seen.allSatisfy { (0...1).contains($0.share) && $0.count == 2 })
    }

    @Test("A list of remedies is split before each that has no equals sign")
    func list() {
        #expect(
            PlannedRun.remedies(in: "none,copy,loadBelow=0.25,everyRounds=2,gc") == [
                "none", "copy,loadBelow=0.25,everyRounds=2", "gc",
            ])
        #expect(PlannedRun.remedies(in: "loadBelow=1,,gc") == ["loadBelow=1", "", "gc"])
    }

    @Test("As JSON it has what the runs told, untouched, and reads as JSON whatever the names are")
    func json() throws {
        var readers = compare([telling(sample, finalReport), "echo 'husk: \"no\"\t\\\\' >&2; exit 64"])
        readers.append(RunReader(PlannedRun(remedy: "a\"\\\n", isBaseline: false, go: "1.23", arguments: [])))
        let report = Report(
            title: "t\u{7}", settings: [], command: "c", origin: "o", runs: readers.map(\.run), brokenOff: nil)
        let parsed = try JSONSerialization.jsonObject(with: Data(report.json(readers).utf8))
        let runs = try #require((parsed as? [String: Any])?["runs"] as? [[String: Any]])
        #expect(runs.count == 3 && runs[2]["remedy"] as? String == "a\"\\\n")
        #expect((runs[0]["report"] as? [String: Any])?["type"] as? String == "map[int]int")
        #expect((runs[0]["samples"] as? [[String: Any]])?.first?["RSS"] as? Int == 20_000_000)
        #expect(runs[1]["state"] as? String == "refused")
    }
}
