// Husk against real Go 1.19.8, 1.23.9, 1.24.11 and 1.27.3, figure by figure, after every step of every trace: what
// MemStats says, and what the map's table is like.
//
// What is Go's, and what is noise. Each trace was run five times with two processors, and 60 times (15 the longest)
// with one. With one processor Go's runtime allocates nothing between two snapshots: what then still differs from run
// to run follows from the hash seed. The five runs have noise on top, upward: mostly one to five objects of about 100
// bytes, at times some KiB. They also agree by chance: of 13 keys in two buckets, an overflow bucket comes in one run
// of four.
//
// So the runs without noise decide, for every figure:
//
//     all of Go's runs and all of Husk's seeds agree     the numbers are the same
//     else                                               the means differ by at most four standard errors
//
// Of so many figures some miss by chance; a row of which one does gets three times as many seeds more, and must hold
// then. The rule for five runs (the number if they agree, else their range or 0.2% of their mean) is printed beside it,
// for Husk and for Go's own runs without noise, which keep to it about as well.
//
// What is not all the map's has an allowance:
//
//     HeapInuse      counts whole spans, and some of Go's small objects land in spans that its runtime had already:
//                    8 KiB either way of Go's range for each size class that the trace has touched
//                    (TraceRunner.spanAllowanceBytes).
//     tiny objects   Each cycle closes the tiny allocator's open block. How many blocks that leaves half empty depends
//                    on the moments at which the cycles of the fill end: 16 bytes and one object either way for each
//                    cycle in HeapAlloc, HeapObjects, TotalAlloc and Frees, where keys or values are tiny objects.
//                    Mallocs counts the objects, not the blocks.
//
//     NextGC         counts what the Go programme has for itself, which Husk's heap is given in whole pages (TraceRunner.addOwn).
//
// Not held, only printed: how many cycles there are where Go marks beside the programme. That depends on how long marking
// takes, on the machine too; the same rows with the world stopped are held, but for three (`countsCyclesAsGo`).
//
// What to expect of each version:
//
//     1.19, 1.23   Buckets. When an overflow bucket is needed depends on the seed: what a fill allocates varies, an
//                  array made in advance does not. From B = 16 on `noverflow` is an estimate that Go makes at random.
//                  1.23 has a word in front of larger objects with pointers: its lists of overflow buckets grow in
//                  other steps.
//     1.24         Tables of groups. When which table splits depends on the seed; a fill that ends well before or
//                  after all of them split is one number, in any map.
//     1.27         The same with tombstones pruned: the sliding window of T5L leaves half of what it leaves in 1.24.
//                  Spans of small objects hold a little less.

import Foundation
import Synchronization
import Testing

@Suite(.serialized) struct ReferenceTests {
    @Test("Every figure of every trace is Go's", arguments: GoVersion.allCases)
    func figuresAreGos(version: GoVersion) async throws {
        let rows = try version.rows()
        let manyRuns = try version.manyRuns()
        #expect(rows.count == (version == .go1_24 ? 14 : 98))
        try #require(rows.map(\.description) == manyRuns.map(\.description))
        let comparisons = try await Self.compare(version, rows, manyRuns)
        report(version, comparisons)
        let failedCount = comparisons.count { !$0.holds }
        #expect(failedCount == 0, "the figures that do not hold are printed above")
    }

    @Test("So are those of slow types, of other GOGCs and of memory limits", arguments: GoVersion.allCases)
    func figuresUnderSettingsAreGos(version: GoVersion) async throws {
        let rows = try version.settingsRows()
        #expect(rows.count == 77)
        let comparisons = try await Self.compare(version, rows, rows)
        report(version, comparisons)
        let failedCount = comparisons.count { !$0.holds && $0.isHeld }
        #expect(failedCount == 0, "the figures that do not hold are printed above")
    }

    @Test("So are those of a workload that does what T5 and T5L do", arguments: GoVersion.allCases)
    func figuresOfWorkloadsAreGos(version: GoVersion) async throws {
        let rows = try version.rows().filter { $0.trace.hasPrefix("T5") }
        let manyRuns = try version.manyRuns().filter { $0.trace.hasPrefix("T5") }
        #expect(rows.count == 8)
        try #require(rows.map(\.description) == manyRuns.map(\.description))
        let comparisons = try await Self.compare(version, rows, manyRuns) { row, seed in
            try WorkloadTraceRunner(row, version: version, seed: seed).run(row)
        }
        report(version, comparisons)
        let failedCount = comparisons.count { !$0.holds }
        #expect(failedCount == 0, "the figures that do not hold are printed above")
    }

    // MARK: Running

    /// Runs a row with a seed on Husk.
    private typealias Runner = @Sendable (GoRow, UInt32) throws -> [TraceRunner.Snapshot]

    private static func traces(_ version: GoVersion) -> Runner {
        { row, seed in
            var runner = try TraceRunner(row, version: version, seed: seed)
            defer { runner.destroy() }
            runner.run(row)
            return runner.snapshots
        }
    }

    /// Runs rows side by side, on threads that are not the tests': those would wait for minutes.
    private static func compare(
        _ version: GoVersion, _ rows: [GoRow], _ manyRuns: [GoRow], _ runner: Runner? = nil
    ) async throws -> [Comparison] {
        let runner = runner ?? traces(version)
        let firstSeed = UInt32(GoVersion.allCases.firstIndex(of: version)! * 10_000 + 1)
        let results = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let results = Mutex<[Int: Result<[Comparison], any Error>]>([:])
                DispatchQueue.concurrentPerform(iterations: rows.count) { iteration in
                    let index = rows.count - 1 - iteration  // The longest trace is the last row.
                    let result = Result {
                        try compare(
                            version, rows[index], manyRuns[index], firstSeed: firstSeed + UInt32(index * 100), runner)
                    }
                    results.withLock { $0[index] = result }
                }
                continuation.resume(
                    returning: results.withLock { results in rows.indices.map { results[$0]! } })
            }
        }
        return try results.flatMap { try $0.get() }
    }

    private static func compare(
        _ version: GoVersion, _ row: GoRow, _ many: GoRow, firstSeed: UInt32, _ runner: Runner
    ) throws -> [Comparison] {
        let seedCount: UInt32 = row.N >= 1_000_000 || row.trace == "T5L" ? 4 : row.N >= 100_000 ? 8 : 16
        var runs: [[TraceRunner.Snapshot]] = []
        func run(_ seeds: Range<UInt32>) throws {
            for seed in seeds {
                runs.append(try runner(row, seed &* 0x9E37_79B9))
            }
        }
        try run(firstSeed..<firstSeed + seedCount)
        let comparisons = try compare(version, row, many, runs)
        if comparisons.allSatisfy(\.holds) { return comparisons }
        try run(firstSeed + seedCount..<firstSeed + 4 * seedCount)
        return try compare(version, row, many, runs)
    }

    private static func compare(
        _ version: GoVersion, _ row: GoRow, _ many: GoRow, _ runs: [[TraceRunner.Snapshot]]
    ) throws -> [Comparison] {
        guard let manyCount = many.runs, many.steps.count == row.steps.count else {
            throw TraceError(
                row: "\(row)", expected: "the same row, with its number of runs", found: "\(many)")
        }
        return try row.steps.indices.flatMap { index -> [Comparison] in
            let go = row.steps[index]
            let snapshots = runs.map { $0[index] }
            for snapshot in snapshots
            where (snapshot.step, snapshot.at, snapshot.len) != (go.step, go.at, go.len) {
                throw TraceError(row: "\(row)", expected: "\(go.step)@\(go.at)", found: "\(snapshot)")
            }
            return Figure.allCases.compactMap { figure in
                guard let five = go.figures[figure], let many = many.steps[index].figures[figure] else {
                    return nil
                }
                let parameter = go.step == "n" || go.step == "round" ? "@\(go.at)" : ""
                return Comparison(
                    label: "\(row) \(go.step)\(parameter)", figure: figure, five: five, many: many,
                    manyCount: manyCount, values: snapshots.map { Double($0.figures[figure]!) },
                    allowance: allowance(of: figure, snapshots[0], row),
                    isHeld: figure != .NumGC || countsCyclesAsGo(row, version))
            }
        }
    }

    private static func allowance(of figure: Figure, _ snapshot: TraceRunner.Snapshot, _ row: GoRow) -> Double {
        let liveTinyBlocks = snapshot.len > 0 ? snapshot.closedTinyBlocks : 0
        return switch figure {
        case .HeapAlloc: Double(liveTinyBlocks * 16)
        case .HeapObjects: Double(liveTinyBlocks)
        case .TotalAlloc: Double(snapshot.closedTinyBlocks * 16)
        case .Frees: Double(snapshot.closedTinyBlocks)
        case .HeapInuse: Double(snapshot.spanAllowanceBytes)
        case .NextGC: ownAllowance(row)
        default: 0
        }
    }

    /// Whether the number of cycles is held: not where it depends on how long marking takes, nor in the rows where it is
    /// known to differ. 1.24 starts a cycle within a split of large tables, Husk after it; of 1.19's one cycle more while
    /// slices are overwritten the cause is open.
    private static func countsCyclesAsGo(_ row: GoRow, _ version: GoVersion) -> Bool {
        guard ["U", "G"].contains(row.trace), let gogc = row.gogc else { return true }
        if row.stopsTheWorld != true { return false }
        return switch version {
        case .go1_19: !(row.type == "map[string][]byte" && (gogc == 50 || gogc == 100))
        case .go1_24: !(row.type == "map[[64]byte]int32" && gogc == 10)
        default: true
        }
    }

    /// Bytes by which NextGC may differ: by what the programme's own objects differ from run to run and from a whole number
    /// of pages, and the percentage of that.
    private static func ownAllowance(_ row: GoRow) -> Double {
        guard let own = row.own, let gogc = row.gogc else { return 0 }
        return (own.heap.greatest - own.heap.least + 4_096) * (1 + Double(max(0, gogc)) / 100)
    }

    // MARK: Printing

    /// Prints the shares of each figure that hold, the figures that are farthest from Go's, and those that do not hold.
    private func report(_ version: GoVersion, _ comparisons: [Comparison]) {
        func percent(_ part: Int, of whole: Int) -> String {
            whole == 0 ? "-" : "\((Double(part) / Double(whole) * 1000).rounded() / 10)%"
        }
        func line(_ columns: [String]) -> String {
            columns.enumerated().map { index, text in
                let padding = String(repeating: " ", count: max(0, (index == 0 ? 12 : 14) - text.count))
                return index == 0 ? text + padding : padding + text
            }.joined()
        }
        func shares(_ name: String, _ part: [Comparison]) -> String {
            let oneNumber = part.filter(\.isOneNumber)
            return line([
                name, String(part.count), String(oneNumber.count),
                percent(oneNumber.count(where: \.isExact), of: oneNumber.count),
                percent(part.count(where: \.holds), of: part.count),
                percent(part.count(where: \.holdsAgainstFive), of: part.count),
                percent(part.count(where: \.goHoldsAgainstFive), of: part.count),
            ])
        }
        var lines = [
            "Go \(version.rawValue)",
            line(["", "figures", "one number", "exactly that", "as many runs", "as five runs", "Go as five"]),
        ]
        for figure in Figure.allCases {
            let part = comparisons.filter { $0.figure == figure }
            if !part.isEmpty { lines.append(shares(figure.rawValue, part)) }
        }
        lines.append(shares("all", comparisons))
        lines.append(Comparison.heading)
        lines += comparisons.sorted { $0.relativeDistance > $1.relativeDistance }.prefix(10).map(\.row)
        let failed = comparisons.filter { !$0.holds }
        if !failed.isEmpty { lines += ["Do not hold:"] + failed.map(\.details) }
        print(lines.joined(separator: "\n"))
    }
}

/// A trace that went another way than Go's.
private struct TraceError: Error {
    let row: String
    let expected: String
    let found: String
}
