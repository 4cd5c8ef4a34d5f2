// The flags that set the runtime, and where else its settings may come from: a flag beats Husk's own variable, and that
// beats Go's.
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
    @Option(help: "The Go to behave as: 1.10, 1.14, 1.19, 1.23, 1.24 or 1.27. (default: 1.23)")
    var go: String?

    @Option(help: "How far the heap may grow between collections, in percent, or off. (default: 100)")
    var gogc: String?

    @Option(help: "Go's soft memory limit, as in 268435456, 256MiB or off. (default: off)")
    var memoryLimit: String?

    @Option(help: "Threads that may mark at the same time. (default: one a core)")
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
        let debug = try goDebug()
        var change = SettingsChange()
        change.profile = try parsed(setting(options.go, "go"), SettingText.profile)
        change.gcPercent = try parsed(setting(options.gogc, "gogc", goName: "GOGC"), SettingText.gcPercent)
        change.memoryLimit = try parsed(
            setting(options.memoryLimit, "memory-limit", goName: "GOMEMLIMIT"), SettingText.memoryLimit)
        change.maxProcs = try parsed(
            setting(options.maxProcs, "max-procs", goName: "GOMAXPROCS"), SettingText.maxProcs)
        change.forceGCPeriodNanoseconds = try parsed(
            setting(options.forceGCPeriod, "force-gc-period"), SettingText.period)
        change.scavenger = try parsed(setting(options.scavenger, "scavenger"), SettingText.scavenger)
        change.scavengePeriodNanoseconds = try parsed(
            setting(options.scavengePeriod, "scavenge-period"), SettingText.period)
        change.madvise = try parsed(setting(options.madvise, "madvise"), SettingText.madvise) ?? debug.madvise
        change.printsTrace =
            options.gctrace
            ? true : try parsed(setting(nil, "gctrace"), SettingText.flag) ?? debug.printsTrace
        return change.applied(to: LabSettings())
    }

    func timeScale(_ options: RuntimeOptions) throws -> Double {
        try parsed(setting(options.timeScale, "time-scale"), SettingText.timeScale) ?? 1
    }

    /// What of GODEBUG concerns a heap; other names in it are other runtimes' business.
    private func goDebug() throws -> (printsTrace: Bool?, madvise: MemoryAdvice?) {
        var result: (printsTrace: Bool?, madvise: MemoryAdvice?)
        guard let text = Self.environment("GODEBUG") else { return result }
        for item in text.split(separator: ",") {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, ["gctrace", "madvdontneed"].contains(pair[0]) else { continue }
            guard let number = Int32(pair[1]) else {
                throw ValidationError("GODEBUG: '\(item)' is not \(pair[0]) and a number, as in \(pair[0])=1")
            }
            if pair[0] == "gctrace" {
                result.printsTrace = number > 0
            } else {
                result.madvise = number == 0 ? .free : .dontneed
            }
        }
        return result
    }
}
