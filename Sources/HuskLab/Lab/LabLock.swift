// The lab's one lock: fast for point operations, and handed over in turn while a long job wants it again and again.
//
//     isHeld       whether a thread has the lock
//     sleepers     threads that sleep, or are about to, until they get it
//     isWaking     a sleeper has been woken and has not tried yet: no need to wake another
//
// A point operation holds the lock for a fraction of a microsecond, so a thread that finds it held tries for about as
// long before it goes to sleep. An unlock wakes one sleeper and leaves the lock free meanwhile: whoever comes first takes
// it. (To hand the lock to the sleeper instead would be fairer, but then nobody could use it until that thread runs: with
// more threads than cores each operation soon waits for a context switch.) A long job makes up for that: between two
// slices it stays out until those who sleep have had their turn.

import Glibc
import HuskSystem
import Synchronization

final class LabLock: Sendable {
    private let isHeld = Atomic<Bool>(false)
    private let sleepers = Atomic<Int>(0)
    private let isWaking = Atomic<Bool>(false)
    private let wakeUp = Semaphore()

    /// About a microsecond of attempts: longer than a point operation.
    private static let attempts = 300
    /// How often a job gives way before it goes on although somebody sleeps: some milliseconds.
    private static let patience = 2_000

    @inline(__always)
    func lock() {
        if !tryLock() { lockSlow() }
    }

    /// Takes the lock if nobody has it.
    @inline(__always)
    func tryLock() -> Bool {
        isHeld.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    @inline(__always)
    func unlock() {
        // An exchange, not a store: it must be seen before `sleepers` is read.
        _ = isHeld.exchange(false, ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 { wakeOne() }
    }

    /// Between two slices of a long job, which holds the lock: lets everybody in who waits, then takes it again.
    func yield() {
        unlock()
        letOthersIn()
        lock()
    }

    /// The middle of `yield`, for a job that has something to do without the lock.
    func letOthersIn() {
        var patience = Self.patience
        while sleepers.load(ordering: .relaxed) > 0 && patience > 0 {
            sched_yield()
            patience -= 1
        }
    }

    @inline(never)
    private func lockSlow() {
        for _ in 0..<Self.attempts {
            if !isHeld.load(ordering: .relaxed),
                isHeld.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
            {
                return
            }
        }
        // A sleeper is counted before it tries for the last time, and an unlock frees the lock before it looks for
        // sleepers: one of the two sees the other.
        sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
        while !isHeld.compareExchange(expected: false, desired: true, ordering: .sequentiallyConsistent).exchanged {
            wakeUp.wait()
            isWaking.store(false, ordering: .sequentiallyConsistent)
        }
        sleepers.wrappingSubtract(1, ordering: .relaxed)
    }

    @inline(never)
    private func wakeOne() {
        if !isWaking.exchange(true, ordering: .sequentiallyConsistent) { wakeUp.post() }
    }
}
