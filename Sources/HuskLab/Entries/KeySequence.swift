// Which number the i-th key of a range has. Nothing is stored for it: a permutation computed from the index, or a hash of it.

import HuskSystem

/// Computes the numbers of a range, one by one.
struct KeySequence {
    /// Its low 64 bits: all arithmetic here is modulo 2⁶⁴, signed or not.
    private let from: Int
    private let step: Int
    private let seed: UInt64
    private let distribution: KeyRange.Distribution
    private let permutation: Permutation
    /// Whether some of the numbers are left out.
    let isPartial: Bool
    private let shareLimit: UInt64

    init(_ range: KeyRange) {
        from = Int(truncatingIfNeeded: range.from)
        step = range.step
        seed = range.seed
        distribution = range.distribution
        permutation = Permutation(count: range.count, seed: range.seed)
        isPartial = range.share < 1
        shareLimit = UInt64(min(range.share * 0x1p64, 0x1p64.nextDown))
    }

    /// Whether the key at `index` is in the range's share. Which numbers are does not depend on their order.
    @inline(never)
    func includes(_ index: Int) -> Bool {
        let place = distribution == .shuffled ? permutation.image(of: index) : index
        return mix(mix(seed) ^ UInt64(place)) < shareLimit
    }

    /// The number of the key at `index`; of uniform keys, 64 random bits.
    @inline(__always)
    func number(at index: Int) -> Int {
        switch distribution {
        case .sequential: from &+ index &* step
        case .shuffled: from &+ permutation.image(of: index) &* step
        case .uniform: Int(truncatingIfNeeded: mix(seed &+ UInt64(bitPattern: Int64(index)) &* 0x9E37_79B9_7F4A_7C15))
        }
    }
}

/// A permutation of 0 ..< count drawn from a seed, computed without a table: a four-round Feistel network over the next
/// even power of two, applied again until the result is in range (cycle walking; fewer than four times on average).
package struct Permutation {
    private let count: UInt64
    private let halfBits: UInt64
    private let seed: UInt64

    package init(count: Int, seed: UInt64) {
        self.count = UInt64(max(count, 1))
        let bits = 64 - UInt64((self.count - 1).leadingZeroBitCount)
        halfBits = max(1, (bits + 1) / 2)
        self.seed = seed
    }

    package func image(of index: Int) -> Int {
        let halfMask = (UInt64(1) &<< halfBits) &- 1
        var value = UInt64(index)
        repeat {
            var left = value &>> halfBits
            var right = value & halfMask
            for round: UInt64 in 0..<4 {
                (left, right) = (right, left ^ (mix(right &+ seed &* 4 &+ round) & halfMask))
            }
            value = left &<< halfBits | right
        } while value >= count
        return Int(value)
    }
}
