// What real Go did, read from the fixtures: one row for each trace, map type and number of entries.
//
// go-1.23.9-maps.jsonl    5 runs with 2 processors: each figure a number, or [least, mean, greatest]. Go's own runtime
//                         allocates between the snapshots, up to 200 bytes and 2 objects.
// go-1.23.9-seeds.jsonl   60 runs (15 at a million entries) with 1 processor, where Go's runtime allocates nothing:
//                         [least, mean, greatest, standard deviation]. Made by go/collect.py.

import Foundation

/// A figure over several runs of Go.
struct GoFigure: Decodable {
    let least: Double
    let mean: Double
    let greatest: Double
    /// Nil in the fixture that does not have it.
    let deviation: Double?

    var isExact: Bool { least == greatest }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            (least, mean, greatest, deviation) = (number, number, number, nil)
        } else {
            let numbers = try container.decode([Double].self)
            (least, mean, greatest) = (numbers[0], numbers[1], numbers[2])
            deviation = numbers.count > 3 ? numbers[3] : nil
        }
    }
}

struct GoStep: Decodable {
    let step: String
    let at: Int
    let len: Int
    let HeapAlloc: GoFigure
    let HeapObjects: GoFigure
    let HeapInuse: GoFigure
}

struct GoRow: Decodable, CustomStringConvertible {
    let trace: String
    let type: String
    let N: Int
    let runs: Int?
    let steps: [GoStep]

    var description: String { "\(trace) \(type) \(N)" }

    /// All rows of a fixture.
    static func load(_ fixture: String) throws -> [GoRow] {
        let url = Bundle.module.url(forResource: fixture, withExtension: "jsonl", subdirectory: "Fixtures")!
        let text = try String(contentsOf: url, encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(GoRow.self, from: Data($0.utf8)) }
    }
}
