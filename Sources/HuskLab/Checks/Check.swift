// What Husk looks after by itself: every now and then it looks whether a remedy is due (`PolicyWatch`), and applies it.
//
//     check       conditions                     remedy
//     watchdog    HeapIdle − HeapReleased        FreeOSMemory
//     remedy      what the map retains           any
//     1, 2, …     any but rounds                 any
//
// Checks.swift looks.

/// A figure in bytes that a condition compares, to be told of before and after.
package enum CheckedFigure: String, CaseIterable, Sendable {
    /// Free pages that the kernel does not have back: HeapIdle − HeapReleased.
    case idleBytes
    /// What the map retains: `MapStatistics.retainedBytes`.
    case retainedBytes

    /// What a log calls it.
    package var title: String {
        switch self {
        case .idleBytes: "HeapIdle - HeapReleased"
        case .retainedBytes: "retained"
        }
    }

    func read(_ lab: Lab) -> Int {
        switch self {
        case .idleBytes: Conditions.idleBytes(lab.readMemStats())
        case .retainedBytes: lab.report().statistics.retainedBytes
        }
    }

    /// Those that conditions compare.
    static func compared(by when: Conditions) -> [CheckedFigure] {
        var figures: [CheckedFigure] = []
        if when.idleBytes != nil { figures.append(.idleBytes) }
        if when.retainedBytes != nil { figures.append(.retainedBytes) }
        return figures
    }
}

/// A policy that the lab looks at by itself.
package struct Check: Equatable, Sendable {
    /// Its name in the settings and in metrics.
    package let name: String
    /// Without a remedy it does not look. It has no rounds.
    package var policy: RemedyPolicy
    /// Nanoseconds of the runtime's clock between two looks.
    package var periodNanoseconds: UInt64 = 10_000_000_000

    package init(_ name: String, when: Conditions) {
        self.name = name
        policy = RemedyPolicy(when: when, does: Remedy(.none))
    }

    package var isOn: Bool { policy.does.kind != .none }

    /// Checks that a running lab may have besides the two with names.
    package static let furtherLimit = 16
}

/// Some of a check's settings; nil, and a condition that is left out, stay as they are.
package struct CheckChange: Equatable, Sendable {
    package var when = Conditions()
    package var does: Remedy?
    package var periodNanoseconds: UInt64?

    package init() {}

    package func applied(to old: Check) -> Check {
        var check = old
        check.policy.when = check.policy.when.merged(with: when)
        if let does { check.policy.does = does }
        if let periodNanoseconds { check.periodNanoseconds = periodNanoseconds }
        return check
    }
}

/// One remedy that a check has applied.
package struct CheckAction: Sendable {
    package struct Reading: Sendable {
        package var figure: CheckedFigure
        /// Before, in bytes, and after.
        package var beforeBytes: Int
        package var afterBytes: Int
    }

    package var check: Check
    package var readings: [Reading]
    /// What it did to memory, or why it could not be applied.
    package var outcome: Result<Measured<Void>, LabError>
}
