// A chart of one figure over time: one line a run.

package struct Chart: Sendable {
    struct Series: Sendable {
        var name: String
        var style: LineStyle
        /// In the order of time.
        var points: [Point]
        /// When the remedy ran: a dot on the line.
        var dots: [Point]
    }

    struct Point: Equatable, Sendable {
        var seconds: Double
        var value: Double
    }

    var figure: Figure
    var series: [Series]

    var timeAxis: Axis { .seconds(series.flatMap(\.points).map(\.seconds).max() ?? 0, atMost: 6) }

    var valueAxis: Axis {
        let largest = Int(series.flatMap(\.points).map(\.value).max() ?? 0)
        return figure.isBytes ? .bytes(largest, atMost: 5) : .count(largest, atMost: 5)
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
        return Chart(figure: figure, series: series)
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
