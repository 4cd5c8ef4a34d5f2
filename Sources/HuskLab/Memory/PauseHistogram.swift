// How long the lab's lock was held for the collector at a time: slices of marking and sweeping, the starts and ends of
// cycles, assists, the scavengers' steps. Written by whichever thread held the lock, read by any.

import Synchronization

package final class PauseHistogram: Sendable {
    /// Upper bounds of the buckets in nanoseconds; +Inf follows.
    package static let boundsNanoseconds: [UInt64] = [
        10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
        50_000_000,
        100_000_000, 1_000_000_000,
    ]

    // SAFETY: allocated here, freed in deinit; every cell is atomic. The last is the sum.
    private nonisolated(unsafe) let cells: UnsafeMutablePointer<Atomic<UInt64>>
    private static let cellCount = boundsNanoseconds.count + 2

    init() {
        cells = .allocate(capacity: Self.cellCount)
        for cell in 0..<Self.cellCount { (cells + cell).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: Self.cellCount)
        cells.deallocate()
    }

    func record(nanoseconds: UInt64) {
        var bucket = 0
        while bucket < Self.boundsNanoseconds.count && nanoseconds > Self.boundsNanoseconds[bucket] {
            bucket &+= 1
        }
        cells[bucket].add(1, ordering: .relaxed)
        cells[Self.cellCount - 1].add(nanoseconds, ordering: .relaxed)
    }

    /// How many pauses each bucket holds, by itself, and the sum of all pauses.
    package func read() -> (buckets: [UInt64], sumNanoseconds: UInt64) {
        let buckets = (0..<Self.cellCount - 1).map { cells[$0].load(ordering: .relaxed) }
        return (buckets, cells[Self.cellCount - 1].load(ordering: .relaxed))
    }
}
