// What may be changed of a running lab.

import GoHeap

/// The runtime's settings, and what Husk adds to them.
package struct LabSettings: Equatable, Sendable {
    package var profile: GoProfile
    package var runtime: RuntimeSettings
    /// Whether gctrace and scavenger lines are printed as they come (Go: `GODEBUG=gctrace=1`).
    package var printsTrace = false
    /// What Husk looks after by itself: two with names, then those that clients have added.
    package private(set) var checks = Self.namedChecks

    package init(profile: GoProfile = .go1_23) {
        self.profile = profile
        runtime = RuntimeSettings(profile: profile)
    }

    private static var namedChecks: [Check] {
        var (idle, retained) = (Conditions(), Conditions())
        idle.idleBytes = 64 << 20
        retained.retainedBytes = 64 << 20
        return [Check("watchdog", when: idle), Check("remedy", when: retained)]
    }

    /// What is done about idle pages: nothing, or FreeOSMemory.
    package var watchdog: Check {
        get { checks[0] }
        set { checks[0] = newValue }
    }
    /// What is done about what the map retains.
    package var remedy: Check {
        get { checks[1] }
        set { checks[1] = newValue }
    }
    /// The checks without names of their own, at most `Check.furtherLimit`.
    package var furtherChecks: [Check] {
        get { Array(checks[2...]) }
        set { checks = checks[..<2] + newValue }
    }
}
