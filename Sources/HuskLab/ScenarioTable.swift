/// What a scenario shows: a table, and a sentence that says what to see in it.
package struct ScenarioTable: Equatable, Sendable {
    package struct Column: Equatable, Sendable {
        package var name: String
        /// `KB`, `B`, or empty for counts and words.
        package var unit: String
    }
    package enum Cell: Equatable, Sendable {
        case text(String)
        case number(Int)
    }

    package var name: String
    package var title: String
    package var columns: [Column]
    package var rows: [[Cell]]
    package var note: String

    /// The table in plain text, its columns aligned.
    package var text: String {
        // A header is wrapped to the width of its cells or of its longest word.
        let words = columns.map { column in
            column.name.split(separator: " ").map(String.init) + (column.unit.isEmpty ? [] : ["(\(column.unit))"])
        }
        let cells = rows.map { row in
            row.map { cell in
                switch cell {
                case .text(let text): text
                case .number(let number): "\(number)"
                }
            }
        }
        let widths = words.indices.map { column in
            max(words[column].map(\.count).max() ?? 0, cells.map { $0[column].count }.max() ?? 0)
        }
        func line(_ fields: [String]) -> String {
            let padded = fields.enumerated().map { column, field in
                let space = String(repeating: " ", count: widths[column] - field.count)
                return isText(column) ? field + space : space + field
            }
            return String(padded.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        func isText(_ column: Int) -> Bool {
            if case .text = rows.first?[column] { return true }
            return false
        }
        let headers = words.indices.map { Self.wrapped(words[$0], width: widths[$0]) }
        let height = headers.map(\.count).max() ?? 0
        let headerLines = (0..<height).map { row in
            line(headers.map { row < height - $0.count ? "" : $0[row - (height - $0.count)] })
        }
        let sentences = Self.wrapped(note.split(separator: " ").map(String.init), width: Self.textWidth)
        return ([title, ""] + headerLines + cells.map(line) + [""] + sentences + [""]).joined(separator: "\n")
    }

    /// Characters of a line of running text: a terminal's.
    private static let textWidth = 80

    /// Puts words on lines of at most `width` characters; a longer word has a line of its own.
    private static func wrapped(_ words: [String], width: Int) -> [String] {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }
}
