// A large map, summed up: squares in reading order, each some rows, by how full they are.
//
//     0         ■■▤■■■▤■…
//     65,536    ■▤■■▤■■■…        a bar at the top: deleted slots; at the bottom: overflow buckets; hatched: evacuated

import GoHeap
import GoMap
import HuskLab

struct CellDrawing {
    private let report: MapReport
    private let stride: Int

    init(_ picture: MapPicture) {
        report = picture.report
        stride = picture.stride
    }

    /// How full: nothing, then ten steps of a tenth each. Lightness falls by the same amount from step to step (OKLCH
    /// 0.97 to 0.27, hue 255): even to the eye, and the same to eyes that tell fewer colours apart.
    private static let scale = [
        "#f0f6fd", "#cce0fa", "#aacaf4", "#8ab4eb", "#6d9edd", "#5488cb", "#3f73b4", "#305f99", "#254b7b",
        "#1e395b", "#18273a",
    ]
    /// Before the squares, for the number of the first row of each line.
    private static let labelWidth = 64
    private static let squaresWidth = 896

    static var style: String {
        scale.indices.map { ".o\($0){fill:\(scale[$0])}" }.joined()
            + "\n.o0{stroke:#dbe4ef}.overflow{stroke:#d95f02}.deletes{stroke:#c51b7d}.gone{fill:url(#hatch)}"
    }

    static let symbols = """

        <pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
        <rect width="4" height="4" fill="#ddd"/><rect width="1" height="4" fill="#777"/></pattern>

        """

    /// The step of the scale for a number of full slots.
    private static func step(full: Int, of slots: Int) -> Int {
        full == 0 || slots == 0 ? 0 : min(10, 1 + full * 10 / slots)
    }

    /// How large the squares are.
    private struct Grid {
        let columns: Int
        let pitch: Int
        var side: Int { pitch - 1 }
        var barHeight: Int { max(3, pitch / 5) }

        /// How wide a bar for a part of a whole is: to be seen, however small the part.
        func barWidth(_ part: Int, of whole: Int) -> Int { max(2, min(side, side * part / whole)) }

        init(cellCount: Int) {
            columns = cellCount <= 512 ? 32 : 64
            pitch = squaresWidth / columns
        }
    }

    /// Draws the cells of both arrays, those of the old one below.
    ///
    /// - Returns: where they end.
    func draw(_ rows: RowCells, ofOldArray oldRows: RowCells, y: Int, into svg: inout SVGWriter) -> Int {
        let grid = Grid(cellCount: rows.cells.count)
        let bottom = draw(rows, grid, y: y, into: &svg)
        guard let old = oldRows.total else { return bottom }
        let title =
            !report.hasParts
            ? "The old array, \((old.rows * stride).counted("chain")), on its way into the new one above:"
            : "The old arrays, \((old.rows * stride).counted("chain")) together, on their way into the new ones above:"
        svg.line(title, x: PictureLayout.margin, y: bottom + 19)
        return draw(oldRows, grid, y: bottom + 28, into: &svg)
    }

    private func draw(_ rows: RowCells, _ grid: Grid, y: Int, into svg: inout SVGWriter) -> Int {
        let left = PictureLayout.margin + Self.labelWidth
        var overflowBars = ""
        var deletedBars = ""
        var evacuatedParts = ""
        for (index, cell) in rows.cells.enumerated() {
            let (line, column) = index.quotientAndRemainder(dividingBy: grid.columns)
            let x = left + column * grid.pitch
            let top = y + line * grid.pitch
            let firstRow = index * rows.rowsPerCell * stride
            if column == 0 {
                let label = report.hasParts ? report.partName(cell.shards.lowerBound) : firstRow.grouped
                svg.line(label, x: left - 6, y: top + grid.side / 2 + 4, style: "number")
            }
            let slots = cell.slots - cell.evacuatedSlots
            let square = "M\(x) \(top)h\(grid.side)v\(grid.side)h-\(grid.side)z"
            svg.markup("<path class=\"o\(Self.step(full: cell.full, of: slots))\" d=\"\(square)\">")
            svg.title(description(of: cell, firstRow: firstRow))
            svg.markup("</path>")
            if cell.evacuatedRows > 0 {
                let width = grid.barWidth(cell.evacuatedRows, of: cell.rows)
                evacuatedParts += "M\(x) \(top)h\(width)v\(grid.side)h-\(width)z"
            }
            if cell.overflowBuckets > 0 {
                let width = grid.barWidth(cell.overflowBuckets, of: cell.rows)
                overflowBars += "M\(x) \(top + grid.side - grid.barHeight / 2 - 1)h\(width)"
            }
            if cell.deleted > 0 {
                let width = grid.barWidth(cell.deleted, of: cell.slots)
                deletedBars += "M\(x) \(top + grid.barHeight / 2 + 1)h\(width)"
            }
        }
        Self.drawMarks(evacuatedParts, style: "gone", width: 0, into: &svg)
        Self.drawMarks(overflowBars, style: "overflow", width: grid.barHeight, into: &svg)
        Self.drawMarks(deletedBars, style: "deletes", width: grid.barHeight, into: &svg)
        return y + (rows.cells.count + grid.columns - 1) / grid.columns * grid.pitch
    }

    /// Draws all marks of a kind at once: a path each would take many bytes.
    private static func drawMarks(_ path: String, style: StaticString, width: Int, into svg: inout SVGWriter) {
        guard !path.isEmpty else { return }
        svg.markup("<path class=\"mark \(style)\" stroke-width=\"\(width)\" d=\"\(path)\"/>\n")
    }

    /// What a square shows, in numbers. Brief: there are two thousand of them.
    private func description(of cell: RowTally, firstRow: Int) -> String {
        let word = report.statistics.layout.rowWord
        let name =
            if report.hasParts {
                (cell.shards.count == 1
                    ? report.partName(cell.shards.lowerBound)
                    : report.generations > 1
                        ? "young and old" : "shards \(cell.shards.lowerBound)–\(cell.shards.upperBound)")
                    + ", \((cell.rows * stride).counted(word))"
            } else if cell.rows * stride == 1 {
                "\(word) \(firstRow.grouped)"
            } else {
                "\(word)s \(firstRow.grouped)–\((firstRow + cell.rows * stride - 1).grouped)"
            }
        let slots = cell.slots - cell.evacuatedSlots
        let slotsWord = stride == 1 ? "slots" : "slots read"
        var parts = ["\(name): \(cell.full.grouped) of \(slots.grouped) \(slotsWord) full"]
        if cell.deleted > 0 {
            parts.append("\(cell.deleted.grouped) \(report.statistics.layout.deletedWords)")
        }
        if cell.overflowBuckets > 0 { parts.append("\(cell.overflowBuckets.grouped) overflow") }
        if cell.evacuatedRows > 0 { parts.append("\(cell.evacuatedRows.grouped) evacuated") }
        return parts.joined(separator: ", ")
    }

    // MARK: Legend

    /// Explains the squares.
    ///
    /// - Returns: where the legend ends.
    static func drawLegend(_ layout: MapLayout, y: Int, into svg: inout SVGWriter) -> Int {
        let side = 27
        var x = PictureLayout.margin
        svg.markup("<g id=\"legend\">\n")
        svg.line("full slots:", x: x, y: y + 18)
        svg.line("none", x: x + 76, y: y + side + 13, style: "tick")
        x += 74
        for step in scale.indices {
            svg.markup("<path class=\"o\(step)\" d=\"M\(x) \(y)h\(side)v\(side)h-\(side)z\"/>")
            x += step == 0 ? side + 22 : side
            svg.line("\(step * 10)\(step == 10 ? " %" : "")", x: x - 4, y: y + side + 13, style: "tick")
        }
        let marks: [(style: String, path: String, text: String, width: Int)] =
            switch layout {
            case .bucket:
                [
                    ("overflow", "M0 24h14", "overflow buckets: full width is one a chain", 330),
                    ("deletes", "M0 3h14", "slots empty since a delete: their share", 310),
                    ("gone", "M0 0h14v27h-14z", "chains evacuated: their share", 0),
                ]
            case .swiss: [("deletes", "M0 3h14", "tombstones: their share of all slots", 0)]
            }
        x = PictureLayout.margin
        let marksY = y + 50
        for mark in marks {
            svg.markup(
                "<g transform=\"translate(\(x) \(marksY))\"><path class=\"o4\" d=\"M0 0h\(side)v\(side)h-\(side)z\"/>"
                    + "<path class=\"\(mark.style)\" stroke-width=\"5\" d=\"\(mark.path)\"/></g>\n")
            svg.line(mark.text, x: x + side + 8, y: marksY + 18)
            x += mark.width
        }
        svg.markup("</g>\n")
        return marksY + side
    }
}
