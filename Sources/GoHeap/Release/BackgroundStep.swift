/// What the owner's background thread is to do, without the lock.
package enum BackgroundStep: Sendable {
    /// Perform this, and hand it to `finishRelease` with the lock held.
    case release(PageRelease)
    /// Come back after so many real nanoseconds; 0 = at once.
    case sleep(nanoseconds: UInt64)
}
