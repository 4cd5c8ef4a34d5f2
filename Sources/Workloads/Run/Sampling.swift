// When a run takes a sample: at the end of each round and every quarter of a second, but not more than 2,000 times.

struct Sampling {
    private let roundStride: Int
    private var roundsLeft = 1_000
    private var spacingNanoseconds: UInt64
    private var nextNanoseconds: UInt64 = 0
    private var taken = 0

    /// After so many samples between rounds they come half as often.
    private static let samplesPerSpacing = 125

    init(_ workload: Workload) {
        roundStride = max(1, ((workload.rounds ?? 1) + 999) / 1_000)
        spacingNanoseconds = max(250_000_000, (workload.durationNanoseconds ?? 0) / 1_000)
    }

    /// Whether the end of a round gets one.
    mutating func isDue(atEndOf round: Int) -> Bool {
        guard roundsLeft > 0, round % roundStride == 0 else { return false }
        roundsLeft -= 1
        return true
    }

    /// Whether it is time for one.
    mutating func isDue(at nanoseconds: UInt64) -> Bool {
        guard nanoseconds >= nextNanoseconds, taken < 990 else { return false }
        taken += 1
        if taken % Self.samplesPerSpacing == 0 { spacingNanoseconds *= 2 }
        nextNanoseconds = nanoseconds + spacingNanoseconds
        return true
    }
}
