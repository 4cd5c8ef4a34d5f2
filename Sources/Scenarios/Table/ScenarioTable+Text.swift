// A table in plain text, for a terminal of 80 columns.

extension ScenarioTable {
    package var text: String {
        var lines = Self.wrapped(title, width: Self.lineWidth)
        if !parameters.isEmpty { lines += Self.wrapped("With \(parametersText).", width: Self.lineWidth) }
        for block in blocks() { lines += [""] + self.lines(block) }
        lines += [""] + Self.wrapped(note, width: Self.lineWidth) + [""]
        return lines.joined(separator: "\n")
    }

    private func lines(_ block: Block) -> [String] {
        let columns = block.columns
        let headers = columns.map { Self.wrapped($0.header, width: $0.width) }
        let height = headers.map(\.count).max() ?? 0
        var lines = titleLines(block)
        for row in 0..<height {
            // Headers stand on the first row of figures.
            lines.append(
                line(columns, headers.map { row < height - $0.count ? "" : $0[row - (height - $0.count)] }))
        }
        for row in rows {
            let cells = columns.map { column in
                let shown = row[column.index].shown
                return column.isText && shown.count > column.width
                    ? Self.wrapped(shown, width: column.width) : [shown]
            }
            for index in 0..<(cells.map(\.count).max() ?? 0) {
                lines.append(line(columns, cells.map { index < $0.count ? $0[index] : "" }))
            }
        }
        return lines
    }

    /// The titles of groups, each over its columns; no line when there are none.
    private func titleLines(_ block: Block) -> [String] {
        if block.groups.allSatisfy({ $0.title.isEmpty }) { return [] }
        let spans = block.groups.map { group in
            group.columns.reduce(-Self.gapWidth) { $0 + $1.width + Self.gapWidth }
        }
        let titles = zip(block.groups, spans).map { Self.wrapped($0.title, width: $1) }
        let height = titles.map(\.count).max() ?? 0
        return (0..<height).map { row in
            let pieces = zip(titles, spans).map { title, span in
                let line = row - (height - title.count)
                return Self.centred(line < 0 ? "" : title[line], span, fill: title.count == 1 ? "-" : " ")
            }
            return trimmed(pieces.joined(separator: String(repeating: " ", count: Self.gapWidth)))
        }
    }

    /// A text in the middle, between dashes if they are asked for and there is room for some on both sides.
    private static func centred(_ text: String, _ width: Int, fill: String) -> String {
        let room = width - text.count
        let isFilled = !text.isEmpty && fill != " " && room >= 4
        func side(_ count: Int) -> String { String(repeating: isFilled ? fill : " ", count: count) }
        return isFilled
            ? side(room / 2 - 1) + " " + text + " " + side(room - room / 2 - 1)
            : side(room / 2) + text + side(room - room / 2)
    }

    private func line(_ columns: [BlockColumn], _ fields: [String]) -> String {
        let padded = zip(columns, fields).map { column, field in
            let space = String(repeating: " ", count: max(0, column.width - field.count))
            return column.isText ? field + space : space + field
        }
        return trimmed(padded.joined(separator: String(repeating: " ", count: Self.gapWidth)))
    }

    private func trimmed(_ line: String) -> String { String(line.reversed().drop { $0 == " " }.reversed()) }
}
