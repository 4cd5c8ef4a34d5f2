// A table for people, cut into blocks that are no wider than a terminal. Columns of one title stay together, and each block
// begins with the labels.
//
//                      ------- Alloc (KB) -------     a group: columns of one title
//     step        len    1.10   1.14   1.23   1.27     what tells them apart
//     start         0       0      0      0      0
//     └labels┘   └alone┘

/// One block, as lines of cells.
struct Block {
    struct Group {
        /// Stands over all of its columns; empty when there is one column whose header has it all.
        var title: String
        var columns: [BlockColumn]
    }
    var groups: [Group]

    var columns: [BlockColumn] { groups.flatMap(\.columns) }
}

/// A column with the widths that it takes, in characters.
struct BlockColumn {
    /// Its place in the table.
    var index: Int
    var header: String
    var isText: Bool
    var width: Int
}

extension ScenarioTable {
    /// Characters of a line: a terminal's.
    package static let lineWidth = 80
    /// Spaces between columns.
    static let gapWidth = 2
    /// Words are not wrapped to less than this.
    private static let leastTextWidth = 8

    /// Nor are labels, which are read first.
    private static let leastLabelWidth = 20

    /// The blocks, in order. Each column stands in one of them, labels in all.
    func blocks() -> [Block] {
        let figures = figureGroups()
        var labels = columns.indices.filter { columns[$0].role == .label }.map {
            Block.Group(title: "", columns: [column($0, alone: true)])
        }
        // A little too wide, and wrapped labels make it one block.
        let excess = width(labels + figures) - Self.lineWidth
        if excess > 0, labels.count == 1, labels[0].columns[0].width - excess >= Self.leastLabelWidth {
            labels[0].columns[0].width -= excess
        }
        let room = Self.lineWidth - width(labels) - Self.gapWidth
        var blocks: [Block] = []
        var groups: [Block.Group] = []
        func close() {
            if !groups.isEmpty { blocks.append(Block(groups: labels + groups)) }
            groups = []
        }
        for group in figures.flatMap({ fitted($0, room: room) }) {
            if !groups.isEmpty && width(groups + [group]) > room { close() }
            groups.append(group)
        }
        close()
        return blocks
    }

    /// All that is no label, columns of one title together.
    private func figureGroups() -> [Block.Group] {
        var groups: [Block.Group] = []
        var index = 0
        while index < columns.count {
            let title = columns[index].title
            let end = columns[index...].firstIndex { $0.title != title } ?? columns.count
            defer { index = end }
            if columns[index].role == .label { continue }
            let isAlone = end - index == 1 && origin(index).isEmpty
            let members = (index..<end).map { column($0, alone: isAlone) }
            groups.append(Block.Group(title: isAlone ? "" : title, columns: members))
        }
        return groups
    }

    private func column(_ index: Int, alone: Bool) -> BlockColumn {
        let column = columns[index]
        let header = alone ? column.title : origin(index)
        let cells = rows.map { $0[index] }
        let isText = cells.contains { if case .text = $0 { true } else { false } }
        let longest = cells.reduce(0) { max($0, $1.shown.count) }
        return BlockColumn(
            index: index, header: header, isText: isText, width: max(longest, Self.longestWord(header)))
    }

    /// Whose figures a column of a group has.
    func origin(_ index: Int) -> String {
        let title = columns[index].title
        return columns[index].origin(
            besidePublished: columns.contains { $0.title == title && $0.published != nil })
    }

    /// Makes a group fit: its words are wrapped, and if that is not enough it becomes several.
    private func fitted(_ group: Block.Group, room: Int) -> [Block.Group] {
        var group = group
        let textCount = group.columns.count { $0.isText }
        let excess = width([group]) - room
        if excess > 0 && textCount > 0 {
            let textWidth = group.columns.reduce(0) { $0 + ($1.isText ? $1.width : 0) }
            let share = max(Self.leastTextWidth, (textWidth - excess) / textCount)
            for index in group.columns.indices where group.columns[index].isText {
                let least = Self.longestWord(group.columns[index].header)
                group.columns[index].width = max(least, min(group.columns[index].width, share))
            }
        }
        var groups: [Block.Group] = []
        var part = Block.Group(title: group.title, columns: [])
        for column in group.columns {
            if !part.columns.isEmpty
                && width([Block.Group(title: "", columns: part.columns + [column])]) > room
            {
                groups.append(part)
                part.columns = []
            }
            part.columns.append(column)
        }
        // The title must fit over them.
        groups.append(part)
        return groups.map { group in
            var group = group
            let lacking = Self.longestWord(group.title) - width([group])
            if lacking > 0 { group.columns[0].width += lacking }
            return group
        }
    }

    /// Characters that groups take side by side.
    private func width(_ groups: [Block.Group]) -> Int {
        let widths = groups.flatMap(\.columns).map(\.width)
        return widths.reduce(0, +) + max(0, widths.count - 1) * Self.gapWidth
    }

    static func longestWord(_ text: String) -> Int {
        text.split(separator: " ").reduce(0) { max($0, $1.count) }
    }

    /// Puts words on lines of at most `width` characters; a longer word has a line of its own.
    package static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
