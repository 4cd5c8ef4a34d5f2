// The watchdog: the goroutine that the source documents start beside the service, which looks at the memory every now and
// then and calls debug.FreeOSMemory when too much of it lies idle.

import GoHeap
import Synchronization

/// What the watchdog has done so far.
package struct WatchdogTotals: Equatable, Sendable {
    package var runs: UInt64 = 0
    package var releasedBytes: UInt64 = 0
}

final class Watchdog: Sendable {
    private let work: HeapWork
    private let timeScale: Double
    private let report: @Sendable (Measured<Void>) -> Void
    private let runs = Atomic<UInt64>(0)
    private let releasedBytes = Atomic<UInt64>(0)
    private let isStopping = Atomic<Bool>(false)
    private let wakeUp = Semaphore()
    private let ended = Semaphore()

    /// - Parameter report: is told of each FreeOSMemory.
    init(_ work: HeapWork, timeScale: Double, report: @escaping @Sendable (Measured<Void>) -> Void) {
        self.work = work
        self.timeScale = timeScale
        self.report = report
        startThread { [self] in run() }
    }

    var totals: WatchdogTotals {
        WatchdogTotals(
            runs: runs.load(ordering: .relaxed), releasedBytes: releasedBytes.load(ordering: .relaxed))
    }

    /// Tells the thread that its settings have changed.
    func wake() { wakeUp.post() }

    /// Ends the thread and waits for its end.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        wakeUp.post()
        ended.wait()
    }

    private func run() {
        var last = OperatingSystem.monotonicNanoseconds()
        while !isStopping.load(ordering: .acquiring) {
            work.lock.lock()
            let settings = work.state.pointee.settings.watchdog
            work.lock.unlock()
            guard settings.isEnabled else {
                wakeUp.wait()
                last = OperatingSystem.monotonicNanoseconds()
                continue
            }
            let period = max(1_000_000, UInt64(Double(settings.periodNanoseconds) / timeScale))
            let elapsed = OperatingSystem.monotonicNanoseconds() - last
            if elapsed < period {
                wakeUp.wait(nanoseconds: period - elapsed)
                continue
            }
            last += elapsed
            lookAtMemory(settings)
        }
        ended.post()
    }

    private func lookAtMemory(_ settings: WatchdogSettings) {
        work.lock.lock()
        let stats = work.state.pointee.heap.readMemStats()
        work.lock.unlock()
        guard stats.heapIdle - stats.heapReleased > UInt64(settings.idleBytes) else { return }
        let measured = work.freeOSMemoryMeasured()
        runs.add(1, ordering: .relaxed)
        let (before, after) = (measured.before.heapReleased, measured.after.heapReleased)
        releasedBytes.add(after - min(after, before), ordering: .relaxed)
        report(measured)
    }
}
