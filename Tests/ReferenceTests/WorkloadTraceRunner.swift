// Runs the traces T5 and T5L as a workload does: the operations of `partial-update`, applied to a lab's map.

import GoHeap
import GoMap
import HuskLab
import Workloads

struct WorkloadTraceRunner {
    private let lab: Lab
    private let source: any OperationSource
    private let type: MapTypeName
    private var base: MemStats?
    private var snapshots: [TraceRunner.Snapshot] = []

    init(_ row: GoRow, version: GoVersion, seed: UInt32) throws {
        type = try MapTypeName(parsing: row.type)
        var configuration = Lab.Configuration()
        configuration.type = type
        configuration.settings = LabSettings(profile: version.profile)
        configuration.maxMemoryBytes = 1 << 30
        configuration.seed = UInt64(seed)
        lab = try Lab(configuration)
        var workload = Workload(.partialUpdate)
        workload.live = row.N
        // As many bytes as the reference's values have.
        workload.form.valueBytes = type.value == .bytes ? 64 : 16
        source = try workload.makeSource(for: type)
    }

    consuming func run(_ row: GoRow) throws -> [TraceRunner.Snapshot] {
        _ = lab.setNil()
        snapshot("baseline", at: 0)
        _ = try lab.replace(with: Replacement())
        snapshot("make", at: 0)
        let map = lab.currentMap()
        var tally = OperationTally()
        try applyRound(map, &tally)
        snapshot("fill", at: row.N)
        var round = 0
        for step in row.steps where step.step == "round" {
            while round < step.at {
                round += 1
                try applyRound(map, &tally)
            }
            snapshot("round", at: round)
        }
        _ = lab.setNil()
        snapshot("nil", at: 0)
        return snapshots
    }

    private func applyRound(_ map: MapIdentity, _ tally: inout OperationTally) throws {
        let batch = OperationBatch()
        var step = SourceStep.goesOn
        while step == .goesOn {
            batch.removeAll()
            step = try source.fill(batch, limit: OperationBatch.capacity, seconds: 0)
            try lab.apply(batch, to: map, &tally)
        }
    }

    private mutating func snapshot(_ step: String, at: Int) {
        _ = lab.collect()
        _ = lab.collect()
        let stats = lab.readMemStats()
        let map = lab.report().statistics
        base = base ?? stats
        snapshots.append(
            TraceRunner.Snapshot(
                step: step, at: at, len: map.count, figures: TraceRunner.figures(stats, since: base!, map),
                spanAllowanceBytes: TraceRunner.spanAllowanceBytes(stats),
                closedTinyBlocks: TraceRunner.makesTinyObjects(type) ? Int(stats.numGC - stats.numForcedGC) : 0))
    }
}
