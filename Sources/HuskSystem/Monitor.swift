// A mutex with a condition: where a thread must wait for another, which `Mutex` alone cannot.

import Glibc

/// State under a lock, with waiting. Never held across a call into somebody else's code.
// PERF: inlinable, for it is generic: unspecialised, each use takes many times as long.
package final class Monitor<State: ~Copyable>: @unchecked Sendable {
    // SAFETY: the mutex and the condition need fixed addresses, hence the allocations; the state is reached
    // only with the mutex held.
    @usableFromInline let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    @usableFromInline let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    @usableFromInline let state = UnsafeMutablePointer<State>.allocate(capacity: 1)

    @inlinable
    package init(_ initial: consuming State) {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
        state.initialize(to: initial)
    }

    @inlinable
    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    @inlinable
    package func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state.pointee)
    }

    /// As `withLock`, after waiting until `isReady` holds.
    @inlinable
    package func withLock<Result: ~Copyable, Failure: Error>(
        when isReady: (borrowing State) -> Bool, then body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !isReady(state.pointee) { pthread_cond_wait(condition, mutex) }
        return try body(&state.pointee)
    }

    /// Makes waiting threads look again. With or without the lock.
    @inlinable
    package func wakeWaiters() { pthread_cond_broadcast(condition) }
}
