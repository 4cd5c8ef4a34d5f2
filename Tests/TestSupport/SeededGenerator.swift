import Foundation

/// The random numbers of a test (SplitMix64), which a run can have again: `HUSK_TEST_SEED` sets the seed, and what fails
/// prints it.
public struct SeededGenerator: RandomNumberGenerator {
    public let seed: UInt64
    private var state: UInt64

    public init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// Seeded by `HUSK_TEST_SEED`, or by the clock.
    public static func ofThisRun() -> SeededGenerator {
        let given = ProcessInfo.processInfo.environment["HUSK_TEST_SEED"].flatMap(UInt64.init)
        return SeededGenerator(seed: given ?? UInt64(Date().timeIntervalSince1970 * 1000))
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
