// The page that Prometheus scrapes: the Go runtime's metrics and the process's under client_golang's names, so that
// dashboards for Go services work as they are, and Husk's own.

import GoHeap
import GoMap
import HuskLab
import HuskSystem
import MicroHTTP

extension Service {
    /// - Parameters:
    ///   - selection: the families that are asked for; nil for all.
    ///   - requestsUnderWay: the one that asks included.
    ///   - connections: those open, the one that asks included.
    func metricsPage(
        _ format: MetricsWriter.Format, only selection: Set<String>?, requestsUnderWay: Int, connections: Int
    ) -> String {
        var page = MetricsWriter(format, only: selection)
        let settings = lab.settings
        let threads = figures.threads
        page.writeGoRuntime(
            lab.readMemStats(), version: "go\(settings.profile.rawValue)", threads: threads)
        page.metric(
            "go_goroutines", .gauge,
            "Requests under way and threads of Husk: what stands here for a Go programme's goroutines.",
            requestsUnderWay + threads)
        page.writeSettings(settings)
        page.writePauses(lab.pauses)
        page.writeRemedies(lab.remedyTotals(), checks: settings.checks)
        page.writeProcess(figures)
        page.writeMap(lab.report())
        page.writeTimeline(recorder)
        page.writeWorkloads(workloads.counts, isRunning: workloads.isRunning)
        page.metric("husk_http_connections", .gauge, "Connections that are open.", connections)
        page.writeRequests(counters)
        page.writeScrapes(counters, underWay: scrapesUnderWay.load(ordering: .relaxed))
        page.family("husk_build_info", .gauge, "What is running; always 1.")
        page.sample(
            "husk_build_info", 1.0,
            ["version": Version.husk, "swift": Version.swift, "libmicrohttpd": Version.libmicrohttpd])
        page.finish()
        return page.text
    }
}

extension MetricsWriter {
    /// client_golang's go collector. (prometheus/go_collector.go, prometheus/go_collector_latest.go)
    mutating func writeGoRuntime(_ stats: MemStats, version: String, threads: Int) {
        let pauses = Array(stats.pauseNs.prefix(Int(min(stats.numGC, 256)))).sorted()
        family(
            "go_gc_duration_seconds", .summary,
            "A summary of the wall-time pause (stop-the-world) duration in garbage collection cycles.")
        for index in 0...4 {
            // As runtime/debug.ReadGCStats picks them.
            let pause = pauses.isEmpty ? 0 : pauses[min(pauses.count * index / 4, pauses.count - 1)]
            sample("go_gc_duration_seconds", Double(pause) / 1e9, ["quantile": bound(Double(index) / 4)])
        }
        sample("go_gc_duration_seconds_sum", Double(stats.pauseTotalNs) / 1e9)
        sample("go_gc_duration_seconds_count", UInt64(stats.numGC))
        family("go_info", .gauge, "Information about the Go environment.")
        // The Go that the heap behaves as.
        sample("go_info", 1.0, ["version": version])
        for metric in Self.memStatsMetrics {
            self.metric(metric.name, metric.kind, metric.help, metric.value(stats))
        }
        metric(
            "go_memstats_last_gc_time_seconds", .gauge,
            "Number of seconds since 1970 of last garbage collection.",
            Double(stats.lastGC) / 1e9)
        metric(
            "go_memstats_gc_cpu_fraction", .gauge,
            "The fraction of this program's available CPU time used by the GC since the program started.",
            stats.gcCPUFraction)
        metric("go_threads", .gauge, "Number of OS threads created.", threads)
    }

    /// client_golang's process collector. (prometheus/process_collector.go)
    mutating func writeProcess(_ figures: ProcessFigures) {
        let memory = ProcessMemory.read()
        metric(
            "process_cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.",
            ProcessTime.cpuSeconds)
        metric("process_max_fds", .gauge, "Maximum number of open file descriptors.", figures.openFilesLimit)
        metric("process_open_fds", .gauge, "Number of open file descriptors.", figures.openFiles)
        metric(
            "process_resident_memory_bytes", .gauge, "Resident memory size in bytes.", memory.residentBytes)
        metric(
            "process_start_time_seconds", .gauge, "Start time of the process since unix epoch in seconds.",
            figures.startTimeSeconds)
        metric("process_virtual_memory_bytes", .gauge, "Virtual memory size in bytes.", memory.virtualBytes)
        metric(
            "process_virtual_memory_max_bytes", .gauge,
            "Maximum amount of virtual memory available in bytes.",
            figures.virtualBytesLimit)
        guard let network = figures.networkBytes else { return }
        metric(
            "process_network_receive_bytes_total", .counter,
            "Number of bytes received by the process over the network.", network.received)
        metric(
            "process_network_transmit_bytes_total", .counter,
            "Number of bytes sent by the process over the network.", network.sent)
    }

    /// The figures of GET /map.
    mutating func writeMap(_ report: MapReport) {
        let statistics = report.statistics
        family("husk_map_info", .gauge, "What the map is; always 1.")
        sample("husk_map_info", 1.0, ["type": "\(statistics.type)", "layout": statistics.layout.rawValue])
        metric("husk_map_nil", .gauge, "Whether the map is nil.", statistics.isNil ? 1 : 0)
        metric("husk_map_shards", .gauge, "Maps that the hash of a key picks from.", report.shards)
        metric("husk_map_hint", .gauge, "Entries that the map was made with room for.", report.hint)
        metric("husk_map_entries", .gauge, "Entries in the map: its len.", statistics.count)
        metric(
            "husk_map_slots", .gauge, "Places for entries, those in overflow buckets included.",
            statistics.slots)
        metric(
            "husk_map_load_factor", .gauge,
            "Entries per bucket, where Go doubles the map above 6.5, or per group.",
            statistics.loadFactor)
        let bytes = statistics.bytes
        family("husk_map_bytes", .gauge, "Bytes of the map on the heap, by part.")
        let parts: KeyValuePairs = [
            "header": bytes.header, "buckets": bytes.buckets, "overflow": bytes.overflow,
            "old_buckets": bytes.oldBuckets, "directory": bytes.directory, "indirect": bytes.indirect,
        ]
        for (part, count) in parts { sample("husk_map_bytes", UInt64(count), ["part": part]) }
        metric(
            "husk_map_retained_bytes", .gauge,
            "Bytes that the map holds beyond what a fresh one would for the same entries.",
            statistics.retainedBytes)
        switch statistics.ofLayout {
        case .bucket(let bucket): writeBuckets(bucket)
        case .swiss(let swiss): writeTables(swiss)
        case nil: break
        }
    }

    private mutating func writeBuckets(_ bucket: BucketStatistics) {
        metric("husk_map_buckets", .gauge, "Buckets of the array.", bucket.chains)
        metric("husk_map_overflow_buckets", .gauge, "Overflow buckets in use.", bucket.overflowBuckets)
        metric(
            "husk_map_growing", .gauge, "Whether old chains are still being evacuated.", bucket.growing ? 1 : 0)
        metric(
            "husk_map_evacuated_buckets", .gauge, "Old chains that the growth under way has evacuated.",
            bucket.evacuated)
        metric("husk_map_longest_chain_buckets", .gauge, "Buckets in the longest chain.", bucket.longestChain)
    }

    private mutating func writeTables(_ swiss: SwissStatistics) {
        metric("husk_map_tables", .gauge, "Tables that the directory leads to.", swiss.tables)
        metric("husk_map_groups", .gauge, "Groups of eight slots.", swiss.groups)
        metric(
            "husk_map_tombstones", .gauge, "Slots of deleted entries that searches must go past.",
            swiss.tombstones)
        metric(
            "husk_map_growth_left", .gauge, "Empty slots that may be filled before a table grows.",
            swiss.growthLeft)
    }

    mutating func writeRequests(_ counters: RequestCounters) {
        family("husk_http_requests_total", .counter, "HTTP requests answered, by route, method and status.")
        for (route, template) in counters.routes.enumerated() {
            for method in Method.allCases {
                for (index, status) in RequestCounters.statuses.enumerated() {
                    let count = counters.requests(route: route, method: method, statusIndex: index)
                    if count == 0 { continue }
                    let label = status == 0 ? "none" : status == 1 ? "other" : "\(status)"
                    sample(
                        "husk_http_requests_total", count,
                        ["route": template, "method": method.name, "status": label])
                }
            }
        }
        let name = "husk_http_request_duration_seconds"
        family(
            name, .histogram, "Seconds from complete headers to the last byte handed to the socket, by route."
        )
        for (route, template) in counters.routes.enumerated() {
            let (buckets, sumNanoseconds) = counters.durations(route: route)
            if buckets.allSatisfy({ $0 == 0 }) { continue }
            histogram(
                name, buckets, boundsNanoseconds: RequestCounters.boundsNanoseconds,
                sumNanoseconds: sumNanoseconds, ("route", template))
        }
    }

    /// What client_golang's handler says of itself. (prometheus/promhttp/http.go, InstrumentMetricHandler)
    mutating func writeScrapes(_ counters: RequestCounters, underWay: Int) {
        family(
            "promhttp_metric_handler_requests_total", .counter, "Total number of scrapes by HTTP status code."
        )
        let route = counters.routes.firstIndex(of: "/metrics")!
        for (index, status) in RequestCounters.statuses.enumerated() where status >= 200 {
            let count = Method.allCases.reduce(0) {
                $0 + counters.requests(route: route, method: $1, statusIndex: index)
            }
            // The most likely ones are there from the start.
            if count == 0, ![200, 500, 503].contains(status) { continue }
            sample("promhttp_metric_handler_requests_total", count, ["code": "\(status)"])
        }
        metric(
            "promhttp_metric_handler_requests_in_flight", .gauge, "Current number of scrapes being served.",
            underWay)
    }
}

extension Method {
    /// As it goes over the wire.
    var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .put: "PUT"
        case .post: "POST"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        case .other: "other"
        }
    }
}
