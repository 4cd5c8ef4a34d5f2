/// One figure of one step: Go's, and Husk's over its seeds.
struct Comparison: CustomStringConvertible {
    let label: String
    let figure: Figure
    let five: GoFigure
    let many: GoFigure?
    let manyCount: Int
    let values: [Double]
    /// How far Go's five runs differ by Go's own doing.
    let noise: Double
    /// How far off Husk may be on either side: see ReferenceTests.
    let allowance: Double

    enum Rule: String { case exact, noise, seed, spans }

    var rule: Rule {
        if figure == .HeapInuse { return .spans }
        if five.isExact { return .exact }
        return five.greatest - five.least <= noise ? .noise : .seed
    }

    var least: Double { values.min()! }
    var greatest: Double { values.max()! }
    var mean: Double { values.reduce(0, +) / Double(values.count) }
    var difference: Double { mean - five.mean }

    /// Whether every run of Go and of Husk gives one and the same number.
    var isExactlyGos: Bool {
        five.isExact && least == five.least && greatest == five.least && (many.map { $0.isExact && $0.least == least } ?? true)
    }

    var holds: Bool { many == nil ? holdsAgainstFive : holdsAgainstMany }

    var holdsAgainstFive: Bool {
        let isInRange = mean >= five.least - allowance && mean <= five.greatest + allowance
        return switch rule {
        case .exact: least == five.least && greatest == five.least
        case .noise: isInRange
        case .seed, .spans: isInRange || abs(difference) <= five.mean * 0.002 + allowance
        }
    }

    var holdsAgainstMany: Bool {
        guard let many else { return false }
        // Both are taken to spread as the one that spreads more does: few runs can agree by chance.
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let variance = max(squares / Double(values.count - 1), many.deviation * many.deviation)
        let error = (variance * (1 / Double(values.count) + 1 / Double(manyCount))).squareRoot()
        return abs(mean - many.mean) <= 4 * error + allowance
    }

    static let heading =
        "trace type N step@parameter                                      figure       Go, 5 runs   60 runs         Husk   "
        + "difference  rule"

    var description: String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        func number(_ value: Double?, _ width: Int) -> String {
            let text =
                value.map { $0 == $0.rounded() ? String(Int($0)) : String(($0 * 10).rounded() / 10) } ?? "-"
            return String(repeating: " ", count: max(1, width - text.count)) + text
        }
        return padded(label, 65) + padded(figure.rawValue, 12) + number(five.mean, 12) + number(many?.mean, 12)
            + number(mean, 12) + number(difference, 11) + "  " + rule.rawValue + (holds ? "" : "  does not hold")
    }
}
