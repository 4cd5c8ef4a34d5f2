// A range of keys that the server makes: which number the i-th key has.
//
// Nothing is stored for it, however long it is: the shuffled order is a permutation computed from the index, and
// uniform keys are hashes of the index. So the same range, asked for again, is the same keys in the same order.

/// Which keys an insert or delete goes through.
package struct KeyRange: Equatable, Sendable {
    package enum Distribution: String, Sendable, CaseIterable {
        /// from, from + step, from + 2 × step, …
        case sequential
        /// The same keys in an order drawn from the seed.
        case shuffled
        /// Keys drawn from the whole key space by the seed; the same seed draws the same keys.
        case uniform
    }

    /// The first number, from −2⁶³ to 2⁶⁴ − 1: numbers are of 64 bits, signed, or unsigned if the range goes beyond 2⁶³ − 1.
    package var from: Int128 = 0
    package var count = 0
    package var step = 1
    package var distribution = Distribution.sequential
    package var seed: UInt64 = 1
    /// From 0 to 1: only about so large a share of the keys, drawn by the seed, and the same whatever their order.
    package var share = 1.0
    package var form = EntryForm()

    package static let countLimit = 1_000_000_000

    package init() {}

    /// The least and the greatest number of a sequential or shuffled range. Exact: 2³⁰ steps of 64 bits stay far below 2¹²⁷.
    var bounds: ClosedRange<Int128> {
        let last = from + Int128(max(0, count - 1)) * Int128(step)
        return min(from, last)...max(from, last)
    }

    /// Whether its numbers are unsigned. Uniform ones are signed.
    var isUnsigned: Bool { distribution != .uniform && bounds.upperBound > Int.max }
}
