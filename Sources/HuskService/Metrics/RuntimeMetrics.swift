// The runtime's settings under client_golang's names, and what Husk adds: the collector's pauses and
// what it does by itself.

import GoHeap
import HuskLab
import HuskSystem

extension MetricsWriter {
    /// client_golang's names for what runtime/metrics says of the settings. (1.20: prometheus/go_collector_latest.go)
    mutating func writeSettings(_ settings: LabSettings) {
        // Off is -1, as runtime/debug.SetGCPercent has it.
        metric(
            "go_gc_gogc_percent", .gauge,
            "Heap size target percentage configured by the user, otherwise 100. This value is set by the GOGC environment variable, and the runtime/debug.SetGCPercent function. Sourced from /gc/gogc:percent.",
            settings.runtime.gcPercent ?? -1)
        metric(
            "go_gc_gomemlimit_bytes", .gauge,
            "Go runtime memory limit configured by the user, otherwise math.MaxInt64. This value is set by the GOMEMLIMIT environment variable, and the runtime/debug.SetMemoryLimit function. Sourced from /gc/gomemlimit:bytes.",
            settings.runtime.memoryLimitBytes ?? Int.max)
        metric(
            "go_sched_gomaxprocs_threads", .gauge,
            "The current runtime.GOMAXPROCS setting, or the number of operating system threads that can execute user-level Go code simultaneously. Sourced from /sched/gomaxprocs:threads.",
            settings.runtime.maxProcs)
    }

    mutating func writePauses(_ pauses: Histogram) {
        let name = "husk_gc_pause_seconds"
        family(
            name, .histogram,
            "Seconds that the map's lock was held for the collector or a scavenger at a time.")
        let (buckets, sumNanoseconds) = pauses.read()
        histogram(
            name, buckets, boundsNanoseconds: pauses.boundsNanoseconds, sumNanoseconds: sumNanoseconds
        )
    }

    /// - Parameter checks: their names, and what each has done.
    mutating func writeChecks(_ checks: [(name: String, totals: CheckTotals)]) {
        func totals(_ name: String) -> CheckTotals { checks.first { $0.name == name }?.totals ?? CheckTotals() }
        let kinds = Remedy.allCases.filter { $0 != .none }
        family("husk_checks_total", .counter, "Times that a check has applied a remedy, by check and kind.")
        for check in checks {
            for kind in kinds {
                sample("husk_checks_total", check.totals.runs[kind] ?? 0, ["check": check.name, "kind": kind.rawValue])
            }
        }
        // The two with names have families of their own.
        metric(
            "husk_watchdog_runs_total", .counter, "Times that the watchdog has called FreeOSMemory.",
            totals("watchdog").runs[.freeMemory] ?? 0)
        metric(
            "husk_watchdog_released_bytes_total", .counter, "Bytes by which HeapReleased rose when it did.",
            totals("watchdog").releasedBytes)
        family(
            "husk_remedies_total", .counter,
            "Times that a remedy was applied because the map retained too much, by kind.")
        for kind in kinds {
            sample("husk_remedies_total", totals("remedy").runs[kind] ?? 0, ["kind": kind.rawValue])
        }
    }
}
