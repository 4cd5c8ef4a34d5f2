// The threads that help to mark. They work only inside a slice: the owner holds its lock, so nothing else uses the heap.
//
//     caller   opens the slice, wakes the helpers, marks too, closes the slice, waits for those that joined
//     helper   joins if the slice is still open when it comes, takes grey objects from the shared queue, leaves
//
// The shared queue is the heap's own, guarded by `spin` while a slice is open. Each thread has a queue besides, gives half
// of it away when somebody has nothing to do, and all of it back when it leaves. A slice ends when all who joined have
// nothing left, or when the time is up. A helper that the kernel runs late finds the slice closed, and nobody waits
// for it. (Go: gcDrain, runtime/mgcmark.go; its workers are goroutines)

import Glibc
import HuskSystem
import Synchronization

// SAFETY: the fields below `spin` are used with it held; the markers each by one thread; the heap's state only by those
// who joined an open slice.
final class MarkCrew: @unchecked Sendable {
    let helperCount: Int
    private let heap: UnsafeMutablePointer<HeapState>
    private let wake = Semaphore()
    private var helpers: [OwnedThread] = []
    private let isEnding = Atomic<Bool>(false)
    private let parked = Atomic<Int>(0)

    private let isTimeUp = Atomic<Bool>(false)
    /// Objects in the shared queue; threads without work.
    private let sharedCount = Atomic<Int>(0)
    private let idleCount = Atomic<Int>(0)
    private let isOpen = Atomic<Bool>(false)
    /// Threads that joined and have not left.
    private let present = Atomic<Int>(0)
    private let spin = Atomic<Bool>(false)
    private var deadline: UInt64 = .max
    private var scannedBytes = 0
    private var helpNanoseconds: UInt64 = 0

    init(_ heap: UnsafeMutablePointer<HeapState>, helperCount: Int) {
        self.heap = heap
        self.helperCount = helperCount
        helpers = (0..<helperCount).map { _ in OwnedThread(name: "husk-mark") { [self] in runHelper() } }
    }

    /// Ends the helpers and waits for their ends.
    func stop() {
        isEnding.store(true, ordering: .releasing)
        for _ in helpers { wake.post() }
        for helper in helpers { helper.join() }
        helpers = []
    }

    /// Marks with all hands until nothing is grey or the time is up.
    ///
    /// - Parameters:
    ///   - marker: the caller's, with an empty queue.
    ///   - deadline: monotonic nanoseconds.
    ///   - byteLimit: how many bytes the caller itself scans at most.
    /// - Returns: the bytes that all scanned, and the time that the helpers spent.
    func drain(_ marker: UnsafeMutablePointer<Marker>, deadline: UInt64, byteLimit: Int) -> (Int, UInt64) {
        self.deadline = deadline
        scannedBytes = 0
        helpNanoseconds = 0
        isTimeUp.store(false, ordering: .relaxed)
        idleCount.store(0, ordering: .relaxed)
        sharedCount.store(heap.pointee.markQueue.count, ordering: .relaxed)
        present.store(1, ordering: .relaxed)
        isOpen.store(true, ordering: .releasing)
        for _ in 0..<min(helperCount, parked.load(ordering: .relaxed)) { wake.post() }
        work(marker, byteLimit: byteLimit)
        var attempts = 0
        while present.load(ordering: .acquiring) != 0 { pause(&attempts) }
        return (scannedBytes, helpNanoseconds)
    }

    private func runHelper() {
        let marker = UnsafeMutablePointer<Marker>.allocate(capacity: 1)
        marker.initialize(to: Marker(spanOfPage: heap.pointee.spanOfPage))
        // A new helper looks before it sleeps: it may have been made for the slice that is open.
        while !isEnding.load(ordering: .acquiring) {
            if join() {
                work(marker, byteLimit: .max, start: monotonicNanoseconds())
                continue
            }
            parked.wrappingAdd(1, ordering: .relaxed)
            wake.wait()
            parked.wrappingSubtract(1, ordering: .relaxed)
        }
        marker.pointee.destroy()
        marker.deallocate()
    }

    private func join() -> Bool {
        lock()
        defer { unlock() }
        if !isOpen.load(ordering: .relaxed) { return false }
        present.wrappingAdd(1, ordering: .relaxed)
        return true
    }

    /// Marks until the slice ends, and leaves it.
    private func work(_ marker: UnsafeMutablePointer<Marker>, byteLimit: Int, start: UInt64? = nil) {
        marker.pointee.begin(heap, isShared: true)
        var nextCheck = Heap.bytesBetweenChecks
        var steps = 0
        while !isTimeUp.load(ordering: .relaxed) {
            if !marker.pointee.step() {
                if takeShared(marker) { continue }
                break
            }
            steps &+= 1
            if marker.pointee.queue.count > 1 && idleCount.load(ordering: .relaxed) > 0
                && sharedCount.load(ordering: .relaxed) == 0
            {
                giveShared(marker, count: marker.pointee.queue.count / 2)
            }
            if marker.pointee.scannedBytes &+ steps &* 32 >= nextCheck {
                nextCheck &+= Heap.bytesBetweenChecks
                if marker.pointee.scannedBytes >= byteLimit
                    || monotonicNanoseconds() >= deadline
                {
                    isTimeUp.store(true, ordering: .relaxed)
                }
            }
        }
        marker.pointee.markFound()
        lock()
        isOpen.store(false, ordering: .relaxed)
        while !marker.pointee.queue.isEmpty { heap.pointee.markQueue.push(marker.pointee.queue.pop()) }
        heap.pointee.cycle.markedBytes += marker.pointee.markedBytes
        scannedBytes += marker.pointee.scannedBytes
        if let start { helpNanoseconds += monotonicNanoseconds() - start }
        unlock()
        present.wrappingSubtract(1, ordering: .releasing)
    }

    /// Moves some of the shared queue to a thread's own; waits while others may still give some.
    ///
    /// - Returns: false when the slice is over.
    private func takeShared(_ marker: UnsafeMutablePointer<Marker>) -> Bool {
        lock()
        if moveSome(to: marker) {
            unlock()
            return true
        }
        let idle = idleCount.wrappingAdd(1, ordering: .relaxed).newValue
        if idle == present.load(ordering: .relaxed) {
            isTimeUp.store(true, ordering: .relaxed)  // all is done
            isOpen.store(false, ordering: .relaxed)
            unlock()
            return false
        }
        unlock()
        var attempts = 0
        while !isTimeUp.load(ordering: .relaxed) {
            if sharedCount.load(ordering: .relaxed) > 0 {
                lock()
                if moveSome(to: marker) {
                    idleCount.wrappingSubtract(1, ordering: .relaxed)
                    unlock()
                    return true
                }
                unlock()
            }
            // One who waits checks the time too: those who work may be in no hurry.
            if attempts % 64 == 63 && monotonicNanoseconds() >= deadline {
                isTimeUp.store(true, ordering: .relaxed)
            }
            pause(&attempts)
        }
        return false
    }

    private func moveSome(to marker: UnsafeMutablePointer<Marker>) -> Bool {
        let available = heap.pointee.markQueue.count
        if available == 0 { return false }
        let share = min(32, max(1, available / (2 * (helperCount + 1))))
        for _ in 0..<share { marker.pointee.queue.push(heap.pointee.markQueue.pop()) }
        sharedCount.store(available - share, ordering: .relaxed)
        return true
    }

    private func giveShared(_ marker: UnsafeMutablePointer<Marker>, count: Int) {
        lock()
        for _ in 0..<count { heap.pointee.markQueue.push(marker.pointee.queue.pop()) }
        sharedCount.store(heap.pointee.markQueue.count, ordering: .relaxed)
        unlock()
    }

    // MARK: - Waiting

    private func lock() {
        var attempts = 0
        while spin.exchange(true, ordering: .acquiring) { pause(&attempts) }
    }

    private func unlock() { spin.store(false, ordering: .releasing) }

    /// Waits a moment; after a while lets other threads run, as the one waited for may need this processor.
    private func pause(_ attempts: inout Int) {
        attempts &+= 1
        if attempts % 128 == 0 { sched_yield() }
    }
}
