// The table of costs: what each run needed, what it left behind, and what its remedy did. In blocks, each of which fits a
// terminal of 80 columns and a phone.

struct CostTable: Equatable {
    struct Column: Equatable {
        /// What several columns beside each other have in common.
        var group = ""
        var name: String
    }

    struct Block: Equatable {
        var title: String
        var columns: [Column]
        /// One for each run; no cells of a run that has nothing to say here.
        var rows: [Row]
    }

    struct Row: Equatable {
        var name: String
        /// A cell for each column, or none.
        var cells: [String]
    }

    var blocks: [Block]
    /// What is to be said of single runs: why they are not whole.
    var remarks: [String]
}

extension Report {
    /// The run of the same Go that does nothing, if it came to its end.
    func baseline(of run: ReportRun) -> ReportRun? {
        runs.first { $0.isBaseline && $0.go == run.go && $0.state == .done && $0.costs != nil }
    }

    var costTable: CostTable {
        CostTable(
            blocks: [
                block("Memory, in MiB", Self.memoryColumns, memoryCells),
                block("CPU, and how long an operation took", Self.workColumns, workCells),
                block("What the remedy did", Self.remedyColumns, remedyCells),
            ], remarks: remarks)
    }

    private func block(
        _ title: String, _ columns: [CostTable.Column], _ cells: (ReportRun, ReportCosts) -> [String]
    ) -> CostTable.Block {
        let rows = zip(runs, names).map { run, name in
            CostTable.Row(name: name, cells: run.costs.map { cells(run, $0) } ?? [])
        }
        return CostTable.Block(title: title, columns: columns, rows: rows)
    }

    /// A figure beside that of the baseline; the baseline has nothing beside it.
    private func change(_ run: ReportRun, _ figure: (ReportCosts) -> Double) -> String {
        guard !run.isBaseline, let costs = run.costs, let base = baseline(of: run)?.costs else { return "" }
        return Numbers.change(figure(costs), from: figure(base)) ?? ""
    }

    private static let memoryColumns: [CostTable.Column] = [
        .init(group: "HeapAlloc", name: "peak"), .init(group: "HeapAlloc", name: "at end"),
        .init(group: "RSS", name: "peak"), .init(group: "RSS", name: "at end"), .init(group: "RSS", name: "to none"),
        .init(name: "retained"),
    ]

    private func memoryCells(_ run: ReportRun, _ costs: ReportCosts) -> [String] {
        [
            Numbers.mebibytes(costs.peakHeapAlloc), Numbers.mebibytes(costs.heapAlloc),
            Numbers.mebibytes(costs.peakRSS),
            Numbers.mebibytes(costs.rss), change(run) { Double($0.rss) }, Numbers.mebibytes(costs.retained),
        ]
    }

    private static let workColumns: [CostTable.Column] = [
        .init(group: "CPU", name: "seconds"), .init(group: "CPU", name: "to none"),
        .init(group: "wait", name: "p50"), .init(group: "wait", name: "p99"), .init(group: "wait", name: "p99.9"),
        .init(group: "wait", name: "longest"),
    ]

    private func workCells(_ run: ReportRun, _ costs: ReportCosts) -> [String] {
        let waits = costs.waitNanoseconds
        return [Numbers.decimal(costs.cpuSeconds, 2), change(run, \.cpuSeconds)]
            + [waits.p50, waits.p99, waits.p999, waits.max].map(Numbers.duration)
    }

    private static let remedyColumns: [CostTable.Column] = [
        .init(name: "runs"), .init(name: "took"), .init(name: "gave back"), .init(name: "misses"),
        .init(name: "GCs"), .init(name: "ops/s"),
    ]

    private func remedyCells(_ run: ReportRun, _ costs: ReportCosts) -> [String] {
        let seconds = Numbers.duration(nanoseconds: Int(costs.remedySeconds * 1e9))
        return [
            costs.remedyRuns == 0 ? "" : Numbers.count(costs.remedyRuns), costs.remedyRuns == 0 ? "" : seconds,
            costs.remedyRuns == 0 ? "" : Numbers.bytes(costs.givenBack), Numbers.count(costs.misses),
            Numbers.count(costs.cycles), Numbers.rate(costs.operationsPerSecond),
        ]
    }

    private var remarks: [String] {
        zip(runs, names).compactMap { run, name in
            let why = run.detail.map { ": \($0)" } ?? ""
            switch run.state {
            case .done: return nil
            case .stopped: return "\(name) was stopped\(run.samples.last.map { " in round \($0.round)" } ?? "")\(why)."
            case .failed: return "\(name) failed\(why)."
            case .refused: return "\(name) was refused\(why)."
            case .missing: return "\(name) did not run\(why)."
            }
        }
    }
}
