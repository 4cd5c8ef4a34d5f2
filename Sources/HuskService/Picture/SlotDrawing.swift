// A small map, slot by slot: each array, table or shard a panel, in it each chain or group a row.
//
//     array: 8 chains
//       0 ▣▣▣▣▣▣▣▣──▣▣▢▢▢▢▢▢      4 ▣▢▢▢▢▢▢▢
//       1 ▣▣▢▢▢▢▢▢                5 ▣▣▣▢▢▢▢▢

import GoHeap
import GoMap
import HuskLab

struct SlotDrawing {
    private let report: MapReport

    init(_ report: MapReport) { self.report = report }

    private var layout: MapLayout { report.statistics.layout }

    /// From one slot to the next.
    private static let pitch = 14
    private static let slotCount = 8
    /// The line between a bucket and its overflow bucket.
    private static let link = 10
    private static let bucketWidth = slotCount * pitch + link
    private static let rowHeight = 18
    private static let titleHeight = 22
    /// For a row's number.
    private static let labelWidth = 34
    private static let panelGap = 20
    /// Rows a column has before there is a second one.
    private static let columnRows = 8

    // MARK: Marks

    /// What each mark looks like. Told apart by shape and lightness, not by colour alone.
    static let symbols = """

        <g id="full"><rect width="12" height="12" fill="#254b7b"/></g>
        <g id="empty"><rect x=".5" y=".5" width="11" height="11" fill="#fff" stroke="#a9b4c2"/></g>
        <g id="deleted"><rect x=".5" y=".5" width="11" height="11" fill="#fff" stroke="#d95f02"/>\
        <circle cx="6" cy="6" r="2.5" fill="#d95f02"/></g>
        <g id="evacuated"><rect width="12" height="12" fill="#c3c3c3"/>\
        <path d="M2 6h8m-3-3l3 3l-3 3" fill="none" stroke="#444"/></g>
        <g id="evacuatedEmpty"><rect x=".5" y=".5" width="11" height="11" fill="#f2f2f2" stroke="#c3c3c3"/>\
        <path d="M4 6h4" stroke="#999"/></g>
        """

    private static func symbol(_ mark: SlotMark) -> StaticString {
        switch mark {
        case .full: "full"
        case .empty: "empty"
        case .deleted: "deleted"
        case .evacuated: "evacuated"
        case .evacuatedEmpty: "evacuatedEmpty"
        }
    }

    /// Explains the marks.
    ///
    /// - Returns: where the legend ends.
    static func drawLegend(_ layout: MapLayout, y: Int, into svg: inout SVGWriter) -> Int {
        var entries: [(mark: SlotMark, text: String, width: Int)] = [
            (.full, "full", 62), (.empty, "empty", 76),
        ]
        switch layout {
        case .bucket:
            entries += [
                (.deleted, "empty since a delete, with more after it", 296),
                (.evacuated, "evacuated: its entry is in the new array", 312),
                (.evacuatedEmpty, "was empty when evacuated", 0),
            ]
        case .swiss:
            entries.append((.deleted, "tombstone: empty since a delete, and searches go on past it", 0))
        }
        var x = PictureLayout.margin
        svg.markup("<g id=\"legend\">\n")
        for entry in entries {
            svg.markup("<use href=\"#\(symbol(entry.mark))\" x=\"\(x)\" y=\"\(y + 8)\"/>")
            svg.line(entry.text, x: x + 18, y: y + 19)
            x += entry.width
        }
        svg.markup("</g>\n")
        return y + 24
    }

    // MARK: Panels

    /// One section, and where its rows go.
    private struct Panel {
        let content: PictureSection
        let title: String
        /// Buckets of a row that go on one line; what is beyond goes on the next.
        let lineBuckets: Int
        let rowsPerColumn: Int
        let columns: Int
        let width: Int
        var height = 0

        init(_ content: PictureSection, title: String, widthLimit: Int) {
            self.content = content
            self.title = title
            let longest = content.rows.reduce(1) { max($0, $1.count) }
            lineBuckets = min(longest, (widthLimit - labelWidth) / bucketWidth)
            let columnWidth = labelWidth + lineBuckets * bucketWidth
            columns = max(
                1, min(widthLimit / columnWidth, (content.rows.count + columnRows - 1) / columnRows))
            rowsPerColumn = (content.rows.count + columns - 1) / columns
            width = max(columns * columnWidth, title.count * 7)
            for column in 0..<columns {
                height = max(height, rows(of: column).reduce(titleHeight) { $0 + rowHeight(of: $1) })
            }
        }

        func rows(of column: Int) -> Range<Int> {
            (column * rowsPerColumn..<(column + 1) * rowsPerColumn).clamped(to: content.rows.indices)
        }

        func rowHeight(of row: Int) -> Int {
            (content.rows[row].count + lineBuckets - 1) / lineBuckets * SlotDrawing.rowHeight
        }
    }

    private func title(of content: PictureSection) -> String {
        let rows = content.rows.count.counted(layout.rowWord)
        let title =
            switch content.section {
            case .array: "array, \(rows)"
            case .oldArray: "old array, \(content.rows.count { $0[0].isEvacuated }) of \(rows) evacuated"
            case .group: "one group, no table yet"
            case .table(let number, let localDepth, let directory):
                "table \(number), depth \(localDepth), directory "
                    + (directory.count == 1
                        ? "\(directory.lowerBound)" : "\(directory.lowerBound)–\(directory.upperBound - 1)")
            }
        guard report.hasParts else { return title }
        let part = report.partName(content.shard)
        return content.section == .array ? part : "\(part): \(title)"
    }

    /// Draws all sections, as many beside each other as fit.
    ///
    /// - Returns: where the last one ends.
    func draw(_ sections: [PictureSection], y: Int, into svg: inout SVGWriter) -> Int {
        // Two arrays side by side, unless a chain of more than three buckets needs the whole width.
        let longest = sections.reduce(1) { max($0, $1.rows.reduce(1) { max($0, $1.count) }) }
        let half = (PictureLayout.contentWidth - Self.panelGap) / 2
        let widthLimit = sections.count == 1 || longest > 3 ? PictureLayout.contentWidth : half
        let panels = sections.map { Panel($0, title: title(of: $0), widthLimit: widthLimit) }
        let step = panels.reduce(0) { max($0, $1.width) } + Self.panelGap
        let columns = max(1, (PictureLayout.contentWidth + Self.panelGap) / step)
        var top = y
        for line in stride(from: 0, to: panels.count, by: columns) {
            let panels = panels[line..<min(line + columns, panels.count)]
            for (column, panel) in panels.enumerated() {
                draw(panel, x: PictureLayout.margin + column * step, y: top, into: &svg)
            }
            top += panels.reduce(0) { max($0, $1.height) } + 10
        }
        return top - 10
    }

    private func draw(_ panel: Panel, x: Int, y: Int, into svg: inout SVGWriter) {
        svg.line(panel.title, x: x, y: y + 13)
        for column in 0..<panel.columns {
            var rowY = y + Self.titleHeight
            let columnWidth = Self.labelWidth + panel.lineBuckets * Self.bucketWidth
            let rowX = x + column * columnWidth + Self.labelWidth
            for row in panel.rows(of: column) {
                svg.line("\(row)", x: rowX - 6, y: rowY + 10, style: "number")
                svg.markup("<g class=\"row\">")
                svg.title(description(of: panel.content.rows[row], number: row))
                draw(panel.content.rows[row], lineBuckets: panel.lineBuckets, x: rowX, y: rowY, into: &svg)
                svg.markup("</g>\n")
                rowY += panel.rowHeight(of: row)
            }
        }
    }

    private func description(of row: [SlotMarks], number: Int) -> String {
        let name = "\(layout.rowWord) \(number): "
        if row[0].isEvacuated { return name + "evacuated" }
        let full = row.reduce(0) { $0 + $1.full.nonzeroBitCount }
        let deleted = row.reduce(0) { $0 + $1.deleted.nonzeroBitCount }
        return name + "\(full) of \(row.count * Self.slotCount) slots full"
            + (deleted == 0 ? "" : ", \(deleted) \(layout.deletedWords)")
    }

    /// Draws one chain or group.
    private func draw(_ buckets: [SlotMarks], lineBuckets: Int, x: Int, y: Int, into svg: inout SVGWriter) {
        for (index, bucket) in buckets.enumerated() {
            let (line, place) = index.quotientAndRemainder(dividingBy: lineBuckets)
            let bucketX = x + place * Self.bucketWidth
            let bucketY = y + line * Self.rowHeight
            if index > 0 {
                let linkX = bucketX - Self.link - 2
                svg.markup("<path d=\"M\(linkX) \(bucketY + 6)h\(Self.link + 2)\" stroke=\"#222\"/>")
            }
            for slot in 0..<Self.slotCount {
                let symbol = Self.symbol(bucket[slot])
                svg.markup("<use href=\"#\(symbol)\" x=\"\(bucketX + slot * Self.pitch)\" y=\"\(bucketY)\"/>")
            }
        }
    }
}
