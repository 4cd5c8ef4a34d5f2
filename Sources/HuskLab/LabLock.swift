// The lab's one lock: fast for point operations, and handed over in turn while a long job wants it again and again.
//
//     claims    0 free      n > 0 held, and n − 1 threads sleep until it is handed to them
//
// A point operation holds the lock for a fraction of a microsecond, so a thread that finds it held tries for about as
// long before it queues up to sleep. An unlock with sleepers does not free the lock but gives it to one of them
// (the semaphore carries it over), so a job that unlocks between two slices and locks again goes behind whoever
// waited: nobody waits for longer than a slice.

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

final class LabLock: Sendable {
    private let claims = Atomic<Int>(0)
    // SAFETY: a POSIX semaphore may be used from any thread; it lives as long as the lock.
    private nonisolated(unsafe) let handover = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    /// About a microsecond of attempts: longer than a point operation.
    private static let attempts = 300

    init() {
        precondition(sem_init(handover, 0, 0) == 0, "sem_init failed")
    }

    deinit {
        sem_destroy(handover)
        handover.deallocate()
    }

    @inline(__always)
    func lock() {
        if claims.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged { return }
        lockSlow()
    }

    @inline(__always)
    func unlock() {
        if claims.wrappingSubtract(1, ordering: .releasing).oldValue > 1 { sem_post(handover) }
    }

    @inline(never)
    private func lockSlow() {
        for _ in 0..<Self.attempts {
            if claims.load(ordering: .relaxed) == 0,
                claims.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged
            { return }
        }
        if claims.wrappingAdd(1, ordering: .acquiring).oldValue == 0 { return }
        while sem_wait(handover) != 0 {}  // interrupted by a signal
    }
}
