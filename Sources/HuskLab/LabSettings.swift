// What may be changed of a running lab, and how a change is put together: field by field, the rest stays.

import GoHeap

/// The runtime's settings, and what Husk adds to them.
package struct LabSettings: Equatable, Sendable {
    package var profile: GoProfile
    package var runtime: RuntimeSettings
    /// Whether gctrace and scavenger lines are printed as they come (Go: `GODEBUG=gctrace=1`).
    package var printsTrace = false
    package var watchdog = WatchdogSettings()

    package init(profile: GoProfile = .go1_23) {
        self.profile = profile
        runtime = RuntimeSettings(profile: profile)
    }
}

/// When the watchdog gives memory back.
package struct WatchdogSettings: Equatable, Sendable {
    package var isEnabled = false
    /// Nanoseconds of the runtime's clock between two looks.
    package var periodNanoseconds: UInt64 = 10_000_000_000
    /// FreeOSMemory runs when HeapIdle − HeapReleased is over so many bytes.
    package var idleBytes = 64 << 20
}

/// Some settings; nil stays as it is.
package struct SettingsChange: Equatable, Sendable {
    package enum GCPercent: Equatable, Sendable {
        case off
        case percent(Int)
    }
    package enum MemoryLimit: Equatable, Sendable {
        case none
        case bytes(Int)
    }

    package var profile: GoProfile?
    package var gcPercent: GCPercent?
    package var memoryLimit: MemoryLimit?
    package var maxProcs: Int?
    package var forceGCPeriodNanoseconds: UInt64?
    package var scavenger: Scavenger?
    package var scavengePeriodNanoseconds: UInt64?
    package var madvise: MemoryAdvice?
    package var printsTrace: Bool?
    package var watchdogIsEnabled: Bool?
    package var watchdogPeriodNanoseconds: UInt64?
    package var watchdogIdleBytes: Int?

    package init() {}

    /// The settings with this change made. Another profile brings its own scavenger and madvise, unless they are given too.
    package func applied(to old: LabSettings) -> LabSettings {
        var settings = old
        if let profile, profile != old.profile {
            settings.profile = profile
            settings.runtime.scavenger = profile.scavenger
            settings.runtime.madvise = profile.madvise
        }
        switch gcPercent {
        case .off: settings.runtime.gcPercent = nil
        case .percent(let percent): settings.runtime.gcPercent = percent
        case nil: break
        }
        switch memoryLimit {
        case .some(.none): settings.runtime.memoryLimitBytes = nil
        case .bytes(let bytes): settings.runtime.memoryLimitBytes = bytes
        case nil: break
        }
        if let maxProcs { settings.runtime.maxProcs = maxProcs }
        if let forceGCPeriodNanoseconds {
            settings.runtime.forceGCPeriodNanoseconds = forceGCPeriodNanoseconds
        }
        if let scavenger { settings.runtime.scavenger = scavenger }
        if let scavengePeriodNanoseconds {
            settings.runtime.scavengePeriodNanoseconds = scavengePeriodNanoseconds
        }
        if let madvise { settings.runtime.madvise = madvise }
        if let printsTrace { settings.printsTrace = printsTrace }
        if let watchdogIsEnabled { settings.watchdog.isEnabled = watchdogIsEnabled }
        if let watchdogPeriodNanoseconds { settings.watchdog.periodNanoseconds = watchdogPeriodNanoseconds }
        if let watchdogIdleBytes { settings.watchdog.idleBytes = watchdogIdleBytes }
        return settings
    }
}
