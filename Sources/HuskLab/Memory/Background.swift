// The background thread: what Go's sysmon and scavenger do by the clock (Heap+Background.swift), and the printing of the
// gctrace and scavenger lines as they come. Neither `madvise` nor the printing is done with the lab's lock held.

import GoHeap
import HuskSystem

final class Background: Sendable {
    private let work: HeapWork
    private let collector: Collector
    private let print: @Sendable ([String]) -> Void
    private let worker = Worker(name: "husk-background")

    /// - Parameter print: is given new trace lines while the settings ask for it.
    init(_ work: HeapWork, collector: Collector, print: @escaping @Sendable ([String]) -> Void) {
        self.work = work
        self.collector = collector
        self.print = print
        worker.start({ [self] in step() }, last: { [self] in printLines() })
    }

    /// Makes the thread look at the settings.
    func wake() { worker.wake() }

    /// Ends the thread and waits for its end.
    func stop() { worker.stop() }

    private func step() -> Worker.Rest {
        let sleepNanoseconds = doWhatIsDue()
        printLines()
        if sleepNanoseconds > 0 { return .nanoseconds(sleepNanoseconds) }
        work.lock.letOthersIn()
        return .none
    }

    private func printLines() {
        let lines = takeLines()
        if !lines.isEmpty { print(lines) }
    }

    /// Does what is due.
    ///
    /// - Returns: how long to sleep then.
    private func doWhatIsDue() -> UInt64 {
        let lock = work.lock
        let start = monotonicNanoseconds()
        lock.lock()
        // Held on to: the lab may exchange its heap while pages are on their way to the kernel.
        let owned = work.state.pointee.ownedHeap
        let hadWork = owned.heap.hasCollectionWork
        let step = owned.heap.backgroundStep()
        let hasWork = owned.heap.hasCollectionWork
        // Only steps that did something count as pauses: a look at the clock twenty times a second is none.
        if hasWork && !hadWork {
            work.pauses.record(nanoseconds: monotonicNanoseconds() - start)
        }
        lock.unlock()
        if hasWork { collector.wake() }
        switch step {
        case .sleep(let nanoseconds): return nanoseconds
        case .release(var release):
            release.perform()
            lock.lock()
            work.counted { owned.heap.finishRelease(release) }
            lock.unlock()
            return 0
        }
    }

    private func takeLines() -> [String] {
        work.lock.lock()
        defer { work.lock.unlock() }
        return work.state.pointee.takeUnprintedLines()
    }
}

extension LabState {
    /// The trace lines that have come since the last call, if they are to be printed.
    fileprivate mutating func takeUnprintedLines() -> [String] {
        let first = printedLineCount
        printedLineCount = heap.traceLineCount
        return settings.printsTrace && printedLineCount > first ? heap.traceLines(from: first) : []
    }
}
