// What Husk looks after by itself: every now and then it looks at a few figures, and when each is over its limit it applies a
// remedy.
//
//     check       figure                         remedy
//     watchdog    HeapIdle − HeapReleased        FreeOSMemory
//     remedy      what the map retains           any
//     1, 2, …     any                            any
//
// Checks.swift looks.

/// A figure that a check may look at. A new one is a case here; the compiler says what else it needs.
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
        case .idleBytes:
            let stats = lab.readMemStats()
            return Int(stats.heapIdle - stats.heapReleased)
        case .retainedBytes: return lab.report().statistics.retainedBytes
        }
    }
}

/// When a remedy is applied, and which.
package struct Check: Equatable, Sendable {
    /// Its name in the settings and in metrics.
    package let name: String
    /// The remedy is applied when each of these figures is over so many bytes. One at least.
    package var when: [CheckedFigure: Int]
    /// `none`: it does not look.
    package var does = Remedy.none
    /// Nanoseconds of the runtime's clock between two looks.
    package var periodNanoseconds: UInt64 = 10_000_000_000

    package init(_ name: String, when: [CheckedFigure: Int]) {
        self.name = name
        self.when = when
    }

    /// Checks that a running lab may have besides the two with names.
    package static let furtherLimit = 16
}

/// Some of a check's settings; nil, and a figure that is left out, stay as they are.
package struct CheckChange: Equatable, Sendable {
    package var when: [CheckedFigure: Int] = [:]
    package var does: Remedy?
    package var periodNanoseconds: UInt64?

    package init() {}

    package func applied(to old: Check) -> Check {
        var check = old
        check.when.merge(when) { _, new in new }
        if let does { check.does = does }
        if let periodNanoseconds { check.periodNanoseconds = periodNanoseconds }
        return check
    }
}

/// What a check has done so far.
package struct CheckTotals: Equatable, Sendable {
    /// How often each remedy was applied to its end.
    package var runs: [Remedy: UInt64] = [:]
    /// By how many bytes HeapReleased rose meanwhile, in all.
    package var releasedBytes: UInt64 = 0

    package init() {}
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
