// Figures as a line of blocks, from nothing to the greatest of them.

struct Sparkline {
    private let values: [Double?]
    private let isUnicode: Bool
    /// Of the figures that there are.
    let greatest: Double?

    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let letters: [Character] = [".", ":", "-", "=", "+", "*", "#", "@"]

    init(_ values: [Double?], isUnicode: Bool) {
        self.values = values
        self.isUnicode = isUnicode
        greatest = values.compactMap { $0 }.max()
    }

    /// The line in so many rows, the highest first; a column for each figure, empty for one that there is not.
    func rows(_ count: Int) -> [String] {
        let marks = isUnicode ? Self.blocks : Self.letters
        let levels = marks.count
        return (0..<count).map { row in
            let below = (count - 1 - row) * levels
            return String(
                values.map { value -> Character in
                    guard let value else { return " " }
                    let share = greatest.map { $0 > 0 ? value / $0 : 0 } ?? 0
                    // Nothing is the lowest block of the lowest row.
                    let level = max(1, Int((share * Double(count * levels)).rounded(.up)))
                    if level <= below { return " " }
                    return marks[min(level - below, levels) - 1]
                })
        }
    }
}
