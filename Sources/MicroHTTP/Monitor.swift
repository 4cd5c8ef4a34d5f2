// A mutex with a condition: where a thread must wait for another, which `Mutex` alone cannot.
// Also the one way in which this module, and the service on top of it, starts threads.

import CMicroHTTPD
import Glibc

/// State under a lock, with waiting. Never held across a call into a handler.
package final class Monitor<State: ~Copyable>: @unchecked Sendable {
    // SAFETY: the mutex and the condition need fixed addresses, hence the allocations; the state is reached
    // only with the mutex held.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let state = UnsafeMutablePointer<State>.allocate(capacity: 1)

    package init(_ initial: consuming State) {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
        state.initialize(to: initial)
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state.pointee)
    }

    /// As `withLock`, after waiting until `isReady` holds.
    package func withLock<Result: ~Copyable, Failure: Error>(
        when isReady: (borrowing State) -> Bool, then body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !isReady(state.pointee) { pthread_cond_wait(condition, mutex) }
        return try body(&state.pointee)
    }

    /// Makes waiting threads look again. With or without the lock.
    package func wakeWaiters() { pthread_cond_broadcast(condition) }
}

/// A thread that can be waited for once.
package struct OwnedThread: Sendable {
    private let identifier: pthread_t

    /// Starts `body` on a thread called `name` (at most 15 characters).
    package init(name: String, _ body: @escaping @Sendable () -> Void) {
        let context = Unmanaged.passRetained(ThreadBody(run: body))
        var identifier = pthread_t()
        let failure = pthread_create(
            &identifier, nil,
            { context in
                Unmanaged<ThreadBody>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard failure == 0 else {
            fatalError("Cannot start the thread \(name): \(String(cString: strerror(failure)))")
        }
        cmhd_name_thread(identifier, name)
        self.identifier = identifier
    }

    /// Waits until the thread has ended. To be called exactly once.
    package func join() { pthread_join(identifier, nil) }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(run: @escaping @Sendable () -> Void) { self.run = run }
}

/// CLOCK_MONOTONIC in nanoseconds.
package func monotonicNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}
