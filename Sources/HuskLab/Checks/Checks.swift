// The thread that makes the lab's checks, one after the other, each at its time.
//
// It holds on to the lab only while it looks and acts; a lab that is gone ends it.

import GoHeap
import HuskSystem
import Synchronization

final class Checks: Sendable {
    private let report: @Sendable (CheckAction) -> Void
    private let sums = Mutex<[String: CheckTotals]>([:])
    /// When each check that is on looked last, in monotonic nanoseconds. The thread's own.
    private let looks = Mutex<[String: UInt64]>([:])
    private let worker = Worker(name: "husk-checks")

    /// - Parameter report: is told of each remedy.
    init(report: @escaping @Sendable (CheckAction) -> Void) { self.report = report }

    /// What the check of a name has done; those of a name that is used again are added to what was done before.
    func totals(of name: String) -> CheckTotals { sums.withLock { $0[name] ?? CheckTotals() } }

    /// Starts the thread.
    func start(_ lab: Lab) {
        worker.start { [self, weak lab] in
            guard let lab else { return .untilWoken }
            return step(lab)
        }
    }

    /// Tells the thread that the settings have changed.
    func wake() { worker.wake() }

    /// Ends the thread. It is not waited for: what it may be about to do concerns nobody any more, and it may be the one that
    /// lets go of the lab last.
    func stop() { worker.stopSoon() }

    /// Looks where it is time.
    private func step(_ lab: Lab) -> Worker.Rest {
        let checks = lab.settings.checks.filter { $0.does != .none }
        // One that is off, or gone, looks at once when it is on again.
        looks.withLock { looks in looks = looks.filter { look in checks.contains { $0.name == look.key } } }
        var rest: UInt64?
        for check in checks {
            let period = max(1_000_000, UInt64(Double(check.periodNanoseconds) / lab.timeScale))
            let now = monotonicNanoseconds()
            let last = looks.withLock { $0[check.name] }
            var wait = period
            if let last, now - last < period {
                wait = period - (now - last)
            } else {
                looks.withLock { $0[check.name] = now }
                look(lab, check)
            }
            rest = min(rest ?? .max, wait)
        }
        return rest.map { .nanoseconds($0) } ?? .untilWoken
    }

    private func look(_ lab: Lab, _ check: Check) {
        let figures = CheckedFigure.allCases.filter { check.when[$0] != nil }
        let before = figures.map { $0.read(lab) }
        let isDue = zip(figures, before).allSatisfy { figure, bytes in bytes > check.when[figure]! }
        guard isDue, !figures.isEmpty else { return }
        let outcome = Result { () throws(LabError) in try lab.apply(check.does) }
        if case .success(let measured) = outcome {
            let (released, releasedBefore) = (measured.after.heapReleased, measured.before.heapReleased)
            sums.withLock {
                $0[check.name, default: CheckTotals()].runs[check.does, default: 0] += 1
                $0[check.name]!.releasedBytes += released - min(released, releasedBefore)
            }
        }
        let readings = zip(figures, before).map { figure, bytes in
            CheckAction.Reading(figure: figure, beforeBytes: bytes, afterBytes: figure.read(lab))
        }
        report(CheckAction(check: check, readings: readings, outcome: outcome))
    }
}
