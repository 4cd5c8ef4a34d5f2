import HuskSystem

/// Random numbers in ranges, which follow from a seed.
struct SeededRandom {
    private var sequence: SplitMix64

    init(seed: UInt64) { sequence = SplitMix64(seed: mix(seed)) }

    mutating func next() -> UInt64 { sequence.next() }

    /// From 0 to less than `bound`, which is over 0.
    mutating func number(below bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// From 0 to less than 1.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}
