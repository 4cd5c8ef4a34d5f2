// The collector's thread: while a cycle marks, or spans wait to be swept, it works in slices under the lab's lock.
//
// It sleeps on a semaphore and is woken by whoever ends a stretch with the lock held and sees that there is work.

import GoHeap
import HuskSystem
import Synchronization

final class Collector: Sendable {
    private let work: HeapWork
    private let worker = Worker(name: "husk-gc")
    private let isAwake = Atomic<Bool>(false)

    init(_ work: HeapWork) {
        self.work = work
        worker.start { [self] in step() }
    }

    /// Tells the thread that there is work. Cheap when it knows.
    @inline(__always)
    func wake() {
        if isAwake.load(ordering: .relaxed) { return }
        wakeSlow()
    }

    @inline(never)
    private func wakeSlow() {
        if isAwake.exchange(true, ordering: .acquiringAndReleasing) == false { worker.wake() }
    }

    /// Ends the thread and waits for its end.
    func stop() { worker.stop() }

    private func step() -> Worker.Rest {
        if !isAwake.load(ordering: .acquiring) { return .untilWoken }
        work.lock.lock()
        let hasMore = work.counted {
            work.state.pointee.heap.collectSlice(nanoseconds: HeapWork.sliceNanoseconds)
        }
        // Before the unlock, so that work that comes up after it wakes the thread again.
        if !hasMore { isAwake.store(false, ordering: .releasing) }
        work.lock.unlock()
        work.lock.letOthersIn()
        return hasMore ? .none : .untilWoken
    }
}
