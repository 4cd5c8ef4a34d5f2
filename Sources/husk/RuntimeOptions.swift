// The flags that set the runtime, and where else its settings may come from: a flag beats Husk's own variable, and that
// beats Go's, which is read as Go reads it (GoVariables.swift).
//
//     --gogc 50        HUSK_GOGC=50           GOGC=50
//     --memory-limit   HUSK_MEMORY_LIMIT      GOMEMLIMIT
//     --max-procs      HUSK_MAX_PROCS         GOMAXPROCS
//     --gctrace        HUSK_GCTRACE=1         GODEBUG=gctrace=1
//     --madvise free   HUSK_MADVISE=free      GODEBUG=madvdontneed=0

import ArgumentParser
import GoHeap
import HuskLab

struct RuntimeOptions: ParsableArguments {
    @Option(
        help: """
            The Go to behave as: \(GoProfile.allCases.map(\.rawValue).joined(separator: ", ")). \
            (default: \(LabSettings().profile.rawValue))
            """)
    var go: String?

    @Option(help: "How far the heap may grow between collections, in percent, or off. (default: 100)")
    var gogc: String?

    @Option(help: "Go's soft memory limit, as in 268435456, 256MiB, 90% of the cgroup's limit, or off. (default: off)")
    var memoryLimit: String?

    @Option(
        help: """
            Threads that may mark at the same time; auto for as many as the cgroup's quota is worth. (default: one a core, \
            and auto from Go 1.25 on)
            """)
    var maxProcs: String?

    @Option(
        name: .customLong("force-gc-period"), help: "A collection is forced after so long. (default: 2m0s)")
    var forceGCPeriod: String?

    @Option(help: "periodic, background or off. (default: the profile's)")
    var scavenger: String?

    @Option(help: "How long pages are idle before the periodic scavenger takes them. (default: 5m0s)")
    var scavengePeriod: String?

    @Option(help: "dontneed, or free: then RSS does not fall. (default: the profile's)")
    var madvise: String?

    @Flag(help: "Print each collection and scavenge to stderr, as GODEBUG=gctrace=1 does.")
    var gctrace = false

    @Option(help: "How many times as fast the runtime's clock runs. (default: 1)")
    var timeScale: String?
}

extension Settings {
    /// The runtime's settings at the start.
    func runtimeSettings(_ options: RuntimeOptions) throws -> LabSettings {
        var change = SettingsChange()
        change.profile = try parsed(setting(options.go, "go"), SettingText.profile)
        var go = GoVariables(change.profile ?? LabSettings().profile, value: Self.environment)
        change.gcPercent = try parsed(setting(options.gogc, "gogc"), SettingText.gcPercent) ?? go.gcPercent()
        change.memoryLimit =
            try parsed(setting(options.memoryLimit, "memory-limit"), memoryLimit) ?? memoryLimit(&go)
        change.maxProcs =
            try parsed(setting(options.maxProcs, "max-procs"), maxProcs) ?? go.maxProcs() ?? go.maxProcsWithoutQuota()
        if change.maxProcs == nil, go.profile.readsProcessorQuota { tellOfQuota() }
        change.forceGCPeriodNanoseconds = try parsed(
            setting(options.forceGCPeriod, "force-gc-period"), SettingText.period)
        change.scavenger = try parsed(setting(options.scavenger, "scavenger"), SettingText.scavenger)
        change.scavengePeriodNanoseconds = try parsed(
            setting(options.scavengePeriod, "scavenge-period"), SettingText.period)
        change.madvise = try parsed(setting(options.madvise, "madvise"), SettingText.madvise) ?? go.madvise()
        let printsTrace = setting(options.gctrace ? "true" : nil, "gctrace")
        change.printsTrace = try parsed(printsTrace, SettingText.flag) ?? go.printsTrace()
        warn(go.warnings)
        return change.applied(to: LabSettings())
    }

    func timeScale(_ options: RuntimeOptions) throws -> Double {
        try parsed(setting(options.timeScale, "time-scale"), SettingText.timeScale) ?? 1
    }

    /// Says what a percentage is of.
    private func memoryLimit(_ text: String) throws(SettingError) -> SettingsChange.MemoryLimit {
        let ceiling = MemoryCeiling.ofThisProcess
        let limit = try SettingText.memoryLimit(text, of: ceiling)
        if SettingText.percent(text) != nil, case .bytes(let bytes) = limit {
            inform("the memory limit is \(bytes >> 20) MiB: \(text) of \(ceiling), \(ceiling.bytes >> 20) MiB")
        }
        return limit
    }

    /// Says where `auto` comes from.
    private func maxProcs(_ text: String) throws(SettingError) -> Int {
        let ceiling = ProcessorCeiling.ofThisProcess
        let procs = try SettingText.maxProcs(text, of: ceiling)
        if text == "auto" { inform("GOMAXPROCS is \(procs): \(ceiling)") }
        return procs
    }

    /// Says so when a Go that reads the quota by itself starts with fewer threads for it.
    private func tellOfQuota() {
        let ceiling = ProcessorCeiling.ofThisProcess
        if ceiling.processorCount < ceiling.installed { inform("GOMAXPROCS is \(ceiling.processorCount): \(ceiling)") }
    }

    private func memoryLimit(_ go: inout GoVariables) throws -> SettingsChange.MemoryLimit? {
        do throws(SettingError) {
            return try go.memoryLimit()
        } catch {
            throw ValidationError("GOMEMLIMIT: \(error.expected)")
        }
    }
}
