// What real Go did, read from the fixture: one row for each trace, map type and number of entries.

import Foundation

/// A figure that Go's five runs agreed on, or its least, mean and greatest value.
struct GoFigure: Decodable {
    let least: Double
    let mean: Double
    let greatest: Double

    var isExact: Bool { least == greatest }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            (least, mean, greatest) = (number, number, number)
        } else {
            let three = try container.decode([Double].self)
            (least, mean, greatest) = (three[0], three[1], three[2])
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
    let TotalAlloc: GoFigure
    let Mallocs: GoFigure
}

struct GoRow: Decodable, CustomStringConvertible {
    let go: String
    let trace: String
    let type: String
    let N: Int
    let steps: [GoStep]

    var description: String { "\(trace) \(type) \(N)" }

    /// All rows of the fixture.
    static func load() throws -> [GoRow] {
        let url = Bundle.module.url(
            forResource: "go-1.23.9-maps", withExtension: "jsonl", subdirectory: "Fixtures")!
        let text = try String(contentsOf: url, encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(GoRow.self, from: Data($0.utf8)) }
    }
}
