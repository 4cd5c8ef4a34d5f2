// One run of a workload over a lab's map, on the thread of whoever calls `run`.
//
//     fill ── a collection ── round 1 ── round 2 ── … ── two collections ── report
//
// Operations come from a source in batches and are applied under the lab's lock in slices, so that other clients go on. The
// rate, the interval, the end by time and cancelling are this file's business, not the source's.
//
// Threads: `run` on one; `report` on any. What `report` shows is put there every 50 ms.

import GoHeap
import GoMap
import HuskLab
import HuskSystem
import Synchronization

package final class WorkloadRun: Sendable {
    private let lab: Lab
    private let workload: Workload
    private let map: MapIdentity
    // SAFETY: used by the thread that runs it, and by whoever drops it without running it.
    private nonisolated(unsafe) var source: (any OperationSource)?
    private let published: Mutex<Published>

    private struct Published {
        var report: WorkloadReport
        /// When `elapsedSeconds` was 0, and when it stopped to grow.
        var startNanoseconds: UInt64
        var endNanoseconds: UInt64?
    }

    /// Makes the source for the lab's map. Memory that it keeps for each key is lent from the lab until the run has ended.
    ///
    /// - Parameters:
    ///   - source: where operations come from; nil is the workload's own.
    ///   - isCancelled: asked while room is made.
    /// - Throws: `LabError`: the map is nil, its type does not fit, there is no room.
    package init(
        _ lab: Lab, _ workload: Workload, source: (any OperationSource)? = nil, isCancelled: () -> Bool = { false }
    ) throws(LabError) {
        let map = lab.currentMap()
        let statistics = lab.report().statistics
        if statistics.isNil { throw .mapIsNil }
        if let meant = source?.mapType, meant != map.type {
            throw .mapReplaced(from: "\(meant)", to: "\(map.type)")
        }
        try lab.lendMakingRoom(byteCount: workload.bookkeepingBytes, isCancelled: isCancelled)
        do throws(SourceError) {
            self.source = if let source { source } else { try workload.makeSource(for: map.type) }
        } catch {
            lab.takeBack(byteCount: workload.bookkeepingBytes)
            throw .doesNotFit(error.description)
        }
        self.lab = lab
        self.workload = workload
        self.map = map
        var report = WorkloadReport(
            workload: workload, profile: lab.settings.profile, layout: statistics.layout, type: map.type)
        report.rounds = workload.rounds
        published = Mutex(Published(report: report, startNanoseconds: monotonicNanoseconds()))
    }

    deinit { dropSource() }

    private func dropSource() {
        if source == nil { return }
        source = nil
        lab.takeBack(byteCount: workload.bookkeepingBytes)
    }

    /// Where the run is now.
    package var report: WorkloadReport {
        published.withLock { published in
            var report = published.report
            let end = published.endNanoseconds ?? monotonicNanoseconds()
            report.elapsedSeconds = Double(end - published.startNanoseconds) / 1e9
            return report
        }
    }

    /// Runs it to its end. To be called once.
    ///
    /// - Parameters:
    ///   - isCancelled: asked some hundred times a second at least, also while the run waits.
    ///   - observe: is told of samples and marks, on this thread, without the lab's lock.
    /// - Returns: the report at the end; its state says whether that came by itself.
    package func run(
        isCancelled: () -> Bool, observe: (WorkloadEvent) -> Void = { _ in }
    ) -> WorkloadReport {
        guard let source else { preconditionFailure("a run runs once") }
        let start = monotonicNanoseconds()
        published.withLock { $0.startNanoseconds = start }
        let report = withoutActuallyEscaping(isCancelled) { isCancelled in
            withoutActuallyEscaping(observe) { observe in
                let course = WorkloadCourse(
                    lab, workload, source, map, report: self.report, startNanoseconds: start,
                    isCancelled: isCancelled, observe: observe
                ) { report in self.published.withLock { $0.report = report } }
                return course.run()
            }
        }
        dropSource()
        published.withLock { published in
            published.report = report
            published.endNanoseconds = monotonicNanoseconds()
        }
        return self.report
    }
}
