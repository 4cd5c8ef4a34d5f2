// How long many operations took, to about three percent, in 15 KiB however many there are.
//
//     nanoseconds    0 … 31     one bucket each
//                    2^k + …    32 buckets of equal width for each power of two
//
// Used by one thread.

package final class LatencyHistogram {
    // SAFETY: allocated here, freed in deinit.
    @usableFromInline let cells: UnsafeMutablePointer<UInt64>
    /// The longest, in nanoseconds.
    package private(set) var longestNanoseconds: UInt64 = 0

    @usableFromInline static let cellCount = 60 * 32

    package init() {
        cells = .allocate(capacity: Self.cellCount)
        cells.initialize(repeating: 0, count: Self.cellCount)
    }

    deinit { cells.deallocate() }

    // PERF: inlinable, for it is called for each operation of a workload.
    @inlinable @inline(__always)
    package func record(nanoseconds: UInt64) {
        cells[Self.cell(of: nanoseconds)] &+= 1
        if nanoseconds > longestNanoseconds { setLongest(nanoseconds) }
    }

    @usableFromInline
    func setLongest(_ nanoseconds: UInt64) { longestNanoseconds = nanoseconds }

    /// Which cell counts a duration.
    @inlinable @inline(__always)
    static func cell(of nanoseconds: UInt64) -> Int {
        if nanoseconds < 32 { return Int(truncatingIfNeeded: nanoseconds) }
        // The top bit and the five below it.
        let shift = 58 &- nanoseconds.leadingZeroBitCount
        return shift &* 32 &+ Int(truncatingIfNeeded: nanoseconds &>> UInt64(truncatingIfNeeded: shift))
    }

    /// The longest duration that a cell counts, in nanoseconds.
    private static func upperBound(ofCell cell: Int) -> UInt64 {
        if cell < 64 { return UInt64(cell) }
        let shift = UInt64(cell / 32 - 1)
        return (UInt64(cell % 32 + 33) &<< shift) &- 1
    }

    /// How many durations there are.
    package var count: UInt64 { (0..<Self.cellCount).reduce(0) { $0 &+ cells[$1] } }

    /// The durations that so large shares of all do not exceed, in nanoseconds; 0 for none at all.
    ///
    /// - Parameter shares: from 0 to 1, ascending.
    package func nanoseconds(atShares shares: [Double]) -> [UInt64] {
        let total = Double(count)
        var durations: [UInt64] = []
        var cell = 0
        var passed = cells[0]
        for share in shares {
            while Double(passed) < (share * total).rounded(.up), cell < Self.cellCount - 1 {
                cell += 1
                passed &+= cells[cell]
            }
            durations.append(min(Self.upperBound(ofCell: cell), longestNanoseconds))
        }
        return durations
    }

    /// Forgets all of them.
    package func reset() {
        cells.update(repeating: 0, count: Self.cellCount)
        longestNanoseconds = 0
    }
}
