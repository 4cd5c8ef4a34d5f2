// The workloads of a service: the one that runs, and the last sixteen that have ended. Each is a job too, of the same number.
//
// Lock: the mutex; no workload runs with it held.

import HuskLab
import Logging
import Synchronization
import Workloads

final class WorkloadRegistry: Sendable {
    /// How many that have ended are kept.
    static let keptCount = 16

    private struct State {
        /// One that is about to begin.
        var starting: Int?
        /// Oldest first; the last one may still run.
        var entries: [Entry] = []
        /// Operations of those that are kept no more.
        var forgotten = OperationCounts()

        /// The number of the one that is under way.
        var running: Int? { starting ?? (entries.last?.isRunning == true ? entries.last?.id : nil) }

        mutating func append(_ entry: Entry) {
            starting = nil
            // Those that have ended, and this one.
            entries.append(entry)
            while entries.count > WorkloadRegistry.keptCount + 1 { forget() }
        }

        /// Those that clients can see.
        mutating func kept() -> [Entry] {
            if running == nil, entries.count > WorkloadRegistry.keptCount { forget() }
            return entries
        }

        private mutating func forget() { forgotten = forgotten + entries.removeFirst().run.report.counts }
    }

    private struct Entry {
        let id: Int
        let run: WorkloadRun
        let job: Job

        var isRunning: Bool { run.report.state == .running }
    }

    private let state = Mutex(State())
    /// One at a time: the one in the queue waits for what the one before it does after its end.
    let pool = WorkPool(name: "husk-workload", threads: 1, queueLimit: 1)

    /// Starts a workload. May take as long as a collection, if room has to be made for what it keeps of its keys.
    ///
    /// - Parameters:
    ///   - makeSource: opens what its operations come from, once it is known that no other runs; nil is its own.
    ///   - mark: marks its begin, its end and its remedies on the timeline.
    ///   - isCancelled: asked while room is made.
    ///   - isStopping: whether the service is about to end.
    /// - Returns: its number, and the run.
    /// - Throws: a 409 that names the one that runs; what `WorkloadRun` throws.
    func start(
        _ workload: Workload, on lab: Lab, makeSource: () throws(Problem) -> ReplaySource?, jobs: JobRegistry,
        logger: Logger, mark: Marker, isCancelled: () -> Bool, isStopping: @escaping @Sendable () -> Bool
    ) throws(Problem) -> WorkloadRun.Numbered {
        let job = jobs.add(.workload) { _ in }
        do throws(Problem) {
            try reserve(job.id)
            let source = try makeSource()
            let run: WorkloadRun
            do throws(LabError) {
                run = try WorkloadRun(lab, workload, source: source, isCancelled: isCancelled)
            } catch {
                throw Problem(error)
            }
            let isQueued = pool.submit { perform(run, job, logger, mark, isStopping) }
            if !isQueued { throw .busy }
            state.withLock { $0.append(Entry(id: job.id, run: run, job: job)) }
            return (job.id, run)
        } catch {
            job.end()
            state.withLock { if $0.starting == job.id { $0.starting = nil } }
            throw error
        }
    }

    private func reserve(_ id: Int) throws(Problem) {
        try state.withLock { (state) throws(Problem) in
            if let running = state.running {
                var problem = Problem(
                    .conflict,
                    "workload \(running) is under way, and there is one at a time: DELETE it, or wait for its end")
                problem.id = running
                throw problem
            }
            state.starting = id
        }
    }

    /// All, oldest first.
    func list() -> [WorkloadRun.Numbered] {
        state.withLock { $0.kept().map { ($0.id, $0.run) } }
    }

    /// - Returns: nil when there is none of this number, or no more.
    func run(_ id: Int) -> WorkloadRun.Numbered? { list().first { $0.id == id } }

    /// Tells a workload to end; one that has ended stays as it is.
    ///
    /// - Returns: false when there is none of this number.
    func stop(_ id: Int) -> Bool {
        guard let entry = state.withLock({ state in state.entries.first { $0.id == id } }) else { return false }
        entry.job.cancel()
        return true
    }

    /// Operations of all workloads so far.
    var counts: OperationCounts {
        state.withLock { state in state.entries.reduce(state.forgotten) { $0 + $1.run.report.counts } }
    }

    /// Whether one is under way.
    var isRunning: Bool { state.withLock { $0.running != nil } }
}

/// Runs a workload to its end.
private func perform(
    _ run: WorkloadRun, _ job: Job, _ logger: Logger, _ mark: Marker, _ isStopping: () -> Bool
) {
    let begin = "\(job.id), \(run.report.workload.kind.rawValue), begins"
    logger.info("workload \(begin)")
    mark(.workload, begin)
    _ = job.start()
    let report = run.run(isCancelled: { job.isCancelled || isStopping() }) { event in
        let report = run.report
        job.progress(report.round, of: report.rounds)
        if case .mark(let remedy) = event {
            logger.info("workload \(job.id): \(remedy.text)")
            mark(.remedy, remedy.text, by: "workload \(job.id)")
        }
    }
    job.end()
    let end = "\(job.id) is \(report.state.rawValue)\(report.detail.map { ": \($0)" } ?? "")"
    logger.info("workload \(end)")
    mark(.workload, end)
}

extension WorkloadRun {
    typealias Numbered = (id: Int, run: WorkloadRun)
}
