// A chart over time: one figure of several runs, or several figures of one.

package struct Chart: Sendable {
    package struct Series: Sendable {
        var name: String
        var style: LineStyle
        /// In the order of time.
        var points: [Point]
        /// When the remedy ran: a dot on the line.
        var dots: [Point]
    }

    package struct Point: Equatable, Sendable {
        var seconds: Double
        var value: Double

        package init(seconds: Double, value: Double) {
            self.seconds = seconds
            self.value = value
        }
    }

    /// Something that happened: a line from top to bottom.
    package struct Mark: Sendable {
        var seconds: Double
        var name: String
        /// What is shown when it is pointed at.
        var text: String

        package init(seconds: Double, name: String, text: String) {
            self.seconds = seconds
            self.name = name
            self.text = text
        }
    }

    package enum Unit: Sendable { case bytes, count, number }

    /// Begins the names of its parts, so that several charts can be on one page.
    var identifier: String
    var title: String
    /// The title in other words.
    var meaning: String
    var unit: Unit
    /// What a value counts when it is not bytes.
    var unitName: String
    var series: [Series]
    var marks: [Mark] = []

    var timeAxis: Axis {
        let times = series.flatMap(\.points).map(\.seconds) + marks.map(\.seconds)
        return .seconds(times.max() ?? 0, atMost: 8)
    }

    var valueAxis: Axis {
        let largest = series.flatMap(\.points).map(\.value).max() ?? 0
        return switch unit {
        case .bytes: .bytes(Int(largest), atMost: 5)
        case .count: .count(Int(largest), atMost: 5)
        case .number: Axis(largest: largest, unit: 1, unitName: "", atMost: 5)
        }
    }

    /// Several figures of one run.
    ///
    /// - Parameters:
    ///   - identifier: letters, which no other chart on the page has.
    ///   - unitName: what a value counts when it is not bytes.
    ///   - lines: each with its name and its points, in the order of time.
    ///   - marks: in the order of time.
    package init(
        identifier: String, title: String, meaning: String, unit: Unit, unitName: String,
        lines: [(name: String, points: [Point])], marks: [Mark]
    ) {
        self.init(
            identifier: identifier, title: title, meaning: meaning, unit: unit, unitName: unitName,
            series: lines.enumerated().map { index, line in
                Series(name: line.name, style: Palette.style(index), points: line.points, dots: [])
            })
        self.marks = marks
    }

    init(
        identifier: String, title: String, meaning: String, unit: Unit, unitName: String, series: [Series]
    ) {
        self.identifier = identifier
        self.title = title
        self.meaning = meaning
        self.unit = unit
        self.unitName = unitName
        self.series = series
    }

    /// More than these would be a second line, not dots.
    static let dotLimit = 24
}

extension Report {
    /// The chart of one figure, with a line for each run that has samples.
    package func chart(_ figure: Figure) -> Chart {
        let styles = Palette.styles(runs)
        var series: [Chart.Series] = []
        for ((run, name), style) in zip(zip(runs, names), styles) where !run.samples.isEmpty {
            let points = run.samples.map {
                Chart.Point(seconds: $0.seconds, value: Double(figure.value(of: $0)))
            }
            let times = run.marks.map(\.seconds)
            let dots = times.count > Chart.dotLimit ? [] : times.map { Chart.Point.on(points, at: $0) }
            series.append(Chart.Series(name: name, style: style, points: points, dots: dots))
        }
        return Chart(
            identifier: figure.rawValue, title: figure.title, meaning: figure.meaning,
            unit: figure.isBytes ? .bytes : .count, unitName: "entries", series: series)
    }
}

extension Chart.Point {
    /// Where a line is at a time. The line has at least one point.
    static func on(_ points: [Chart.Point], at seconds: Double) -> Chart.Point {
        let after = points.firstIndex { $0.seconds >= seconds } ?? points.count
        if after == 0 { return points[0] }
        if after == points.count { return points[after - 1] }
        let (left, right) = (points[after - 1], points[after])
        let width = right.seconds - left.seconds
        let share = width > 0 ? (seconds - left.seconds) / width : 1
        return Chart.Point(seconds: seconds, value: left.value + (right.value - left.value) * share)
    }

    /// The line with at most four points for each of so many columns: the first, the least, the greatest and the last.
    /// So every peak stays.
    static func thinned(_ points: [Chart.Point], columns: Int, until end: Double) -> [Chart.Point] {
        guard points.count > columns * 2, end > 0 else { return points }
        var kept: [Chart.Point] = []
        var start = 0
        while start < points.count {
            func column(_ index: Int) -> Int { Int(points[index].seconds / end * Double(columns)) }
            let stop = points[start...].indices.first { column($0) != column(start) } ?? points.count
            let part = start..<stop
            let least = part.min { points[$0].value < points[$1].value }!
            let greatest = part.max { points[$0].value < points[$1].value }!
            kept += Set([start, least, greatest, stop - 1]).sorted().map { points[$0] }
            start = stop
        }
        return kept
    }
}
