// What workloads have done to the map.

import HuskLab

extension MetricsWriter {
    /// - Parameter counts: of all workloads so far.
    mutating func writeWorkloads(_ counts: OperationCounts, isRunning: Bool) {
        family("husk_workload_operations_total", .counter, "Operations of workloads on the map, by what they were.")
        let operations = [
            ("insert", counts.inserted), ("update", counts.updated), ("delete", counts.deleted),
            ("delete-absent", counts.absent), ("read", counts.reads),
        ]
        for (name, count) in operations {
            sample("husk_workload_operations_total", UInt64(count), ["op": name])
        }
        metric(
            "husk_workload_misses_total", .counter, "Reads of workloads that did not find their key.", counts.misses)
        metric("husk_workload_running", .gauge, "Whether a workload is under way.", isRunning ? 1 : 0)
    }
}
