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
        /// Oldest first; the last one may still run.
        var entries: [Entry] = []
        /// Operations of those that are kept no more.
        var forgotten = OperationCounts()
    }

    private struct Entry {
        let id: Int
        let run: WorkloadRun
        let job: Job
    }

    private let state = Mutex(State())
    /// One at a time: so there is nothing to wait in it.
    let pool = WorkPool(name: "husk-workload", threads: 1, queueLimit: 1)

    /// Starts a workload.
    ///
    /// - Parameter isStopping: whether the service is about to end.
    /// - Returns: its number.
    /// - Throws: a 409 that names the one that runs; what `WorkloadRun` throws.
    func start(
        _ workload: Workload, on lab: Lab, jobs: JobRegistry, logger: Logger, isStopping: @escaping @Sendable () -> Bool
    ) throws(Problem) -> WorkloadRun.Numbered {
        try state.withLock { (state) throws(Problem) in
            if let running = state.entries.last, running.run.report.state == .running {
                var problem = Problem(
                    .conflict,
                    "workload \(running.id) is under way, and there is one at a time: DELETE it, or wait for its end")
                problem.id = running.id
                throw problem
            }
            let run: WorkloadRun
            do throws(LabError) { run = try WorkloadRun(lab, workload) } catch { throw Problem(error) }
            let job = jobs.add(.workload) { _ in }
            let entry = Entry(id: job.id, run: run, job: job)
            let isQueued = pool.submit {
                logger.info("workload \(job.id), \(workload.kind.rawValue), begins")
                _ = job.start()
                let report = run.run(isCancelled: { job.isCancelled || isStopping() }) { event in
                    let report = run.report
                    job.progress(report.round, of: report.rounds)
                    if case .mark(let mark) = event { logger.info("workload \(job.id): \(mark.text)") }
                }
                job.end()
                logger.info("workload \(job.id) is \(report.state.rawValue)\(report.detail.map { ": \($0)" } ?? "")")
            }
            guard isQueued else {
                job.end()
                throw Problem.busy
            }
            state.entries.append(entry)
            while state.entries.count > Self.keptCount + 1 {
                state.forgotten = state.forgotten + state.entries.removeFirst().run.report.counts
            }
            return (entry.id, entry.run)
        }
    }

    /// All, oldest first.
    func list() -> [WorkloadRun.Numbered] {
        state.withLock { $0.entries.map { ($0.id, $0.run) } }
    }

    /// - Returns: nil when there is none of this number, or no more.
    func run(_ id: Int) -> WorkloadRun.Numbered? {
        state.withLock { state in state.entries.first { $0.id == id }.map { ($0.id, $0.run) } }
    }

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
    var isRunning: Bool { state.withLock { $0.entries.last?.run.report.state == .running } }
}

extension WorkloadRun {
    typealias Numbered = (id: Int, run: WorkloadRun)
}
