// How a change of settings is put together: field by field, the rest stays.

import GoHeap

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
    package var watchdog = CheckChange()
    package var remedy = CheckChange()
    /// All of them: there are as many afterwards.
    package var furtherChecks: [Check]?

    package init() {}

    /// The settings with this change made. Another profile brings its own scavenger and madvise, and its GOMAXPROCS where
    /// that had not been set, unless they are given too.
    package func applied(to old: LabSettings) -> LabSettings {
        var settings = old
        if let profile, profile != old.profile {
            settings.profile = profile
            if old.runtime.maxProcs == old.profile.maxProcs { settings.runtime.maxProcs = profile.maxProcs }
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
        settings.watchdog = watchdog.applied(to: old.watchdog)
        settings.remedy = remedy.applied(to: old.remedy)
        if let furtherChecks { settings.furtherChecks = furtherChecks }
        return settings
    }
}
