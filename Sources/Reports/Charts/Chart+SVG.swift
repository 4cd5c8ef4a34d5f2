// A chart as SVG: as a picture by itself, which brings its colours, its title and its legend; or inside of a page, which has
// those already.

extension Chart {
    /// Lengths in units of the picture; text has 13 of them.
    struct Layout {
        var width: Double
        var plotHeight: Double
        var right = 14.0
        var top: Double
        var isAlone: Bool

        /// Wide enough to be read when it is as wide as a page, and when it is as wide as a phone.
        static let inside = Layout(width: 460, plotHeight: 220, top: 26, isAlone: false)
        static let alone = Layout(width: 800, plotHeight: 320, top: 58, isAlone: true)

        /// Room for the labels of the values, at the size that they have on a phone.
        var left = 0.0
        var bottom: Double { top + plotHeight }
        var plotWidth: Double { width - left - right }
    }

    /// A picture by itself, an XML document.
    package var svg: String { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg(.alone) }

    /// Charts above one another, as one picture and an XML document.
    package static func svg(_ charts: [Chart]) -> String {
        var layout = Layout.alone
        // So that one moment is at one place in all of them.
        layout.left = charts.map(\.roomForLabels).max() ?? 0
        let pictures = charts.map { $0.picture(layout) }
        var y = 0.0
        var lines: [String] = []
        for picture in pictures {
            let (top, height) = (text(y), text(picture.height))
            lines.append("<svg y=\"\(top)\" width=\"\(text(layout.width))\" height=\"\(height)\">")
            lines += [picture.svg, "</svg>"]
            y += picture.height
        }
        let (width, height) = (text(layout.width), text(max(y, 1)))
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
            + "width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\">\n"
            + lines.joined(separator: "\n") + "</svg>\n"
    }

    /// To stand inside of a page that has `Chart.classes` among its styles.
    var inlineSVG: String { svg(.inside) }

    private func svg(_ layout: Layout) -> String { picture(layout).svg }

    private var roomForLabels: Double { 16 + 8.5 * Double(valueAxis.ticks.map(\.text.count).max() ?? 0) }

    private func picture(_ layout: Layout) -> (svg: String, height: Double) {
        var layout = layout
        layout.left = max(layout.left, roomForLabels)
        let legend = layout.isAlone ? legendLines(layout) : []
        let height = layout.bottom + 44 + (legend.isEmpty ? 0 : Double(legend.count) * 20 + 10)
        let (times, values) = (timeAxis, valueAxis)
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(text(layout.width)) \(text(height))\" role=\"img\" "
                + (layout.isAlone ? "width=\"\(text(layout.width))\" height=\"\(text(height))\" " : "")
                + "aria-labelledby=\"\(identifier)-title \(identifier)-what\" class=\"chart\" data-end=\"\(times.end)\" "
                + "data-top=\"\(values.end / values.unit)\" data-unit=\"\(values.unitName)\" "
                + "data-plot=\"\(text(layout.left)) \(text(layout.top)) \(text(layout.plotWidth)) \(text(layout.plotHeight))\">",
            "<title id=\"\(identifier)-title\">\(Escaping.xml(title)) over time</title>",
            "<desc id=\"\(identifier)-what\">\(Escaping.xml("\(meaning), one line for each of: \(series.map(\.name).joined(separator: "; "))"))</desc>",
        ]
        if layout.isAlone {
            lines.append("<style>\n\(Self.ownStyle)\(Self.classes)</style>")
            lines.append("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>")
            lines.append("<text class=\"heading\" x=\"14\" y=\"26\">\(Escaping.xml(title))</text>")
            lines.append(
                "<text class=\"note\" x=\"\(text(layout.width - layout.right))\" y=\"26\" text-anchor=\"end\">"
                    + "\(Escaping.xml(meaning))</text>")
        }
        lines += grid(layout, times, values)
        lines += markLines(layout, times)
        lines += series.map { line($0, layout, times, values) }
        lines += legend
        lines.append("</svg>\n")
        return (lines.joined(separator: "\n"), height)
    }

    /// A line for each mark, with its name where there is room for it beside the last one.
    private func markLines(_ layout: Layout, _ times: Axis) -> [String] {
        let nameWidth = 13.0
        var free = 0.0
        return marks.map { mark in
            let x = layout.left + mark.seconds / times.end * layout.plotWidth
            var name = ""
            if x >= free {
                free = x + nameWidth
                let place = "translate(\(text(x)) \(text(layout.top + 4))) rotate(90)"
                name = "<text class=\"unit\" transform=\"\(place)\" dy=\"-3\">\(Escaping.xml(mark.name))</text>"
            }
            let path = "M\(text(x)) \(text(layout.top))V\(text(layout.bottom))"
            return "<g><title>\(Escaping.xml(mark.text))</title><path class=\"mark\" d=\"\(path)\"/>\(name)</g>"
        }
    }

    private func grid(_ layout: Layout, _ times: Axis, _ values: Axis) -> [String] {
        var lines = ["<g class=\"grid\">"]
        let right = layout.left + layout.plotWidth
        for tick in values.ticks {
            let y = text(layout.bottom - tick.value / values.end * layout.plotHeight)
            lines.append("<path d=\"M\(text(layout.left)) \(y)H\(text(right))\"/>")
            lines.append(
                "<text x=\"\(text(layout.left - 8))\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\">\(tick.text)</text>")
        }
        for tick in times.ticks {
            let x = text(layout.left + tick.value / times.end * layout.plotWidth)
            lines.append("<path d=\"M\(x) \(text(layout.bottom))v5\"/>")
            lines.append(
                "<text x=\"\(x)\" y=\"\(text(layout.bottom + 20))\" text-anchor=\"middle\">\(tick.text)</text>")
        }
        let unit = values.unitName.isEmpty ? unitName : values.unitName
        lines.append(
            "<text class=\"unit\" x=\"4\" y=\"\(text(layout.top - 12))\">\(unit)</text>"
        )
        lines.append(
            "<text class=\"unit\" x=\"\(text(right))\" y=\"\(text(layout.bottom + 39))\" text-anchor=\"end\">seconds</text>"
        )
        return lines + ["</g>"]
    }

    private func line(_ series: Series, _ layout: Layout, _ times: Axis, _ values: Axis) -> String {
        func x(_ point: Point) -> String { text(layout.left + point.seconds / times.end * layout.plotWidth) }
        func y(_ point: Point) -> String { text(layout.bottom - max(0, point.value) / values.end * layout.plotHeight) }
        let points = Point.thinned(series.points, columns: Int(layout.plotWidth / 2), until: times.end)
        let dots = series.dots.map {
            "<circle class=\"c\(series.style.colour)\" cx=\"\(x($0))\" cy=\"\(y($0))\" r=\"2.6\"/>"
        }
        return "<g class=\"run\" data-name=\"\(Escaping.xml(series.name))\">"
            + "<polyline class=\"line \(series.style.classes)\" points=\""
            + points.map { "\(x($0)),\(y($0))" }.joined(separator: " ") + "\"/>" + dots.joined() + "</g>"
    }

    /// The legend below the plot, in as many columns as there is room for.
    private func legendLines(_ layout: Layout) -> [String] {
        let widest = series.map { Double($0.name.count) }.max() ?? 0
        let columnCount = max(1, min(series.count, Int((layout.width - 28) / (widest * 7.4 + 62))))
        let columnWidth = (layout.width - 28) / Double(columnCount)
        let rowCount = (series.count + columnCount - 1) / columnCount
        return (0..<rowCount).map { row in
            (0..<columnCount).compactMap { column in
                let index = row * columnCount + column
                guard index < series.count else { return nil }
                let x = 14 + Double(column) * columnWidth
                let y = layout.bottom + 66 + Double(row) * 20
                return "<path class=\"line \(series[index].style.classes)\" d=\"M\(text(x)) \(text(y - 4))h36\"/>"
                    + "<text x=\"\(text(x + 44))\" y=\"\(text(y))\">\(Escaping.xml(series[index].name))</text>"
            }.joined()
        }
    }

    private func text(_ length: Double) -> String { Self.text(length) }

    private static func text(_ length: Double) -> String {
        let text = Numbers.decimal(length, 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// What a page with charts has among its styles, besides `--ink`, `--grid` and the palette's variables.
    static let classes = """
        .chart{font:13px system-ui,sans-serif}
        .chart text{fill:var(--ink)}
        .chart .unit{font-size:12px;opacity:.8}
        .grid path{stroke:var(--grid);fill:none;stroke-width:1}
        .mark{stroke:var(--ink);opacity:.5;stroke-dasharray:1 3;fill:none}
        .line{stroke-width:2;stroke-linejoin:round}
        \(Palette.classes).line{fill:none}

        """

    private static let ownStyle = """
        svg{--ink:#222;--grid:#d4d4d4;--paper:#fff;\(Palette.variables(Palette.light))}
        @media (prefers-color-scheme:dark){svg{--ink:#e4e4e4;--grid:#3c3f44;--paper:#16181c;\(Palette.variables(Palette.dark))}}
        .paper{fill:var(--paper)}
        .heading{font-size:17px;font-weight:600}
        .note{font-size:12px;opacity:.8}

        """
}

extension LineStyle {
    var classes: String { "c\(colour) d\(dash)" }
}
