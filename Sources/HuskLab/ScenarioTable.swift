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
        let headers = columns.map { $0.unit.isEmpty ? $0.name : "\($0.name) (\($0.unit))" }
        let cells = rows.map { row in
            row.map { cell in
                switch cell {
                case .text(let text): text
                case .number(let number): "\(number)"
                }
            }
        }
        let widths = headers.indices.map { column in
            cells.reduce(headers[column].count) { max($0, $1[column].count) }
        }
        func line(_ fields: [String], leftAligned: (Int) -> Bool) -> String {
            let padded = fields.enumerated().map { column, field in
                let space = String(repeating: " ", count: widths[column] - field.count)
                return leftAligned(column) ? field + space : space + field
            }
            let joined = padded.joined(separator: "  ")
            return String(joined.reversed().drop { $0 == " " }.reversed())
        }
        func isText(_ column: Int) -> Bool {
            if case .text = rows.first?[column] { return true }
            return false
        }
        let body = cells.map { line($0, leftAligned: isText) }
        return ([title, "", line(headers, leftAligned: isText)] + body + ["", note, ""]).joined(separator: "\n")
    }
}
