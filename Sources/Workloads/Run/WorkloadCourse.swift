// The course of a run, from the fill to the last collection: what `WorkloadRun` keeps while it runs. Used by one thread.

import Glibc
import GoHeap
import HuskLab
import HuskSystem

final class WorkloadCourse {
    private let lab: Lab
    private let workload: Workload
    private let source: any OperationSource
    private var map: MapIdentity
    private let batch = OperationBatch()
    private var tally = OperationTally()
    private var report: WorkloadReport
    private var sampling: Sampling
    /// Of the remedy; nil before the first round, and when there is none.
    private var watch: PolicyWatch?
    /// What copies that operations made have done before the first round.
    private var migrationsBefore = RemedyTotals()
    private let isCancelled: () -> Bool
    private let observe: (WorkloadEvent) -> Void
    private let publish: (WorkloadReport) -> Void

    private let startNanoseconds: UInt64
    /// When the first round began; nil while the map is filled.
    private var roundsNanoseconds: UInt64?
    private var cpuSecondsBefore = 0.0
    private var cyclesBefore = 0
    private var operationsBefore = 0
    private var missesBefore = 0
    private var nextPublishNanoseconds: UInt64 = 0
    private var nextResidentNanoseconds: UInt64 = 0

    init(
        _ lab: Lab, _ workload: Workload, _ source: any OperationSource, _ map: MapIdentity, report: WorkloadReport,
        startNanoseconds: UInt64, isCancelled: @escaping () -> Bool, observe: @escaping (WorkloadEvent) -> Void,
        publish: @escaping (WorkloadReport) -> Void
    ) {
        self.lab = lab
        self.workload = workload
        self.source = source
        self.map = map
        self.report = report
        sampling = Sampling(workload)
        self.startNanoseconds = startNanoseconds
        self.isCancelled = isCancelled
        self.observe = observe
        self.publish = publish
    }

    func run() -> WorkloadReport {
        do throws(Stop) {
            var isOver = false
            try prepare()
            if source.fillsFirst {
                isOver = try runRound(isFill: true) == .ofSource
                try collect()
                takeSample()
            }
            beginRounds()
            if workload.remedy.does.kind != .none { watch = PolicyWatch(workload.remedy, lab) }
            migrationsBefore = lab.remedyTotals(by: "workload")[.incrementalCopy] ?? RemedyTotals()
            while !isOver, !isTimeUp, report.round < workload.rounds ?? .max {
                let roundStart = monotonicNanoseconds()
                let operationsBefore = tally.counts.operations
                let end = try runRound(isFill: false)
                if end == .cut { break }
                isOver = end == .ofSource
                // The source's end was that of the round before.
                if isOver, report.round > 0, tally.counts.operations == operationsBefore { break }
                report.round += 1
                if sampling.isDue(atEndOf: report.round) { takeSample() }
                if !isOver, !isTimeUp, report.round < workload.rounds ?? .max {
                    try remedyIfDue()
                    try rest(until: roundStart + workload.intervalNanoseconds)
                }
            }
            countMigrations()
            try collect()
            try collect()
            report.state = .done
        } catch {
            switch error {
            case .cancelled: report.state = .stopped
            case .failed(let detail):
                report.state = .failed
                report.detail = detail
            }
        }
        report.secondsLeft = nil
        takeSample()
        update()
        return report
    }

    private enum Stop: Error {
        case cancelled
        case failed(String)

        init(_ error: LabError) { self = error == .cancelled ? .cancelled : .failed(error.description) }
    }

    // MARK: Rounds

    private enum RoundEnd {
        case whole, ofSource
        /// The time was up before its end.
        case cut
    }

    /// How long after `duration` a round may still come to its end: a run ends with as many entries as any other then, unless
    /// its rounds are long or a rate spreads them over time.
    private static let overtimeNanoseconds: UInt64 = 500_000_000

    private func runRound(isFill: Bool) throws(Stop) -> RoundEnd {
        let overtime = workload.rate == nil ? Self.overtimeNanoseconds : 0
        while true {
            if isCancelled() { throw .cancelled }
            let now = monotonicNanoseconds()
            if isTimeUp(at: now &- overtime) { return .cut }
            let limit = isFill ? OperationBatch.capacity : operationsDue(at: now)
            if limit <= 0 {
                try rest(until: now + Self.paceNanoseconds)
                continue
            }
            batch.removeAll()
            let step: SourceStep
            // What the source takes is no operation's wait.
            let waited = now &- tally.lastNanoseconds
            do throws(SourceError) {
                step = try source.fill(
                    batch, limit: min(limit, OperationBatch.capacity), seconds: seconds(since: roundsNanoseconds, now))
            } catch {
                throw .failed(error.description)
            }
            tally.lastNanoseconds = monotonicNanoseconds() &- waited
            do throws(LabError) { try lab.apply(batch, to: map, &tally) } catch { throw Stop(error) }
            look()
            switch step {
            case .goesOn: break
            case .roundEnds: return .whole
            case .ends: return .ofSource
            case .clears: _ = lab.clear()
            case .waits(let untilSeconds):
                let begin = roundsNanoseconds ?? startNanoseconds
                try rest(until: begin + UInt64(max(0, untilSeconds) * 1e9))
                if isTimeUp { return .cut }
            }
        }
    }

    /// How many operations the rate allows for now.
    private func operationsDue(at now: UInt64) -> Int {
        guard let rate = workload.rate, workload.kind != .ttl else { return .max }
        let allowed = seconds(since: roundsNanoseconds, now) * rate
        return Int(min(allowed, 1e18)) - (tally.counts.operations - operationsBefore)
    }

    /// How long a run whose rate is ahead of the clock sleeps at a time.
    private static let paceNanoseconds: UInt64 = 1_000_000
    /// How long a sleep is before the next look whether the run is cancelled.
    private static let sleepNanoseconds: UInt64 = 10_000_000

    /// Sleeps until a time, if that is to come, or until the run's is up. No operation waits meanwhile.
    private func rest(until end: UInt64) throws(Stop) {
        var now = monotonicNanoseconds()
        guard now < end else { return }
        let waited = now &- tally.lastNanoseconds
        while now < end, !isTimeUp(at: now) {
            if isCancelled() { throw .cancelled }
            usleep(UInt32(min(end - now, Self.sleepNanoseconds) / 1_000 + 1))
            look()
            now = monotonicNanoseconds()
        }
        tally.lastNanoseconds = now &- waited
    }

    private var isTimeUp: Bool { isTimeUp(at: monotonicNanoseconds()) }

    private func isTimeUp(at now: UInt64) -> Bool {
        guard let duration = workload.durationNanoseconds, let roundsNanoseconds else { return false }
        return now >= roundsNanoseconds && now - roundsNanoseconds >= duration
    }

    private func seconds(since start: UInt64?, _ now: UInt64) -> Double {
        start.map { Double(now - $0) / 1e9 } ?? 0
    }

    private func beginRounds() {
        let figures = lab.figures()
        tally.waits.reset()
        tally.peakHeapAllocBytes = figures.heapAlloc
        report.costs.peakResidentBytes = figures.residentBytes
        cyclesBefore = figures.numGC
        cpuSecondsBefore = ProcessTime.cpuSeconds
        operationsBefore = tally.counts.operations
        missesBefore = tally.counts.misses
        let now = monotonicNanoseconds()
        tally.lastNanoseconds = now
        roundsNanoseconds = now
    }

    // MARK: Remedies

    /// Turns the map into what the remedy works on.
    private func prepare() throws(Stop) {
        if workload.remedy.does.kind == .none { return }
        do throws(LabError) {
            try lab.prepare(for: workload.remedy.does, isCancelled: isCancelled)
        } catch { throw Stop(error) }
    }

    /// The next operation waits for the remedy, as in a programme that rebuilds its map under a mutex.
    private func remedyIfDue() throws(Stop) {
        guard watch?.isDue(lab, round: report.round) == true else { return }
        let remedy = workload.remedy.does
        do throws(LabError) {
            let measured = try lab.apply(remedy) { [self] in
                look()
                return isCancelled()
            }
            if remedy.kind == .incrementalCopy {
                if lab.isMigrating {
                    mark(remedy.kind.rawValue, "\(remedy.kind.rawValue) begins after round \(report.round)")
                }
                watch?.didApply(lab, round: report.round)
                return
            }
            report.costs.add(measured, of: remedy)
            let (before, after) = (measured.before, measured.after)
            mark(
                remedy.kind.rawValue,
                "\(remedy.kind.rawValue) after round \(report.round): HeapAlloc \(before.heapAlloc) -> \(after.heapAlloc), "
                    + "RSS \(before.residentBytes) -> \(after.residentBytes) bytes, "
                    + "in \(measured.elapsedNanoseconds / 1_000_000) ms")
        } catch {
            // The map stays as it is, as in a programme that looks whether there is room.
            guard case .noRoom = error else { throw Stop(error) }
            mark(remedy.kind.rawValue, "\(remedy.kind.rawValue) after round \(report.round) is not done: \(error)")
        }
        watch?.didApply(lab, round: report.round)
    }

    /// Operations have made these copies, which have come to their ends since.
    private func countMigrations() {
        lab.settleMigrations()
        guard let done = lab.remedyTotals(by: "workload")[.incrementalCopy] else { return }
        report.costs.add(done, since: migrationsBefore)
    }

    // MARK: Collections

    private func collect() throws(Stop) {
        do throws(LabError) {
            _ = try lab.collect(isCancelled: { [self] in
                look()
                return isCancelled()
            })
        } catch { throw Stop(error) }
    }

    // MARK: Watching

    /// Between two slices of whatever is under way: peaks, and what is due of samples and of the published report. None of that
    /// is an operation's wait.
    private func look() {
        let now = monotonicNanoseconds()
        let waited = now &- tally.lastNanoseconds
        defer { tally.lastNanoseconds = monotonicNanoseconds() &- waited }
        if now >= nextResidentNanoseconds {
            nextResidentNanoseconds = now + 1_000_000
            report.costs.peakResidentBytes = max(report.costs.peakResidentBytes, ProcessMemory.residentBytes)
            tally.peakHeapAllocBytes = max(tally.peakHeapAllocBytes, lab.allocatedBytes)
        }
        if sampling.isDue(at: now) { takeSample() }
        if now >= nextPublishNanoseconds {
            nextPublishNanoseconds = now + 50_000_000
            update()
        }
    }

    private func mark(_ name: String, _ text: String) {
        observe(
            .mark(
                WorkloadMark(seconds: seconds(since: startNanoseconds, monotonicNanoseconds()), name: name, text: text))
        )
    }

    private func takeSample() {
        observe(
            .sample(
                WorkloadSample(
                    seconds: seconds(since: startNanoseconds, monotonicNanoseconds()), round: report.round,
                    operations: tally.counts.operations, figures: lab.figures())))
    }

    /// Puts the figures of now into the report, and publishes it.
    private func update() {
        let figures = lab.figures()
        let now = monotonicNanoseconds()
        report.counts = tally.counts
        report.simulatedSeconds = source.simulatedSeconds
        report.stream = source.streamTally
        report.costs.heapAllocBytes = figures.heapAlloc
        report.costs.residentBytes = figures.residentBytes
        report.costs.retainedBytes = figures.retainedBytes
        if let roundsNanoseconds {
            let elapsed = seconds(since: roundsNanoseconds, now)
            report.roundSeconds = elapsed
            report.operationsPerSecond = Double(tally.counts.operations - operationsBefore) / max(elapsed, 1e-9)
            report.costs.peakHeapAllocBytes = max(tally.peakHeapAllocBytes, figures.heapAlloc)
            report.costs.peakResidentBytes = max(report.costs.peakResidentBytes, figures.residentBytes)
            report.costs.misses = tally.counts.misses - missesBefore
            report.costs.cpuSeconds = ProcessTime.cpuSeconds - cpuSecondsBefore
            report.costs.cycles = figures.numGC - cyclesBefore
            let waits = tally.waits.nanoseconds(atShares: [0.5, 0.99, 0.999])
            report.costs.waits = WaitPercentiles(
                p50: waits[0], p99: waits[1], p999: waits[2], longest: tally.waits.longestNanoseconds)
            if report.state == .running { report.secondsLeft = secondsLeft(after: elapsed) }
        }
        publish(report)
    }

    private func secondsLeft(after elapsed: Double) -> Double? {
        var left: Double?
        if let rounds = workload.rounds, report.round > 0 {
            left = elapsed / Double(report.round) * Double(rounds - report.round)
        }
        if let duration = workload.durationNanoseconds {
            left = min(left ?? .infinity, max(0, Double(duration) / 1e9 - elapsed))
        }
        return left
    }
}
