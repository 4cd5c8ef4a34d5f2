import HuskSystem

/// Random numbers that follow from a seed (SplitMix64).
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = mix(seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return mix(state)
    }

    /// From 0 to less than `bound`, which is over 0.
    mutating func number(below bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// From 0 to less than 1.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}
