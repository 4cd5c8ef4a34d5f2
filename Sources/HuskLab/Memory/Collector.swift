// The collector's thread: while a cycle marks, or spans wait to be swept, it works in slices under the lab's lock.
//
// It sleeps on a semaphore and is woken by whoever ends a stretch with the lock held and sees that there is work.

import GoHeap
import HuskSystem
import Synchronization

final class Collector: Sendable {
    private let work: HeapWork
    private let isAwake = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)
    private let wakeUp = Semaphore()
    private let ended = Semaphore()

    init(_ work: HeapWork) {
        self.work = work
        startThread { [self] in run() }
    }

    /// Tells the thread that there is work. Cheap when it knows.
    @inline(__always)
    func wake() {
        if isAwake.load(ordering: .relaxed) { return }
        wakeSlow()
    }

    @inline(never)
    private func wakeSlow() {
        if isAwake.exchange(true, ordering: .acquiringAndReleasing) == false { wakeUp.post() }
    }

    /// Ends the thread and waits for its end.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        wakeUp.post()
        ended.wait()
    }

    private func run() {
        while true {
            wakeUp.wait()
            if isStopping.load(ordering: .acquiring) { break }
            var hasMore = true
            while hasMore && !isStopping.load(ordering: .relaxed) {
                work.lock.lock()
                hasMore = work.counted {
                    work.state.pointee.heap.collectSlice(nanoseconds: HeapWork.sliceNanoseconds)
                }
                // Before the unlock, so that work that comes up after it wakes the thread again.
                if !hasMore { isAwake.store(false, ordering: .releasing) }
                work.lock.unlock()
                work.lock.letOthersIn()
            }
        }
        ended.post()
    }
}
