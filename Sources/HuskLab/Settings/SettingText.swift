// Settings as people write them, in flags, variables and JSON strings, and the ranges that they must be in.

import GoHeap
import GoMap

/// A text is no value of a setting.
package struct SettingError: Error, Equatable, Sendable {
    /// What it should have been, as in "expected off or a number from 0 to 100".
    package var expected: String

    package init(expected: String) { self.expected = expected }
}

/// Reads settings from text, and knows their limits.
package enum SettingText {
    /// Percents, as GOGC takes them.
    package static let gcPercentRange = 0...Int(Int32.max)
    /// More threads than this mark no faster.
    package static let maxProcsRange = 1...64
    /// Shorter periods would leave the runtime nothing else to do; a year is as good as never.
    package static let periodNanosecondsRange: ClosedRange<UInt64> = 10_000_000...31_536_000_000_000_000
    package static let timeScaleRange = 1.0...10_000.0

    /// The profile that a release's name stands for, as in `1.23`.
    package static func profile(_ text: String) throws(SettingError) -> GoProfile { try oneOf(text) }

    package static func scavenger(_ text: String) throws(SettingError) -> Scavenger { try oneOf(text) }

    package static func remedyKind(_ text: String) throws(SettingError) -> Remedy.Kind { try oneOf(text) }

    package static func madvise(_ text: String) throws(SettingError) -> MemoryAdvice { try oneOf(text) }

    package static func layout(_ text: String) throws(SettingError) -> MapLayout { try oneOf(text) }

    package static func shards(_ text: String) throws(SettingError) -> Int {
        guard let shards = Int(text), ShardedMap.isCount(shards) else {
            throw SettingError(expected: expectedShards)
        }
        return shards
    }

    /// How many shards the remedy of that name makes: more than one.
    package static func remedyShards(_ text: String) throws(SettingError) -> Int {
        guard let shards = Int(text), Remedy.isShardCount(shards) else {
            throw SettingError(expected: expectedRemedyShards)
        }
        return shards
    }

    package static let expectedRemedyShards =
        "expected a power of two from 2 to \(ShardedMap.countRange.upperBound)"

    package static let expectedShards =
        "expected a power of two from \(ShardedMap.countRange.lowerBound) to \(ShardedMap.countRange.upperBound)"

    /// A percentage or `off`. (Go's own GOGC, which takes negative ones for off: GoVariables.swift)
    package static func gcPercent(_ text: String) throws(SettingError) -> SettingsChange.GCPercent {
        if text == "off" { return .off }
        guard let percent = Int(text), gcPercentRange.contains(percent) else {
            throw SettingError(
                expected: "expected off or a number of percent from 0 to \(gcPercentRange.upperBound)")
        }
        return .percent(percent)
    }

    /// Go's GOMEMLIMIT: bytes with or without a suffix, or `off`.
    package static func memoryLimit(_ text: String) throws(SettingError) -> SettingsChange.MemoryLimit {
        if text == "off" { return .none }
        guard let bytes = ByteCount.parse(text) else {
            throw SettingError(expected: "expected off or a size, as in 268435456, 256MiB or 4GiB")
        }
        // Go's own "no limit". (math.MaxInt64)
        return bytes == .max ? .none : .bytes(bytes)
    }

    /// The same, and `90%` of what the process can have.
    package static func memoryLimit(
        _ text: String, of ceiling: MemoryCeiling
    ) throws(SettingError) -> SettingsChange.MemoryLimit {
        if let percent = percent(text) { return .bytes(ceiling.bytes(percent: percent)) }
        do throws(SettingError) {
            return try memoryLimit(text)
        } catch {
            throw SettingError(expected: error.expected + ", or a percentage from 1% to 100%")
        }
    }

    /// The number in `90%`; nil when it is no such text.
    package static func percent(_ text: String) -> Int? {
        guard text.hasSuffix("%"), let percent = ByteCount.parse(String(text.dropLast())),
            (1...100).contains(percent), text.dropLast().allSatisfy(\.isNumber)
        else { return nil }
        return percent
    }

    /// A number of threads, or `auto` for as many as Go 1.25 would take.
    package static func maxProcs(_ text: String, of ceiling: ProcessorCeiling) throws(SettingError) -> Int {
        if text == "auto" { return min(ceiling.processorCount, maxProcsRange.upperBound) }
        guard let procs = Int(text), maxProcsRange.contains(procs) else {
            throw SettingError(
                expected:
                    "expected auto or a number from \(maxProcsRange.lowerBound) to \(maxProcsRange.upperBound)")
        }
        return procs
    }

    /// A period as Go writes durations, as in `2m0s`; answers its nanoseconds.
    package static func period(_ text: String) throws(SettingError) -> UInt64 {
        guard let duration = GoDuration(parsing: text), duration.nanoseconds > 0,
            periodNanosecondsRange.contains(UInt64(duration.nanoseconds))
        else {
            throw SettingError(expected: "expected a duration from 10ms to 8760h, as in 2m0s or 1.5s")
        }
        return UInt64(duration.nanoseconds)
    }

    package static func timeScale(_ text: String) throws(SettingError) -> Double {
        guard let scale = Double(text), timeScaleRange.contains(scale) else {
            throw SettingError(expected: "expected a number from 1 to 10000")
        }
        return scale
    }

    package static func flag(_ text: String) throws(SettingError) -> Bool {
        switch text {
        case "1", "true": true
        case "0", "false": false
        default: throw SettingError(expected: "expected true or false, or 1 or 0")
        }
    }

    private static func oneOf<Choice: RawRepresentable & CaseIterable>(
        _ text: String
    ) throws(SettingError) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingError(expected: "expected one of \(known)")
        }
        return choice
    }
}
