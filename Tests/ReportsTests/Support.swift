import Foundation
import FoundationXML
import Reports

/// A run that came to its end: sizes in MiB, times in nanoseconds.
func run(
    _ remedy: String, go: String = "1.23", rss: Double, heapAlloc: Double = 50, retained: Double = 10,
    peakHeapAlloc: Double = 100, cpuSeconds: Double = 10, misses: Int = 0, remedySeconds: Double = 0.002,
    points: [(seconds: Double, rss: Double)] = []
) -> ReportRun {
    func bytes(_ mebibytes: Double) -> Int { Int(mebibytes * 1_048_576) }
    var run = ReportRun(remedy: remedy, isBaseline: remedy == "none", go: go, state: .done)
    run.costs = ReportCosts(
        peakHeapAlloc: bytes(peakHeapAlloc), peakRSS: bytes(rss + 50), heapAlloc: bytes(heapAlloc), rss: bytes(rss),
        retained: bytes(retained), operationsPerSecond: 2_310_000, misses: misses,
        waitNanoseconds: .init(p50: 210, p99: 950, p999: 12_300, max: 310_000), cpuSeconds: cpuSeconds, cycles: 12,
        remedyRuns: remedy == "none" ? 0 : 4, remedySeconds: remedySeconds, givenBack: bytes(30))
    run.samples = points.enumerated().map { index, point in
        ReportSample(
            seconds: point.seconds, round: index, operations: index * 1000, heapAlloc: bytes(point.rss / 2),
            heapInuse: bytes(point.rss / 2), heapIdle: 0, heapReleased: 0, heapSys: bytes(point.rss),
            rss: bytes(point.rss), collections: index, retained: bytes(1), len: 1000, slots: 2000)
    }
    return run
}

func unfinished(_ remedy: String, _ state: ReportRun.State, _ detail: String? = nil) -> ReportRun {
    ReportRun(remedy: remedy, isBaseline: remedy == "none", go: "1.23", state: state, detail: detail)
}

func report(_ runs: [ReportRun], title: String = "partial-update, 1,000 live", brokenOff: String? = nil) -> Report {
    Report(
        title: title, settings: [.init(name: "type", value: "map[string][]byte"), .init(name: "live", value: "1000")],
        command: "husk compare --drift 1", origin: "husk 1.0, 2026-11-25", runs: runs, brokenOff: brokenOff)
}

extension Report {
    func file(_ name: String) -> String { files.first { $0.name == name }!.text }
}

/// What is wrong with a text as XML, or nil.
func fault(inXML text: String) -> String? {
    let parser = XMLParser(data: Data(text.utf8))
    if parser.parse() { return nil }
    return "line \(parser.lineNumber), column \(parser.columnNumber): \(parser.parserError.map { "\($0)" } ?? "?")"
}
