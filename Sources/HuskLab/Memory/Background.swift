// The background thread: what Go's sysmon and scavenger do by the clock (Heap+Background.swift), and the printing of the
// gctrace and scavenger lines as they come. Neither `madvise` nor the printing is done with the lab's lock held.

import GoHeap
import HuskSystem
import Synchronization

final class Background: Sendable {
    private let work: HeapWork
    private let collector: Collector
    private let print: @Sendable ([String]) -> Void
    private let isStopping = Atomic<Bool>(false)
    private let wakeUp = Semaphore()
    private let ended = Semaphore()

    /// - Parameter print: is given new trace lines while the settings ask for it.
    init(_ work: HeapWork, collector: Collector, print: @escaping @Sendable ([String]) -> Void) {
        self.work = work
        self.collector = collector
        self.print = print
        startThread { [self] in run() }
    }

    /// Makes the thread look at the settings.
    func wake() { wakeUp.post() }

    /// Ends the thread and waits for its end.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        wakeUp.post()
        ended.wait()
    }

    private func run() {
        while !isStopping.load(ordering: .acquiring) {
            let sleepNanoseconds = step()
            let lines = takeLines()
            if !lines.isEmpty { print(lines) }
            if sleepNanoseconds > 0 {
                wakeUp.wait(nanoseconds: sleepNanoseconds)
            } else {
                work.lock.letOthersIn()
            }
        }
        let lines = takeLines()
        if !lines.isEmpty { print(lines) }
        ended.post()
    }

    /// Does what is due.
    ///
    /// - Returns: how long to sleep then.
    private func step() -> UInt64 {
        let lock = work.lock
        let start = OperatingSystem.monotonicNanoseconds()
        lock.lock()
        // Held on to: the lab may exchange its heap while pages are on their way to the kernel.
        let owned = work.state.pointee.ownedHeap
        let hadWork = owned.heap.hasCollectionWork
        let step = owned.heap.backgroundStep()
        let hasWork = owned.heap.hasCollectionWork
        // Only steps that did something count as pauses: a look at the clock twenty times a second is none.
        if hasWork && !hadWork {
            work.pauses.record(nanoseconds: OperatingSystem.monotonicNanoseconds() - start)
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
