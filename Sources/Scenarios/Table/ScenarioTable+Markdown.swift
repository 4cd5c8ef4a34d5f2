// A table in Markdown, to paste where it is rendered: the blocks of the plain text, a table each.

extension ScenarioTable {
    package var markdown: String {
        var lines = ["### \(Self.escaped(title))", ""]
        if !parameters.isEmpty { lines += ["With \(Self.escaped(parametersText)).", ""] }
        for block in blocks() {
            let columns = block.columns
            let headers = block.groups.flatMap { group in
                group.columns.map { group.title.isEmpty ? $0.header : "\(group.title), \($0.header)" }
            }
            lines.append(Self.row(headers))
            lines.append(Self.row(columns.map { $0.isText ? "---" : "---:" }))
            for row in rows { lines.append(Self.row(columns.map { row[$0.index].shown })) }
            lines.append("")
        }
        lines += [Self.escaped(note), ""]
        return lines.joined(separator: "\n")
    }

    private static func row(_ cells: [String]) -> String {
        "| " + cells.map(escaped).joined(separator: " | ") + " |"
    }

    /// What would be read as a cell's end, as emphasis or as markup.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            if "\\|*_`<[".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }
}
