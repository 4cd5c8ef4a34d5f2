// The report as one page that needs nothing else: no network, no other file. Well-formed as XML too.

extension Report {
    var page: String {
        let charts = Figure.allCases.map { ($0, chart($0)) }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            \(ReportFolder.mark)
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>\(Escaping.xml(title))</title>
            <style>
            \(Stylesheet.text)</style>
            </head>
            <body>
            <main>
            <h1>\(Escaping.xml(title))</h1>
            \(brokenOff.map { "<p class=\"warning\"><strong>Broken off:</strong> \(Escaping.xml($0))</p>\n" } ?? "")\
            <section class="advice" aria-label="Advice">
            \(advice.map { "<p>\(Self.breakable($0))</p>" }.joined(separator: "\n"))
            </section>
            <h2>Over time</h2>
            \(legend(charts[0].1))
            <div class="charts">
            \(charts.map(figure).joined(separator: "\n"))
            </div>
            <h2>What each costs</h2>
            \(costTables)
            <h2>The workload</h2>
            <dl>
            \(settings.map { "<div><dt>\(Escaping.xml($0.name))</dt><dd>\(Escaping.xml($0.value))</dd></div>" }.joined(separator: "\n"))
            </dl>
            <p>The same again:</p>
            <pre>\(Escaping.xml(command))</pre>
            <footer>\(Escaping.xml(origin)). Every sample is in <code>data.csv</code> beside this page.</footer>
            </main>
            <script>
            \(Script.text)</script>
            </body>
            </html>

            """
    }

    private func legend(_ chart: Chart) -> String {
        let items = chart.series.map { series in
            "<li><svg viewBox=\"0 0 36 8\" width=\"36\" height=\"8\" class=\"chart\" aria-hidden=\"true\">"
                + "<path class=\"line \(series.style.classes)\" d=\"M0 4h36\"/></svg> \(Self.breakable(series.name))</li>"
        }
        return items.isEmpty
            ? "<p>There are no samples.</p>" : "<ul class=\"legend\">\n\(items.joined(separator: "\n"))\n</ul>"
    }

    private func figure(_ figure: Figure, _ chart: Chart) -> String {
        """
        <figure>
        <figcaption><strong>\(Escaping.xml(figure.title))</strong> \(Escaping.xml(figure.meaning))</figcaption>
        \(chart.inlineSVG)<ol class="readout" aria-hidden="true"></ol>
        <details><summary>As a table</summary>
        <div class="wide">\(samples(chart))</div></details>
        </figure>
        """
    }

    /// What the lines are at a dozen moments.
    private func samples(_ chart: Chart) -> String {
        let end = chart.series.flatMap(\.points).map(\.seconds).max() ?? 0
        let times = (0...Self.sampleRows).map { end * Double($0) / Double(Self.sampleRows) }
        let header = chart.series.map { "<th scope=\"col\">\(Self.breakable($0.name))</th>" }.joined()
        let rows = times.map { seconds in
            let cells = chart.series.map { series in
                // A line that has ended has no value any more.
                let last = series.points.last!.seconds
                let value = seconds > last + end / 1000 ? nil : Chart.Point.on(series.points, at: seconds).value
                return
                    "<td>\(value.map { chart.unit == .bytes ? Numbers.mebibytes(Int($0)) : Numbers.count(Int($0)) } ?? "")</td>"
            }
            return "<tr><th scope=\"row\">\(Numbers.decimal(seconds, 2))</th>\(cells.joined())</tr>"
        }
        return "<table><thead><tr><th scope=\"col\">seconds</th>\(header)</tr></thead>\n"
            + "<tbody>\(rows.joined(separator: "\n"))</tbody></table>"
            + (chart.unit == .bytes ? "<p class=\"unit\">in MiB</p>" : "")
    }

    private static let sampleRows = 12

    private var costTables: String {
        let table = costTable
        let styles = Palette.styles(runs)
        var html = table.blocks.map { block in
            let rows = zip(block.rows, styles).map { row, style in
                let cells =
                    row.cells.isEmpty
                    ? "<td colspan=\"\(block.columns.count)\" class=\"none\">–</td>"
                    : row.cells.map { "<td>\(Escaping.xml($0))</td>" }.joined()
                return
                    "<tr><th scope=\"row\" class=\"key k\(style.colour)\">\(Self.breakable(row.name))</th>\(cells)</tr>"
            }
            return "<div class=\"wide\"><table class=\"costs\"><caption>\(Escaping.xml(block.title))</caption>\n<thead>"
                + "\(header(block))</thead>\n<tbody>\(rows.joined(separator: "\n"))</tbody></table></div>"
        }
        if !table.remarks.isEmpty {
            html.append("<ul class=\"remarks\">\(table.remarks.map { "<li>\(Self.breakable($0))</li>" }.joined())</ul>")
        }
        return html.joined(separator: "\n")
    }

    private func header(_ block: CostTable.Block) -> String {
        var groups = ""
        var index = 0
        while index < block.columns.count {
            let group = block.columns[index].group
            let end = block.columns[index...].firstIndex { $0.group != group } ?? block.columns.count
            groups += "<th scope=\"colgroup\" colspan=\"\(end - index)\">\(Escaping.xml(group))</th>"
            index = end
        }
        let names = block.columns.map { "<th scope=\"col\">\(Escaping.xml($0.name))</th>" }.joined()
        let hasGroups = block.columns.contains { !$0.group.isEmpty }
        return (hasGroups ? "<tr class=\"groups\"><td></td>\(groups)</tr>" : "") + "<tr><td></td>\(names)</tr>"
    }

    /// With leave to break a line after each comma: names are long, phones are narrow.
    private static func breakable(_ text: String) -> String {
        Escaping.xml(text).replacing(",", with: ",<wbr/>").replacing(",<wbr/> ", with: ", ")
    }
}
