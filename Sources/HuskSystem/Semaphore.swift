import Glibc

/// A POSIX semaphore: what threads sleep on.
package final class Semaphore: Sendable {
    // SAFETY: a POSIX semaphore may be used from any thread; it lives as long as this object.
    private nonisolated(unsafe) let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    package init() { precondition(sem_init(semaphore, 0, 0) == 0, "sem_init failed") }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    package func post() { sem_post(semaphore) }

    package func wait() {
        while sem_wait(semaphore) != 0 {}  // interrupted by a signal
    }

    /// Waits for a post, but not longer than so many real nanoseconds.
    package func wait(nanoseconds: UInt64) {
        var end = timespec()
        clock_gettime(CLOCK_REALTIME, &end)
        let total = UInt64(end.tv_nsec) + nanoseconds % 1_000_000_000
        end.tv_sec += Int(nanoseconds / 1_000_000_000 + total / 1_000_000_000)
        end.tv_nsec = Int(total % 1_000_000_000)
        while sem_timedwait(semaphore, &end) != 0 && errno == EINTR {}
    }
}
