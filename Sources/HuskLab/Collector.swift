// The collector's thread: while a cycle marks, or spans wait to be swept, it works in slices under the lab's lock.
//
// It sleeps on a semaphore and is woken by whoever ends a stretch with the lock held and sees that there is work.

import GoHeap
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

final class Collector: Sendable {
    private let lock: LabLock
    // SAFETY: used with the lab's lock held.
    private nonisolated(unsafe) let heap: Heap
    private let isAwake = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)
    // SAFETY: POSIX semaphores may be used from any thread; they live as long as the collector.
    private nonisolated(unsafe) let work = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let ended = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    /// Bytes scanned in one slice: a fraction of a millisecond.
    static let sliceBytes = 64 << 10

    init(lock: LabLock, heap: Heap) {
        self.lock = lock
        self.heap = heap
        sem_init(work, 0, 0)
        sem_init(ended, 0, 0)
        startThread { [self] in run() }
    }

    deinit {
        sem_destroy(work)
        sem_destroy(ended)
        work.deallocate()
        ended.deallocate()
    }

    /// Tells the thread that there is work. Cheap when it knows.
    @inline(__always)
    func wake() {
        if isAwake.load(ordering: .relaxed) { return }
        wakeSlow()
    }

    @inline(never)
    private func wakeSlow() {
        if isAwake.exchange(true, ordering: .acquiringAndReleasing) == false { sem_post(work) }
    }

    /// Ends the thread and waits for its end.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        sem_post(work)
        while sem_wait(ended) != 0 {}
    }

    private func run() {
        while true {
            while sem_wait(work) != 0 {}
            if isStopping.load(ordering: .acquiring) { break }
            var hasMore = true
            while hasMore && !isStopping.load(ordering: .relaxed) {
                lock.lock()
                hasMore = heap.collectSlice(budgetBytes: Self.sliceBytes)
                // Before the unlock, so that work that comes up after it wakes the thread again.
                if !hasMore { isAwake.store(false, ordering: .releasing) }
                lock.unlock()
                lock.letOthersIn()
            }
        }
        sem_post(ended)
    }
}
