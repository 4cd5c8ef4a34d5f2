// The tables of one scenario as several Gos in one: what they have in common stands once, each figure once for each Go.

import GoHeap

extension ScenarioTable {
    /// - Parameters:
    ///   - tables: of one scenario, one or more: the same columns, and the same rows up to the figures.
    ///   - releases: the Go of each.
    /// - Returns: the only table as it is; of several, their figures side by side.
    static func sideBySide(_ tables: [ScenarioTable], of releases: [GoProfile]) -> ScenarioTable {
        precondition(!tables.isEmpty && tables.count == releases.count, "a table for each release")
        if tables.count == 1 { return tables[0] }
        let first = tables[0]
        precondition(
            tables.allSatisfy { $0.columns == first.columns && $0.rows.count == first.rows.count },
            "the tables of one scenario have one shape")
        var columns: [Column] = []
        var rows = first.rows.map { _ in [Cell]() }
        for (index, column) in first.columns.enumerated() {
            for (table, release) in column.isOwnFigure ? Array(zip(tables, releases)) : [(first, releases[0])] {
                var column = column
                if column.isOwnFigure { column.go = release }
                columns.append(column)
                for row in rows.indices { rows[row].append(table.rows[row][index]) }
            }
        }
        return ScenarioTable(columns: columns, rows: rows, note: first.note)
    }
}

extension ScenarioTable.Column {
    fileprivate var isOwnFigure: Bool { role == .figure && published == nil }
}
