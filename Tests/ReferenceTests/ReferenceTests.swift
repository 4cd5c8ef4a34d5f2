// Husk against real Go 1.23.9, figure by figure, after every step of every trace.
//
// How a figure is compared:
//
//   exact     Go's five runs agreed: each of Husk's seeds gives the same number.
//   noise     they differ by at most 200 bytes or 2 objects, which is the noise of Go's own runtime: Husk's mean is
//             inside their range.
//   seed      the hash seed makes them differ: Husk's mean over its seeds (20, or 5 at a million entries) is inside
//             their range or within 0.2% of their mean.
//   HeapInuse counts whole spans. Some of Go's small objects land in spans that its runtime had already, so 8 KiB is
//             allowed for each size class that the trace has allocated small objects from.
//
// The overflow buckets of a map[int]int etc. make an exact Go figure depend on the hash in one place: the array that
// lists them doubles at a power of two. `exact` allows no difference for that; the seeds are fixed, and none falls there.

import GoMap
import Testing

@Suite struct ReferenceTests {
    private static let traces: Set<String> = ["T1", "T2", "T2K", "T3", "T4", "T6"]

    @Test("Every figure of every trace is Go 1.23.9's")
    func figuresAreGos() throws {
        let rows = try GoRow.load().filter { Self.traces.contains($0.trace) }
        #expect(rows.count > 80)
        var comparisons: [Comparison] = []
        for row in rows { comparisons += try compare(row) }

        print("trace type N                            step                     figure        Go mean      Husk mean  difference  rule")
        for comparison in comparisons { print(comparison) }
        let failed = comparisons.filter { !$0.holds }
        let exact = comparisons.count { $0.least == $0.greatest && $0.difference == 0 }
        print("\(comparisons.count) figures, \(exact) of them exactly Go's; \(failed.count) do not hold:")
        for comparison in failed { print(comparison) }
        #expect(failed.isEmpty)
    }

    private func compare(_ row: GoRow) throws -> [Comparison] {
        let seeds: ClosedRange<UInt32> = row.N >= 1_000_000 ? 1...5 : 1...20
        var runs: [[TraceRunner.Snapshot]] = []
        for seed in seeds {
            var runner = try TraceRunner(type: row.type, seed: seed &* 0x9E37_79B9)
            runner.run(row)
            runs.append(runner.snapshots)
            runner.destroy()
        }
        var comparisons: [Comparison] = []
        for (index, go) in row.steps.enumerated() {
            let snapshots = runs.map { $0[index] }
            for snapshot in snapshots {
                #expect(snapshot.step == go.step && snapshot.at == go.at && snapshot.len == go.len, "\(row)")
            }
            func add(_ name: String, _ figure: GoFigure, noise: Double, _ value: (TraceRunner.Snapshot) -> UInt64) {
                comparisons.append(
                    Comparison(
                        label: "\(row) \(go.step)@\(go.at)", figure: name, go: figure,
                        values: snapshots.map { Double(value($0)) }, noise: noise,
                        allowance: name == "HeapInuse" ? Double(snapshots[0].touchedClasses * 8_192) : 0))
            }
            add("HeapAlloc", go.HeapAlloc, noise: 200) { $0.stats.heapAlloc }
            add("HeapObjects", go.HeapObjects, noise: 2) { $0.stats.heapObjects }
            add("HeapInuse", go.HeapInuse, noise: 0) { $0.stats.heapInuse }
        }
        return comparisons
    }
}

/// One figure of one step: Go's, and Husk's over its seeds.
struct Comparison: CustomStringConvertible {
    let label: String
    let figure: String
    let go: GoFigure
    let values: [Double]
    /// How far Go's runs differ by Go's own doing.
    let noise: Double
    /// How far off Husk may be on either side, in bytes.
    let allowance: Double

    var least: Double { values.min()! }
    var greatest: Double { values.max()! }
    var mean: Double { values.reduce(0, +) / Double(values.count) }
    var difference: Double { mean - go.mean }

    enum Rule: String { case exact, noise, seed, spans }

    var rule: Rule {
        if allowance > 0 { return .spans }
        if go.isExact { return .exact }
        return go.greatest - go.least <= noise ? .noise : .seed
    }

    var holds: Bool {
        let isInRange = mean >= go.least - allowance && mean <= go.greatest + allowance
        return switch rule {
        case .exact: least == go.least && greatest == go.least
        case .noise: isInRange
        case .seed, .spans: isInRange || abs(difference) <= go.mean * 0.002 + allowance
        }
    }

    var description: String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        func number(_ value: Double, _ width: Int) -> String {
            let text = value == value.rounded() ? String(Int(value)) : String((value * 10).rounded() / 10)
            return String(repeating: " ", count: max(1, width - text.count)) + text
        }
        return padded(label, 64) + padded(figure, 12) + number(go.mean, 12) + number(mean, 14)
            + number(difference, 10) + "  " + rule.rawValue + (holds ? "" : "  ✘ \(go.least)…\(go.greatest)")
    }
}
