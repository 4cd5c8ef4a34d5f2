import Foundation
import GoHeap
import GoMap
import HuskLab
import Synchronization
import Testing
import Workloads

@Suite("A run of a workload")
struct RunTests {
    /// What a run told.
    private final class Observer {
        var samples: [WorkloadSample] = []
        var sampled: (WorkloadSample) -> Void = { _ in }

        func observe(_ event: WorkloadEvent) {
            guard case .sample(let sample) = event else { return }
            samples.append(sample)
            sampled(sample)
        }
    }

    @Test("It comes to its end, with a sample for each round and all costs")
    func wholeRun() throws {
        let lab = try makeLab("map[string][]byte")
        let workload = try workload(
            .partialUpdate, ["live": .integer(20_000), "rounds": .integer(7), "readsPerWrite": .integer(1)])
        let run = try WorkloadRun(lab, workload)
        let observer = Observer()
        let report = run.run(isCancelled: { false }, observe: observer.observe)
        #expect(report.state == .done && report.detail == nil && report.round == 7 && report.rounds == 7)
        #expect(report.counts.inserted == 20_000 + 7 * 4_000 && report.counts.deleted == 7 * 4_000)
        #expect(report.counts.reads == 7 * 8_000 && report.counts.misses == 0)
        #expect(lab.count == 20_000)
        for round in 1...7 { #expect(observer.samples.contains { $0.round == round && $0.figures.count == 20_000 }) }
        #expect(zip(observer.samples, observer.samples.dropFirst()).allSatisfy { $0.seconds <= $1.seconds })
        let costs = report.costs
        #expect(costs.peakHeapAllocBytes >= costs.heapAllocBytes && costs.heapAllocBytes > 1 << 20)
        #expect(costs.peakResidentBytes >= costs.residentBytes && costs.residentBytes > 1 << 20)
        #expect(costs.waits.p50 > 0 && costs.waits.p50 <= costs.waits.p99 && costs.waits.p99 <= costs.waits.p999)
        #expect(costs.waits.p999 <= costs.waits.longest)
        #expect(costs.retainedBytes == lab.report().statistics.retainedBytes)
        #expect(costs.cycles >= 2 && costs.cpuSeconds > 0 && report.operationsPerSecond > 0)
        #expect(report == run.report)
    }

    @Test("What two runs leave behind is the same", arguments: MapLayout.allCases)
    func repeatable(layout: MapLayout) throws {
        let reports = try (0..<2).map { _ in
            let lab = try makeLab("map[int]int", layout: layout)
            let workload = try workload(.churn, ["live": .integer(30_000), "victim": .text("random")])
            let report = try WorkloadRun(lab, workload).run(isCancelled: { false })
            return (report.counts, report.costs.heapAllocBytes, report.costs.retainedBytes, lab.contents())
        }
        #expect(reports[0].0 == reports[1].0 && reports[0].1 == reports[1].1 && reports[0].2 == reports[1].2)
        #expect(reports[0].3 == reports[1].3)
    }

    @Test("It ends by time, also in the middle of a round and while it waits")
    func duration() throws {
        let lab = try makeLab("map[int]int")
        for fields: KeyValuePairs<String, WorkloadValue> in [
            ["live": .integer(1_000), "duration": .text("30ms")],
            ["live": .integer(1_000), "duration": .text("30ms"), "interval": .text("1h")],
            ["live": .integer(1_000), "duration": .text("30ms"), "rate": .integer(10)],
            ["live": .integer(1_000), "duration": .text("30ms"), "rounds": .integer(1_000_000_000)],
        ] {
            let report = try WorkloadRun(lab, workload(.churn, fields)).run(isCancelled: { false })
            #expect(report.state == .done && report.roundSeconds >= 0.03)
        }
    }

    @Test("A round that is under way when the time is up comes to its end")
    func wholeRounds() throws {
        let lab = try makeLab("map[int]int")
        let workload = try workload(.partialUpdate, ["live": .integer(20_000), "duration": .text("1ms")])
        let report = try WorkloadRun(lab, workload).run(isCancelled: { false })
        #expect(report.state == .done && report.round >= 1 && lab.count == 20_000)
        #expect(report.counts.operations == 20_000 + report.round * 8_000)
    }

    @Test("A rate is kept")
    func rate() throws {
        let lab = try makeLab("map[int]int")
        let workload = try workload(
            .partialUpdate, ["live": .integer(1_000), "rate": .integer(20_000), "rounds": .integer(5)])
        let report = try WorkloadRun(lab, workload).run(isCancelled: { false })
        // 5 rounds of 400 operations: the last is due 0.1 s after the first.
        #expect(report.state == .done && report.counts.operations == 1_000 + 2_000)
        #expect(report.roundSeconds >= 0.0999)
    }

    @Test("Rounds begin an interval apart")
    func interval() throws {
        let lab = try makeLab("map[int]int")
        let workload = try workload(
            .churn, ["live": .integer(100), "rounds": .integer(4), "interval": .text("20ms")])
        let report = try WorkloadRun(lab, workload).run(isCancelled: { false })
        #expect(report.round == 4 && report.roundSeconds >= 0.06)
        // The pauses are nobody's wait.
        #expect(report.costs.waits.p999 < 15_000_000)
    }

    @Test("A ttl on the wall's clock keeps its arrivals, and waits for them")
    func wallClock() throws {
        let lab = try makeLab("map[int]int")
        let workload = try workload(
            .ttl, ["rate": .integer(20_000), "ttl": .text("100ms"), "rounds": .integer(10), "wave": .number(0.5)])
        let report = try WorkloadRun(lab, workload).run(isCancelled: { false })
        #expect(report.state == .done && report.simulatedSeconds == nil && report.roundSeconds >= 0.0999)
        #expect((3_900...4_100).contains(report.counts.inserted))
        #expect((1_900...2_100).contains(lab.count))
    }

    @Test("Cancelled, it stops at once: while it fills, runs, waits for its rate, or rests between rounds")
    func cancelling() throws {
        let cases: [KeyValuePairs<String, WorkloadValue>] = [
            ["live": .integer(300_000_000), "size": .integer(1_000_000_000)],
            ["size": .integer(1_000_000_000)],
            ["size": .integer(1_000_000), "rate": .number(0.001)],
            ["size": .integer(1_000_000), "interval": .text("1h")],
        ]
        for (index, fields) in cases.enumerated() {
            let lab = try makeLab("map[int]int", maxMemoryBytes: 4 << 30)
            let run = try WorkloadRun(lab, workload(.leak, fields))
            var cancelledAt: ContinuousClock.Instant?
            let begin = ContinuousClock.now
            _ = run.run(isCancelled: {
                if begin.duration(to: .now) < .milliseconds(100) { return false }
                cancelledAt = cancelledAt ?? .now
                return true
            })
            let late = try #require(cancelledAt).duration(to: .now)
            #expect(run.report.state == .stopped && run.report.detail == nil, "case \(index)")
            #expect(late < .milliseconds(100), "case \(index): \(late)")
        }
    }

    @Test("Another client takes the map away: it fails, and says what happened", arguments: 0..<3)
    func mapGone(how: Int) throws {
        let lab = try makeLab("map[int]int")
        let run = try WorkloadRun(lab, workload(.churn, ["live": .integer(5_000), "duration": .text("1h")]))
        let observer = Observer()
        observer.sampled = { sample in
            guard sample.round == 3 else { return }
            switch how {
            case 0: _ = lab.setNil()
            case 1: _ = try? lab.replace(with: Replacement())
            default:
                var change = SettingsChange()
                change.profile = .go1_10
                _ = try? lab.change(change)
            }
        }
        let report = run.run(isCancelled: { false }, observe: observer.observe)
        #expect(report.state == .failed && report.round == 3)
        let to = how == 0 ? "set the map[int]int to nil" : "replaced the map[int]int with a fresh map[int]int"
        #expect(report.detail == "another client \(to) meanwhile")
        #expect(report == run.report)
    }

    @Test("A copy in its place, and a clear, are nothing that ends it")
    func mapStays() throws {
        let lab = try makeLab("map[int]int")
        let run = try WorkloadRun(
            lab, workload(.churn, ["live": .integer(5_000), "rounds": .integer(6), "readsPerWrite": .integer(5)]))
        let observer = Observer()
        observer.sampled = { sample in
            var copy = Replacement()
            copy.copy = true
            copy.layout = .swiss
            if sample.round == 2 { _ = try? lab.replace(with: copy) }
            if sample.round == 4 { _ = lab.clear() }
        }
        let report = run.run(isCancelled: { false }, observe: observer.observe)
        #expect(report.state == .done && report.costs.misses > 0 && report.counts.loads == report.costs.misses)
    }

    @Test("There is nothing to do with a nil map, and no room for what does not fit")
    func refused() throws {
        let lab = try makeLab("map[int]int", maxMemoryBytes: 16 << 20)
        #expect(throws: LabError.self) {
            try WorkloadRun(lab, workload(.churn, ["live": .integer(100_000_000), "victim": .text("random")]))
        }
        let report = try WorkloadRun(lab, workload(.leak, ["size": .integer(10_000_000)])).run(isCancelled: { false })
        #expect(report.state == .failed && report.detail?.hasPrefix("this may need ") == true)
        #expect(report.counts.inserted > 100_000)
        _ = lab.setNil()
        #expect(throws: LabError.mapIsNil) { try WorkloadRun(lab, workload(.churn)) }
        let small = try makeLab("map[[4]byte]int")
        #expect(throws: LabError.doesNotFit("the prefix and 5 digits do not fit into a [4]byte key")) {
            try WorkloadRun(small, workload(.churn))
        }
    }

    @Test("What is kept of the keys is lent from the lab, and given back")
    func bookkeeping() throws {
        let lab = try makeLab("map[int]int", maxMemoryBytes: 64 << 20)
        let workload = try workload(.churn, ["live": .integer(10_000_000), "victim": .text("random")])
        #expect(workload.bookkeepingBytes == 40_000_000)
        for _ in 0..<3 {
            let run = try WorkloadRun(lab, workload)
            #expect(throws: LabError.self) { try WorkloadRun(lab, workload) }
            #expect(run.report.state == .running)
        }
        // A run that has ended is kept for its report only.
        let runs = try (0..<3).map { _ in
            let run = try WorkloadRun(lab, workload)
            #expect(run.run(isCancelled: { true }).state == .stopped)
            return run
        }
        #expect(runs.count == 3)
    }

    @Test("Its report can be read while it runs")
    func progress() throws {
        let lab = try makeLab("map[int]int")
        let run = try WorkloadRun(lab, workload(.churn, ["live": .integer(10_000), "duration": .text("1h")]))
        let isStopped = Atomic(false)
        let thread = Thread { _ = run.run(isCancelled: { isStopped.load(ordering: .relaxed) }) }
        thread.start()
        var seen = run.report
        for _ in 0..<1_000 where seen.round < 5 || seen.secondsLeft == nil {
            usleep(10_000)
            seen = run.report
        }
        #expect(seen.state == .running && seen.round >= 5 && seen.counts.operations > 10_000)
        #expect(try #require(seen.secondsLeft) > 3_500)
        isStopped.store(true, ordering: .relaxed)
        for _ in 0..<1_000 where run.report.state == .running { usleep(10_000) }
        #expect(run.report.state == .stopped)
    }
}
