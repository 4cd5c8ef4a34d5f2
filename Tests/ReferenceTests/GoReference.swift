// What real Go did, read from the fixtures: one row for each trace, map type and number of entries.
//
// go-…-maps.jsonl     5 runs with 2 processors. Go's own runtime allocates between the snapshots.
// go-…-seeds.jsonl    60 runs (15 for the longest traces) of the same rows with 1 processor, where Go's runtime
//                     allocates nothing. Made by go/collect.py.
//
// go-…-settings.jsonl  20 runs (5 the longest) of other rows, with 1 processor: slow types of keys and values, other GOGCs,
//                     memory limits. Made by go/collect.py, too.
//
// A figure is a number if all runs have it, else their [least, mean, greatest], in the second fixture with the standard
// deviation.

import Foundation
import GoHeap
import Testing

/// The releases of Go that were measured.
enum GoVersion: String, CaseIterable, CustomTestStringConvertible {
    case go1_19 = "1.19.8"
    case go1_23 = "1.23.9"
    case go1_24 = "1.24.11"
    case go1_27 = "1.27.3"

    /// What Husk calls it.
    var profile: GoProfile {
        switch self {
        case .go1_19: .go1_19
        case .go1_23: .go1_23
        case .go1_24: .go1_24
        case .go1_27: .go1_27
        }
    }

    var testDescription: String { "Go \(rawValue)" }

    /// Five runs of every row.
    func rows() throws -> [GoRow] { try GoRow.load("go-\(rawValue)-maps") }

    /// Many runs of every row, without noise.
    func manyRuns() throws -> [GoRow] { try GoRow.load("go-\(rawValue)-seeds") }

    /// Runs under settings, without noise.
    func settingsRows() throws -> [GoRow] { try GoRow.load("go-\(rawValue)-settings") }
}

/// What is compared: fields of MemStats, and what the map's table is like.
enum Figure: String, CaseIterable, CodingKey {
    case HeapAlloc, HeapObjects, HeapInuse, TotalAlloc, Mallocs, Frees
    /// Of a bucket map. From B = 16 on Go's `noverflow` is an estimate.
    case B, noverflow, growing
    /// Of a swiss map; `capacity` and `growthLeft` are sums over its tables.
    case dirLen, globalDepth, tables, capacity, growthLeft
    /// Of the rows under settings.
    case NumGC, NextGC
}

/// A figure over several runs of Go.
struct GoFigure: Decodable {
    let least: Double
    let mean: Double
    let greatest: Double
    /// The standard deviation; 0 in the fixture of five runs.
    let deviation: Double

    var isExact: Bool { least == greatest }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            (least, mean, greatest, deviation) = (number, number, number, 0)
        } else {
            let numbers = try container.decode([Double].self)
            (least, mean, greatest) = (numbers[0], numbers[1], numbers[2])
            deviation = numbers.count > 3 ? numbers[3] : 0
        }
    }
}

/// Go after one step of a trace.
struct GoStep: Decodable {
    let step: String
    let at: Int
    let len: Int
    let figures: [Figure: GoFigure]

    private enum CodingKeys: CodingKey { case step, at, len, map }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        step = try container.decode(String.self, forKey: .step)
        at = try container.decode(Int.self, forKey: .at)
        len = try container.decode(Int.self, forKey: .len)
        var figures: [Figure: GoFigure] = [:]
        for part in [
            try decoder.container(keyedBy: Figure.self),
            try container.nestedContainer(keyedBy: Figure.self, forKey: .map),
        ] {
            for figure in part.allKeys { figures[figure] = try part.decode(GoFigure.self, forKey: figure) }
        }
        self.figures = figures
    }
}

/// What the Go programme itself has when the trace begins, in bytes.
struct GoOwn: Decodable {
    /// HeapAlloc.
    let heap: GoFigure
    /// Stacks and globals.
    let scan: GoFigure
    /// What counts against the memory limit and is neither object nor free page.
    let other: GoFigure
}

/// Go over a whole trace.
struct GoRow: Decodable, CustomStringConvertible {
    let trace: String
    let type: String
    let N: Int
    let runs: Int?
    let steps: [GoStep]
    // Of a row under settings.
    /// GOGC in percent, −1 for off.
    let gogc: Int?
    /// 0 for none.
    let limitMiB: Int?
    /// Whether no time passes for the programme while a cycle marks.
    let stopsTheWorld: Bool?
    let own: GoOwn?

    var description: String {
        guard let gogc, let limitMiB else { return "\(trace) \(type) \(N)" }
        return "\(trace) \(type) \(N) GOGC=\(gogc < 0 ? "off" : "\(gogc)")"
            + (limitMiB > 0 ? " limit \(limitMiB) MiB" : "") + (stopsTheWorld == true ? " STW" : "")
    }

    /// All rows of a fixture.
    static func load(_ fixture: String) throws -> [GoRow] {
        let url = Bundle.module.url(forResource: fixture, withExtension: "jsonl", subdirectory: "Fixtures")!
        let text = try String(contentsOf: url, encoding: .utf8)
        return try text.split(separator: "\n").map {
            try JSONDecoder().decode(GoRow.self, from: Data($0.utf8))
        }
    }
}
