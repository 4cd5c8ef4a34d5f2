// What may be changed of a running lab.

import GoHeap

/// The runtime's settings, and what Husk adds to them.
package struct LabSettings: Equatable, Sendable {
    package var profile: GoProfile
    package var runtime: RuntimeSettings
    /// Whether gctrace and scavenger lines are printed as they come (Go: `GODEBUG=gctrace=1`).
    package var printsTrace = false
    /// What the watchdog does about idle pages: nothing, or FreeOSMemory.
    package var watchdog = CheckSettings()
    /// What Husk does about what the map retains.
    package var remedy = CheckSettings()

    package init(profile: GoProfile = .go1_23) {
        self.profile = profile
        runtime = RuntimeSettings(profile: profile)
    }
}
