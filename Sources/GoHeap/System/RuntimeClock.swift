// The runtime's clock: it starts at 0 when the heap is made, and may run faster than the wall clock's, so that a story of
// fifteen minutes can be watched in as many seconds.

import HuskSystem

/// Turns monotonic time into the runtime's.
struct RuntimeClock {
    let bornNanoseconds: UInt64
    /// How many times as fast, 1 or more.
    let scale: Double

    init(scale: Double) {
        precondition(
            scale >= 1 && scale.isFinite, "the runtime's clock runs at least as fast as the wall clock")
        bornNanoseconds = monotonicNanoseconds()
        self.scale = scale
    }

    /// Nanoseconds of the runtime's clock since the heap was made.
    func now() -> UInt64 { runtime(at: monotonicNanoseconds()) }

    /// The same at a monotonic time.
    func runtime(at monotonic: UInt64) -> UInt64 {
        let elapsed = monotonic &- bornNanoseconds
        return scale == 1 ? elapsed : UInt64(Double(elapsed) * scale)
    }

    /// How long to wait, in real nanoseconds, for the runtime's clock to go on by `nanoseconds`.
    func real(_ nanoseconds: UInt64) -> UInt64 { UInt64(Double(nanoseconds) / scale) }
}
