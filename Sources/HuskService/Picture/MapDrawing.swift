// The picture of the map as SVG: heading, figures, what MapPicture.swift has read, legend.
//
//     ┌──────────────────────────────┐
//     │ map[int]int                  │  heading
//     │ len 20 · 48 slots · …        │  figures, as GET /map has them
//     │ Each row is a chain: …       │  what is to be seen
//     │ ▣▣▣▣▢▢▢▢  ▣▣▢▢▢▢▢▢           │  SlotDrawing.swift, or for large maps CellDrawing.swift
//     │ ▣ full  ▢ empty …            │  legend
//     └──────────────────────────────┘
//
// Stands alone: no script, no font or file from elsewhere, a background of its own. Bounded: some hundred slots one by
// one, or some thousand cells.

import GoHeap
import GoMap
import HuskLab
import MicroHTTP

/// Where everything is, in pixels at the picture's own size.
enum PictureLayout {
    static let width = 1_000
    static let margin = 20
    static let contentWidth = width - 2 * margin
    static let lineHeight = 19
    /// Letters of running text that surely fit the width.
    static let lineLetters = 140
}

struct MapDrawing: ~Copyable {
    private let picture: MapPicture
    private var statistics: MapStatistics { picture.report.statistics }
    private var isSharded: Bool { picture.report.hasParts }
    private var body = SVGWriter()
    /// Where the next thing goes.
    private var y = 38

    private init(_ picture: MapPicture) { self.picture = picture }

    /// Draws a picture.
    static func response(_ picture: MapPicture) -> Response {
        var drawing = MapDrawing(picture)
        drawing.draw()
        return drawing.finished().response()
    }

    private mutating func draw() {
        body.line("\(statistics.type)", x: PictureLayout.margin, y: y, style: "heading")
        y += 8
        paragraph(figures, separator: " · ")
        paragraph(layoutFigures, separator: " · ")
        paragraph(explanation.split(separator: " "), separator: " ")
        y += 14
        switch picture.rows {
        case .slots(let sections) where !sections.isEmpty:
            body.markup("<g id=\"map\">\n")
            y = SlotDrawing(picture.report).draw(sections, y: y, into: &body)
            body.markup("</g>\n")
            y = SlotDrawing.drawLegend(statistics.layout, y: y + 8, into: &body)
        case .cells(let cells, let oldCells):
            body.markup("<g id=\"map\">\n")
            y = CellDrawing(picture).draw(cells, ofOldArray: oldCells, y: y, into: &body)
            body.markup("</g>\n")
            y = CellDrawing.drawLegend(statistics.layout, y: y + 8, into: &body)
        case .slots, .unread: break
        }
    }

    /// Writes parts on as many lines as they need.
    private mutating func paragraph(_ parts: [some StringProtocol], separator: String) {
        var line = ""
        for part in parts {
            if !line.isEmpty && line.count + part.count > PictureLayout.lineLetters {
                nextLine(line)
                line = ""
            }
            line += line.isEmpty ? String(part) : separator + part
        }
        if !line.isEmpty { nextLine(line) }
    }

    private mutating func nextLine(_ text: String) {
        y += PictureLayout.lineHeight
        body.line(text, x: PictureLayout.margin, y: y)
    }

    // MARK: Words

    /// As GET /map has them.
    private var figures: [String] {
        var figures = [
            "\(statistics.layout.rawValue) layout", "len \(statistics.count.grouped)",
            "\(statistics.slots.grouped) slots",
            "\(statistics.bytes.total.grouped) bytes held, \(statistics.retainedBytes.grouped) of them retained",
        ]
        if isSharded {
            let report = picture.report
            figures.append(report.generations > 1 ? "two generations" : "\(report.shards.grouped) shards")
        }
        return figures
    }

    /// The part of GET /map that each layout has for itself.
    private var layoutFigures: [String] {
        let load = "\(statistics.loadFactor.rounded(toPlaces: 2)) entries a \(statistics.layout.rowWord)"
        let most = isSharded ? "up to" : "="
        if let bucket = statistics.bucket, bucket.chains > 0 {
            var figures = [
                load, "B \(most) \(bucket.B)", bucket.chains.counted("chain"),
                bucket.overflowBuckets.counted("overflow bucket"),
                "longest chain \(bucket.longestChain.grouped)",
            ]
            if bucket.growing {
                let growth = bucket.sameSizeGrow ? "growing at the same size" : "growing"
                figures.append("\(growth), \(bucket.evacuated.grouped) old chains evacuated")
            }
            return figures
        }
        if let swiss = statistics.swiss, swiss.groups > 0 {
            return [
                load, "global depth \(most) \(swiss.globalDepth)", swiss.tables.counted("table"),
                swiss.groups.counted("group"), swiss.tombstones.counted("tombstone"),
                "growth left \(swiss.growthLeft.grouped)",
            ]
        }
        return []
    }

    /// What there is to be seen.
    private var explanation: String {
        let word = statistics.layout.rowWord
        switch picture.rows {
        case .slots(let sections):
            if statistics.isNil {
                return
                    "The map is nil: there is nothing to draw. Reads find nothing, a delete does nothing, an insert panics."
            }
            if sections.isEmpty {
                return
                    "The map is empty and has no \(statistics.layout == .bucket ? "bucket" : "group") yet: "
                    + "the first insert makes one."
            }
            return rowExplanation + (isSharded ? " A shard that has none is left out." : "")
        case .cells(let cells, _):
            let rows = cells.rowsPerCell * picture.stride
            return
                "Each square is \(rows == 1 ? "one \(word)" : "\(rows.grouped) neighbouring \(word)s"), in reading order"
                + (isSharded ? ", shard after shard" : "")
                + ": the darker, the more of their slots are full. " + moment
        case .unread:
            return
                "Not drawn: each time that the map was read it got another array before the end. Ask again."
        }
    }

    /// What a row is.
    private var rowExplanation: String {
        switch statistics.layout {
        case .bucket where statistics.bucket?.growing == true:
            "Each row is a chain: a bucket of eight slots, and to the right its overflow buckets. While the map grows, "
                + "each write or delete moves up to two chains of the old array to the new one."
        case .bucket: "Each row is a chain: a bucket of eight slots, and to the right its overflow buckets."
        case .swiss where statistics.swiss?.tables == 0: "Each row is a group of eight slots."
        case .swiss:
            "Each row is a group of eight slots. The directory leads to a table by the top bits of a key's hash, as many "
                + "as its depth."
        }
    }

    /// How it was read.
    private var moment: String {
        guard picture.sliceCount > 1 else { return "" }
        var text =
            picture.stride == 1
            ? "" : "One in \(picture.stride.grouped) \(statistics.layout.rowWord)s was read. "
        text +=
            "Read in \(picture.sliceCount.grouped) steps, between which other clients may have changed the map"
        if picture.countBefore != statistics.count {
            text += ": len was \(picture.countBefore.grouped) before the first"
        }
        return text + "."
    }

    // MARK: The whole

    private consuming func finished() -> SVGWriter {
        let width = PictureLayout.width
        let height = y + PictureLayout.margin
        var page = SVGWriter()
        page.markup(
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" role="img" aria-labelledby="title desc">
            <title id="title">
            """)
        page.text("\(statistics.type), len \(statistics.count.grouped)")
        page.markup("</title>\n<desc id=\"desc\">")
        page.text("\((figures + layoutFigures).joined(separator: ", ")). \(explanation)")
        page.markup("</desc>\n<style>\(Self.style)</style>\n<defs>\(Self.symbols)</defs>\n")
        page.markup("<rect width=\"\(width)\" height=\"\(height)\" fill=\"#fff\"/>\n")
        page.append(body)
        page.markup("</svg>\n")
        return page
    }

    private static var style: String {
        """

        text{font:13px system-ui,sans-serif;fill:#222}
        .heading{font:600 20px ui-monospace,monospace}
        .tick{font-size:11px}
        .number{font-size:11px;fill:#667;text-anchor:end}
        .mark{pointer-events:none}
        \(CellDrawing.style)
        """
    }

    private static var symbols: String { SlotDrawing.symbols + CellDrawing.symbols }
}

// MARK: Text

extension MapLayout {
    /// What a row of slots is.
    var rowWord: String {
        switch self {
        case .bucket: "chain"
        case .swiss: "group"
        }
    }

    /// What slots are called that a delete has left where searches go on.
    var deletedWords: String {
        switch self {
        case .bucket: "deleted"
        case .swiss: "tombstones"
        }
    }
}

extension Int {
    /// So many of a thing.
    func counted(_ word: String) -> String { "\(grouped) \(word)\(self == 1 ? "" : "s")" }

    /// With commas, as in 1,048,576.
    var grouped: String {
        var text = "\(magnitude)"
        var position = text.count - 3
        while position > 0 {
            text.insert(",", at: text.index(text.startIndex, offsetBy: position))
            position -= 3
        }
        return self < 0 ? "-" + text : text
    }
}

extension Double {
    fileprivate func rounded(toPlaces places: Int) -> String {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        return goFloatText((self * scale).rounded() / scale)
    }
}
