// The report in Markdown: the advice, the tables, and the pictures beside it.

extension Report {
    var markdown: String {
        let table = costTable
        var lines = ["# \(Escaping.markdown(title))", ""]
        if let brokenOff { lines += ["**Broken off:** \(Escaping.markdown(brokenOff))", ""] }
        lines += advice.map { "- \(Escaping.markdown($0))" } + [""]
        for block in table.blocks {
            lines += ["## \(Escaping.markdown(block.title))", ""]
            lines.append(Self.row([""] + block.columns.map { ($0.group.isEmpty ? "" : $0.group + ", ") + $0.name }))
            lines.append("| --- |" + block.columns.map { _ in " ---: |" }.joined())
            for row in block.rows {
                lines.append(Self.row([row.name] + (row.cells.isEmpty ? block.columns.map { _ in "–" } : row.cells)))
            }
            lines.append("")
        }
        if !table.remarks.isEmpty { lines += table.remarks.map { "- \(Escaping.markdown($0))" } + [""] }
        for figure in Figure.allCases {
            lines += ["![\(Escaping.markdown(figure.title)) over time](\(figure.fileName))", ""]
        }
        lines += ["## Workload", "", "| | |", "| --- | --- |"] + settings.map { Self.row([$0.name, $0.value]) }
        lines += ["", "The same again:", ""] + command.split(separator: "\n").map { "    \($0)" }
        lines += ["", "Made by \(Escaping.markdown(origin)). The samples are in [data.csv](data.csv).", ""]
        return lines.joined(separator: "\n")
    }

    private static func row(_ cells: [String]) -> String {
        "| " + cells.map(Escaping.markdown).joined(separator: " | ") + " |"
    }
}
