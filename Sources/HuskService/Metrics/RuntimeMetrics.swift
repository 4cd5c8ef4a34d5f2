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

    mutating func writeTimeline(_ recorder: TimelineRecorder) {
        let name = "husk_timeline_lock_seconds"
        family(name, .histogram, "Seconds that the map's lock was held for samples of the timeline at a time.")
        let (buckets, sumNanoseconds) = recorder.lockTimes.read()
        histogram(
            name, buckets, boundsNanoseconds: TimelineRecorder.lockBoundsNanoseconds,
            sumNanoseconds: sumNanoseconds)
        metric("husk_event_listeners", .gauge, "Clients that listen to GET /events.", recorder.listenerCount)
    }

    /// - Parameters:
    ///   - totals: what remedies have done, by who applied them and by kind.
    ///   - checks: those that there are; each has its series from the start, and so have workloads.
    mutating func writeRemedies(_ totals: [String: [Remedy.Kind: RemedyTotals]], checks: [Check]) {
        let kinds = Remedy.Kind.allCases.filter { $0 != .none }
        let names = checks.map(\.name) + ["workload"]
        func series(_ family: String, _ help: String, _ value: (RemedyTotals) -> Double) {
            self.family(family, .counter, help)
            for name in names + totals.keys.filter({ !names.contains($0) }).sorted() {
                for kind in kinds {
                    let done = totals[name]?[kind] ?? RemedyTotals()
                    sample(family, value(done), ["by": name, "kind": kind.rawValue])
                }
            }
        }
        series(
            "husk_remedy_runs_total",
            "Times that a remedy was applied to its end, by who applied it (a check or a workload) and by kind."
        ) { Double($0.runs) }
        series("husk_remedy_seconds_total", "Seconds that it took, the collection after it included.") {
            Double($0.nanoseconds) / 1e9
        }
        series("husk_remedy_freed_bytes_total", "Bytes by which HeapAlloc fell meanwhile.") { Double($0.freedBytes) }
        series("husk_remedy_released_bytes_total", "Bytes by which HeapReleased rose meanwhile.") {
            Double($0.releasedBytes)
        }
        // The families of before, of the checks only.
        func runs(_ name: String, _ kind: Remedy.Kind) -> UInt64 { totals[name]?[kind]?.runs ?? 0 }
        family("husk_checks_total", .counter, "Times that a check has applied a remedy, by check and kind.")
        for check in checks {
            for kind in kinds {
                sample("husk_checks_total", runs(check.name, kind), ["check": check.name, "kind": kind.rawValue])
            }
        }
        metric(
            "husk_watchdog_runs_total", .counter, "Times that the watchdog has called FreeOSMemory.",
            runs("watchdog", .freeMemory))
        metric(
            "husk_watchdog_released_bytes_total", .counter, "Bytes by which HeapReleased rose when it did.",
            totals["watchdog"]?[.freeMemory]?.releasedBytes ?? 0)
        family(
            "husk_remedies_total", .counter,
            "Times that a remedy was applied because the map retained too much, by kind.")
        for kind in kinds {
            sample("husk_remedies_total", runs("remedy", kind), ["kind": kind.rawValue])
        }
    }
}
