// What Husk does about memory by itself: every now and then it looks at one figure, and when that is too much it applies a
// remedy. Each check has a thread of its own, as the goroutine that the source documents start beside a service.
//
//     check       figure                         remedy
//     watchdog    HeapIdle − HeapReleased        FreeOSMemory
//     remedy      what the map retains           any
//
// The thread holds on to the lab only while it looks and acts; a lab that is gone ends it.

import GoHeap
import HuskSystem
import Synchronization

/// Which figure a check looks at.
package enum CheckedFigure: Sendable {
    /// Free pages that the kernel does not have back: HeapIdle − HeapReleased.
    case idleBytes
    /// `retainedBytes` of GET /map.
    case retainedBytes
}

/// When a check applies a remedy, and which.
package struct CheckSettings: Equatable, Sendable {
    /// `none`: it does not look.
    package var remedy = Remedy.none
    /// Nanoseconds of the runtime's clock between two looks.
    package var periodNanoseconds: UInt64 = 10_000_000_000
    /// The remedy is applied when the figure is over so many bytes.
    package var limitBytes = 64 << 20
}

/// What a check has done so far.
package struct CheckTotals: Equatable, Sendable {
    /// How often each remedy was applied to its end.
    package var runs: [Remedy: UInt64] = [:]
    /// By how many bytes HeapReleased rose meanwhile, in all.
    package var releasedBytes: UInt64 = 0

    package init() {}
}

/// One remedy that a check has applied.
package struct CheckAction: Sendable {
    package var figure: CheckedFigure
    package var remedy: Remedy
    /// The figure before, in bytes, and now.
    package var beforeBytes: Int
    package var afterBytes: Int
    /// What it did to memory, or why it could not be applied.
    package var outcome: Result<Measured<Void>, LabError>
}

final class PeriodicCheck: Sendable {
    private let figure: CheckedFigure
    private let settings: @Sendable (LabSettings) -> CheckSettings
    private let report: @Sendable (CheckAction) -> Void
    private let sums = Mutex(CheckTotals())
    private let isStopping = Atomic<Bool>(false)
    private let wakeUp = Semaphore()

    /// - Parameters:
    ///   - figure: what to look at.
    ///   - settings: picks the check's own out of the lab's.
    ///   - report: is told of each remedy.
    init(
        _ figure: CheckedFigure, settings: @escaping @Sendable (LabSettings) -> CheckSettings,
        report: @escaping @Sendable (CheckAction) -> Void
    ) {
        self.figure = figure
        self.settings = settings
        self.report = report
    }

    var totals: CheckTotals { sums.withLock { $0 } }

    /// Starts the thread.
    func start(_ lab: Lab) {
        startThread { [self, weak lab] in
            var last = monotonicNanoseconds()
            while !isStopping.load(ordering: .acquiring) {
                guard let sleepNanoseconds = step(lab, &last) else { return }
                if sleepNanoseconds > 0 { wakeUp.wait(nanoseconds: sleepNanoseconds) }
            }
        }
    }

    /// Tells the thread that its settings have changed.
    func wake() { wakeUp.post() }

    /// Ends the thread. It is not waited for: what it may be about to do concerns nobody any more.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        wakeUp.post()
    }

    /// How long the thread sleeps while the check is off. A change of the settings wakes it.
    private static let offNanoseconds: UInt64 = 3_600_000_000_000

    /// Looks, if it is time.
    ///
    /// - Parameter last: when it looked last, or was off, in monotonic nanoseconds.
    /// - Returns: how long to sleep; nil when the lab is gone.
    private func step(_ lab: Lab?, _ last: inout UInt64) -> UInt64? {
        guard let lab else { return nil }
        let settings = settings(lab.settings)
        let now = monotonicNanoseconds()
        guard settings.remedy != .none else {
            last = now
            return Self.offNanoseconds
        }
        let period = max(1_000_000, UInt64(Double(settings.periodNanoseconds) / lab.timeScale))
        if now - last < period { return period - (now - last) }
        last = now
        look(lab, settings)
        return 0
    }

    private func look(_ lab: Lab, _ settings: CheckSettings) {
        let before = lab.bytes(figure)
        guard before > settings.limitBytes else { return }
        let outcome = Result { () throws(LabError) in try lab.apply(settings.remedy) }
        if case .success(let measured) = outcome {
            let (released, releasedBefore) = (measured.after.heapReleased, measured.before.heapReleased)
            sums.withLock {
                $0.runs[settings.remedy, default: 0] += 1
                $0.releasedBytes += released - min(released, releasedBefore)
            }
        }
        report(
            CheckAction(
                figure: figure, remedy: settings.remedy, beforeBytes: before, afterBytes: lab.bytes(figure),
                outcome: outcome))
    }
}

extension Lab {
    /// A figure that is checked.
    fileprivate func bytes(_ figure: CheckedFigure) -> Int {
        switch figure {
        case .idleBytes:
            let stats = readMemStats()
            return Int(stats.heapIdle - stats.heapReleased)
        case .retainedBytes: return report().statistics.retainedBytes
        }
    }
}
