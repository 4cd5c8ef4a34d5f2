// What a workload does, in numbers. WorkloadFields.swift reads it and says what each field is.

import HuskLab

/// The settings of a workload. Those that its kind does not have are as they are by default, and mean nothing.
package struct Workload: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// Each round replaces some of the live keys, by new ones or by new values.
        case partialUpdate = "partial-update"
        /// Single deletes and inserts in turn.
        case churn
        /// Keys are deleted when they have lived so long; new ones come at a rate that rises and falls with the day.
        case ttl
        /// Keys are inserted until there are so many.
        case leak
        /// What a recorded stream says (ReplaySource.swift).
        case replay
    }
    /// Which keys a round replaces.
    package enum Victim: String, CaseIterable, Sendable {
        /// Those that were inserted first.
        case oldest
        /// Any, drawn by the seed, but none twice in a round.
        case random
    }
    /// Which of the live keys are read.
    package enum Reads: String, CaseIterable, Sendable {
        /// Each as often.
        case uniform
        /// Some far more often than others (ZipfRanks.swift).
        case zipf
    }

    package var kind: Kind
    /// Keys that live before the first round.
    package var live = 100_000
    /// The share of them that a round replaces.
    package var updateFraction = 0.2
    /// The share of those replaced whose key is new.
    package var drift = 1.0
    package var victim = Victim.oldest
    /// Reads of live keys for each write.
    package var readsPerWrite = 0.0
    package var reads = Reads.uniform
    /// How long a key lives, in nanoseconds of the workload's clock.
    package var ttlNanoseconds: UInt64 = 3_600_000_000_000
    /// How long a day is, in nanoseconds of the workload's clock.
    package var dayNanoseconds: UInt64 = 86_400_000_000_000
    /// How far arrivals rise above their mean by day and fall below it by night, as a share of it.
    package var wave = 0.0
    /// Keys that there are when a leak has come to its end.
    package var size = 1_000_000
    /// When it ends: after so many rounds, or nanoseconds after the map is filled, whichever comes first.
    package var rounds: Int?
    package var durationNanoseconds: UInt64?
    /// Operations a second, of `ttl` arrivals a second; nil is as fast as it goes.
    package var rate: Double?
    /// The least time from the start of a round to that of the next, in nanoseconds.
    package var intervalNanoseconds: UInt64 = 0
    /// 0 or more.
    package var seed = 1
    package var form = EntryForm()
    package var replay = ReplaySettings()
    /// What is done about what the map retains, looked at between two rounds. WorkloadFields.swift leaves it alone.
    package var remedy = RemedyPolicy()

    package init(_ kind: Kind) { self.kind = kind }

    /// Inserts of a round of `leak`, or fewer in its last.
    package static let leakRound = 10_000
    /// Rounds of `ttl` in the life of a key.
    package static let roundsPerLife = 10

    /// Keys that a round replaces.
    package var replacedKeys: Int { max(1, Int((Double(live) * updateFraction).rounded())) }

    /// Whether the clock of `ttl` is made of its operations, not of real time.
    package var isClockSimulated: Bool { kind == .ttl && rate == nil }
}
