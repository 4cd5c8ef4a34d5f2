// What a scenario shows: a table, and a sentence that says what to see in it.

import GoHeap

package struct ScenarioTable: Equatable, Sendable {
    package struct Column: Equatable, Sendable {
        package enum Role: Sendable {
            /// Says which row it is.
            case label
            /// The same whichever Go it runs as.
            case common
            /// Measured.
            case figure
        }

        package var name: String
        /// `KB`, `µs` and the like, or empty for counts and words.
        package var unit = ""
        package var role = Role.figure
        /// Which Go the figures are of, in a table of several.
        package var go: GoProfile?
        /// The release of Go that a source document has the figures from; nil for Husk's own.
        package var published: String?

        package init(
            name: String, unit: String = "", role: Role = .figure, go: GoProfile? = nil,
            published: String? = nil
        ) {
            self.name = name
            self.unit = unit
            self.role = role
            self.go = go
            self.published = published
        }
    }

    package enum Cell: Equatable, Sendable {
        case text(String)
        case number(Int)
        /// A difference to the row before, written with its sign.
        case change(Int)
        /// Nothing to say in this row.
        case none

        /// A share in whole percent, of a column whose unit says so.
        static func percent(_ part: Int, of whole: Int) -> Cell {
            whole == 0 ? .none : .number(Int((Double(part) * 100 / Double(whole)).rounded()))
        }

        static func kilobytes(_ bytes: some BinaryInteger) -> Cell { .number(Int(bytes) / 1024) }

        /// As it stands in a table for people.
        var shown: String {
            switch self {
            case .text(let text): text
            case .number(let number): "\(number)"
            case .change(let number): number < 0 ? "\(number)" : "+\(number)"
            case .none: ""
            }
        }
    }

    package internal(set) var name = ""
    package internal(set) var title = ""
    /// What it was run with, but for what was left to the run.
    package internal(set) var parameters: [(name: String, value: ParameterValue)] = []
    package internal(set) var columns: [Column]
    /// A cell for each column.
    package internal(set) var rows: [[Cell]]
    package internal(set) var note: String
    /// Whether the process is to end when the table has been shown, as the scenario was asked for.
    package internal(set) var isKilled = false

    package init(columns: [Column], rows: [[Cell]], note: String) {
        self.columns = columns
        self.rows = rows
        self.note = note
    }

    package static func == (left: ScenarioTable, right: ScenarioTable) -> Bool {
        left.name == right.name && left.columns == right.columns && left.rows == right.rows
            && left.note == right.note
    }

    /// The parameters on one line, as in `go 1.23, count 8192`.
    var parametersText: String { parameters.map { "\($0.name) \($0.value)" }.joined(separator: ", ") }

    /// The table without the columns that have nothing to say: overflow buckets of swiss maps, say.
    var withoutEmptyColumns: ScenarioTable {
        let kept = columns.indices.filter { column in rows.contains { $0[column] != .none } }
        var table = self
        table.columns = kept.map { columns[$0] }
        table.rows = rows.map { row in kept.map { row[$0] } }
        return table
    }
}

extension ScenarioTable.Column {
    /// The name with its unit.
    var title: String { unit.isEmpty ? name : "\(name) (\(unit))" }

    /// What tells it from others of the same title: whose figures they are.
    func origin(besidePublished: Bool) -> String {
        if let published { return "Go \(published)" }
        let release = go?.rawValue ?? ""
        return besidePublished ? ["Husk", release].filter { !$0.isEmpty }.joined(separator: " ") : release
    }
}
