import Foundation

/// One figure of one step: Go's, and Husk's over its seeds.
struct Comparison {
    /// Trace, type, N and step.
    let label: String
    let figure: Figure
    let five: GoFigure
    let many: GoFigure
    let manyCount: Int
    let values: [Double]
    /// How far off Husk may be on either side: see ReferenceTests.
    let allowance: Double
    /// Whether it is held against Go's, or only printed: see ReferenceTests.
    let isHeld: Bool

    var least: Double { values.min()! }
    var greatest: Double { values.max()! }
    var mean: Double { values.reduce(0, +) / Double(values.count) }

    /// Whether every run of Go without noise gives one and the same number.
    var isOneNumber: Bool { many.isExact }

    /// Whether that is the number that every seed of Husk's gives.
    var isExact: Bool { isOneNumber && least == many.least && greatest == many.least }

    /// Whether Husk is what Go's five runs are: the same number if they agree, else in their range or within 0.2% of
    /// their mean.
    var holdsAgainstFive: Bool { isAsFive(least: least, mean: mean, greatest: greatest) }

    /// Whether Go without noise is.
    var goHoldsAgainstFive: Bool { isAsFive(least: many.least, mean: many.mean, greatest: many.greatest) }

    private func isAsFive(least: Double, mean: Double, greatest: Double) -> Bool {
        if five.isExact && allowance == 0 { return least == five.least && greatest == five.least }
        return (mean >= five.least - allowance && mean <= five.greatest + allowance)
            || abs(mean - five.mean) <= five.mean * 0.002 + allowance
    }

    /// Whether Husk is what Go's runs without noise are: the same number if both agree, else means that differ by at
    /// most four standard errors.
    var holds: Bool {
        // Both are taken to spread as the one that spreads more does: few runs can agree by chance.
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let variance = max(squares / Double(values.count - 1), many.deviation * many.deviation)
        let error = (variance * (1 / Double(values.count) + 1 / Double(manyCount))).squareRoot()
        // How many of a trace's spans Go had already differs from run to run, and is not the map's doing.
        let expected = figure == .HeapInuse ? min(max(mean, many.least), many.greatest) : many.mean
        return abs(mean - expected) <= 4 * error + allowance
    }

    /// How far Husk's mean is from that of Go's runs without noise, beyond the allowance, as a part of the latter.
    var relativeDistance: Double { max(0, abs(mean - many.mean) - allowance) / max(many.mean, 1) }

    // MARK: Printing

    static let heading = line("trace, type, N, step", "figure", "Go", "Husk", "apart")

    /// A line of a table.
    var row: String {
        Self.line(
            label, figure.rawValue, Self.number(many.mean), Self.number(mean),
            String(format: "%.3f%%", relativeDistance * 100))
    }

    /// Everything, in two lines.
    var details: String {
        func range(_ least: Double, _ mean: Double, _ greatest: Double) -> String {
            least == greatest
                ? Self.number(least) : [least, mean, greatest].map(Self.number).joined(separator: "…")
        }
        return """
            \(label) \(figure.rawValue)
                Go \(range(five.least, five.mean, five.greatest)), without noise \
            \(range(many.least, many.mean, many.greatest)), Husk \(range(least, mean, greatest))
            """
    }

    private static func line(
        _ label: String, _ figure: String, _ go: String, _ husk: String, _ distance: String
    ) -> String {
        func padding(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(1, width - text.count))
        }
        return label + padding(label, 55) + figure
            + padding(figure, 11) + padding(go, 11) + go + padding(husk, 11) + husk
            + padding(distance, 9) + distance
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() ? String(Int(value)) : String(format: "%.1f", value)
    }
}
