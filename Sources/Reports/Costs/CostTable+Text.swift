// The table of costs for a terminal of 80 columns.

extension Report {
    /// The tables, what is to be said of single runs, and the advice, in lines of at most 80 characters unless a word is longer.
    package var text: String {
        let table = costTable
        var lines = Text.wrapped(title, width: Text.lineWidth)
        for block in table.blocks { lines += [""] + block.lines }
        let said = (brokenOff.map { ["Broken off: \($0)"] } ?? []) + table.remarks
        if !said.isEmpty { lines += [""] + said.flatMap { Text.wrapped($0, width: Text.lineWidth) } }
        lines += [""] + advice.flatMap { Text.wrapped($0, width: Text.lineWidth) }
        return lines.joined(separator: "\n") + "\n"
    }
}

enum Text {
    static let lineWidth = 80

    /// Puts words on lines of at most `width` characters. A longer word is cut after a comma where that helps, and else
    /// has a line of its own.
    static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ").map(String.init).flatMap({ pieces($0, width: width) }) {
            if let last = lines.last, last.count + (word.joins ? 0 : 1) + word.text.count <= width {
                lines[lines.count - 1] = last + (word.joins ? "" : " ") + word.text
            } else {
                lines.append(word.text)
            }
        }
        return lines
    }

    /// A word, in pieces that end with a comma if it is wider than a line. All pieces but the first join what is before them.
    private static func pieces(_ word: String, width: Int) -> [(text: String, joins: Bool)] {
        if word.count <= width { return [(word, false)] }
        let parts = word.split(separator: ",", omittingEmptySubsequences: false)
        return parts.indices.map { (parts[$0] + ($0 == parts.count - 1 ? "" : ","), $0 > 0) }
    }

    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    static func trimmed(_ line: String) -> String { String(line.reversed().drop { $0 == " " }.reversed()) }
}

extension CostTable.Block {
    private static let gap = 2
    private static let leastNameWidth = 14

    /// Title, header and rows.
    fileprivate var lines: [String] {
        let widths = columns.indices.map { index in
            rows.filter { !$0.cells.isEmpty }.reduce(columns[index].name.count) { max($0, $1.cells[index].count) }
        }
        let taken = widths.reduce(0) { $0 + $1 + Self.gap }
        let longest = rows.reduce(title.count) { max($0, $1.name.count) }
        let nameWidth = max(Self.leastNameWidth, min(longest, Text.lineWidth - taken))
        func line(_ name: String, _ cells: [String]) -> String {
            Text.trimmed(
                Text.left(name, nameWidth)
                    + zip(cells, widths).map { String(repeating: " ", count: Self.gap) + Text.right($0, $1) }.joined())
        }
        let titleLines = Text.wrapped(title, width: nameWidth)
        var lines = titleLines.dropLast().map { String($0) }
        if columns.contains(where: { !$0.group.isEmpty }) {
            let groups = Text.left(lines.popLast() ?? "", nameWidth) + groupLine(widths)
            lines.append(Text.trimmed(groups))
        }
        lines.append(line(titleLines.last ?? "", columns.map(\.name)))
        for row in rows {
            let names = Text.wrapped(row.name, width: nameWidth)
            lines += names.dropLast()
            lines.append(line(names.last ?? "", row.cells.isEmpty ? ["–"] : row.cells))
        }
        return lines
    }

    /// The groups' names, each between dashes over its columns.
    private func groupLine(_ widths: [Int]) -> String {
        var text = ""
        var index = 0
        while index < columns.count {
            let group = columns[index].group
            let end = group.isEmpty ? index + 1 : columns[index...].firstIndex { $0.group != group } ?? columns.count
            let width = widths[index..<end].reduce(0, +) + (end - index - 1) * Self.gap
            let room = max(0, width - group.count - 2)
            // A single dash would look like a minus sign.
            let dashes = { (count: Int) in String(repeating: room < 4 ? " " : "-", count: count) }
            text += String(repeating: " ", count: Self.gap)
            text +=
                group.isEmpty
                ? String(repeating: " ", count: width) : "\(dashes(room / 2)) \(group) \(dashes(room - room / 2))"
            index = end
        }
        return text
    }
}
