// The thread that makes the lab's checks, one after the other, each at its time.
//
// It holds on to the lab only while it looks and acts; a lab that is gone ends it.

import GoHeap
import HuskSystem
import Synchronization

final class Checks: Sendable {
    private struct Look {
        /// When it was made last, in monotonic nanoseconds.
        var nanoseconds: UInt64
        var watch: PolicyWatch
    }

    private let report: @Sendable (CheckAction) -> Void
    /// The checks that are on. The thread's own.
    private let looks = Mutex<[String: Look]>([:])
    private let worker = Worker(name: "husk-checks")

    /// - Parameter report: is told of each remedy.
    init(report: @escaping @Sendable (CheckAction) -> Void) { self.report = report }

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
        let checks = lab.settings.checks.filter(\.isOn)
        for (name, failure) in lab.settleMigrations() where failure != .cancelled {
            guard let check = checks.first(where: { $0.name == name }) else { continue }
            report(CheckAction(check: check, readings: [], outcome: .failure(failure)))
        }
        var rest: UInt64?
        looks.withLock { looks in
            // One that is off, or gone, looks at once when it is on again.
            looks = looks.filter { look in checks.contains { $0.name == look.key } }
            for check in checks {
                let period = max(1_000_000, UInt64(Double(check.periodNanoseconds) / lab.timeScale))
                let now = monotonicNanoseconds()
                var look = looks[check.name] ?? Look(nanoseconds: 0, watch: PolicyWatch(check.policy, lab))
                if look.watch.policy != check.policy { look.watch = PolicyWatch(check.policy, lab) }
                var wait = period
                if now - look.nanoseconds < period {
                    wait = period - (now - look.nanoseconds)
                } else {
                    look.nanoseconds = now
                    apply(check, if: &look.watch, lab)
                }
                looks[check.name] = look
                rest = min(rest ?? .max, wait)
            }
        }
        return rest.map { .nanoseconds($0) } ?? .untilWoken
    }

    private func apply(_ check: Check, if watch: inout PolicyWatch, _ lab: Lab) {
        guard watch.isDue(lab, round: nil) else { return }
        let figures = CheckedFigure.compared(by: check.policy.when)
        let before = figures.map { $0.read(lab) }
        let outcome = Result { () throws(LabError) in try lab.apply(check.policy.does, by: check.name) }
        if case .success = outcome { watch.didApply(lab, round: nil) }
        let readings = zip(figures, before).map { figure, bytes in
            CheckAction.Reading(figure: figure, beforeBytes: bytes, afterBytes: figure.read(lab))
        }
        report(CheckAction(check: check, readings: readings, outcome: outcome))
    }
}
