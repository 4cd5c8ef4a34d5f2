// How many durations fell between which bounds, and their sum. Written and read by any thread, without a lock.

import Synchronization

package final class Histogram: Sendable {
    /// Upper bounds of the buckets in nanoseconds, ascending; +Inf follows.
    package let boundsNanoseconds: [UInt64]

    // SAFETY: allocated here, freed in deinit; every cell is atomic. The last is the sum.
    private nonisolated(unsafe) let cells: UnsafeMutablePointer<Atomic<UInt64>>
    private let cellCount: Int

    package init(boundsNanoseconds: [UInt64]) {
        self.boundsNanoseconds = boundsNanoseconds
        cellCount = boundsNanoseconds.count + 2
        cells = .allocate(capacity: cellCount)
        for cell in 0..<cellCount { (cells + cell).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: cellCount)
        cells.deallocate()
    }

    package func record(nanoseconds: UInt64) {
        cells[Self.bucket(of: nanoseconds, in: boundsNanoseconds)].add(1, ordering: .relaxed)
        cells[cellCount - 1].add(nanoseconds, ordering: .relaxed)
    }

    /// Which bucket a duration falls into.
    package static func bucket(of nanoseconds: UInt64, in boundsNanoseconds: [UInt64]) -> Int {
        var bucket = 0
        while bucket < boundsNanoseconds.count && nanoseconds > boundsNanoseconds[bucket] { bucket &+= 1 }
        return bucket
    }

    /// How many durations each bucket holds, by itself, and the sum of all.
    package func read() -> (buckets: [UInt64], sumNanoseconds: UInt64) {
        let buckets = (0..<cellCount - 1).map { cells[$0].load(ordering: .relaxed) }
        return (buckets, cells[cellCount - 1].load(ordering: .relaxed))
    }
}
