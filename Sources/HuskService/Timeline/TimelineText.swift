// Samples and marks as a table and as a picture.

import Reports

extension Timeline.Extract {
    /// A line each sample; the last column has the marks since the one before. (RFC 4180, with line feeds alone)
    var csv: String {
        let fields = fields.map { TimelineField.all[$0] }
        var text = "sequence,time" + fields.map { ",\($0.name)" }.joined() + ",marks\n"
        var marks = marks[...]
        for sample in 0..<count {
            text += "\(number(sample)),\(milliseconds(sample))"
            for (index, field) in fields.enumerated() { text += "," + Self.csv(word(sample, index), field) }
            let before = marks.prefix { $0.number < number(sample) }
            marks.removeFirst(before.count)
            text += "," + Self.quoted(before.map(\.line).joined(separator: "; ")) + "\n"
        }
        return text
    }

    private static func csv(_ word: UInt64, _ field: TimelineField) -> String {
        switch field.kind {
        case .integer: "\(word)"
        case .flag: word == 0 ? "false" : "true"
        case .number: goFloatText(Double(bitPattern: word))
        case .optionalInteger: word == TimelineField.absent ? "" : "\(word)"
        }
    }

    /// A spreadsheet takes what begins with one of these for a formula; marks begin with a letter.
    private static func quoted(_ text: String) -> String {
        text.isEmpty ? "" : "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    /// A chart for each unit, above one another.
    var svg: String {
        let first = count > 0 ? milliseconds(0) : marks.first?.milliseconds ?? 0
        let chartMarks = marks.filter { $0.milliseconds >= first }.map {
            Chart.Mark(seconds: Self.seconds($0.milliseconds, since: first), name: $0.kind.rawValue, text: $0.line)
        }
        let charts = Panel.allCases.compactMap { panel -> Chart? in
            let lines = fields.enumerated().filter { panel.unit == TimelineField.all[$0.element].unit }
                .map { index, place in line(index, TimelineField.all[place], since: first) }
                // No limit, or of the other layout: nothing to draw.
                .filter { count == 0 || !$0.points.isEmpty }
            if lines.isEmpty { return nil }
            return Chart(
                identifier: panel.unit.rawValue, title: panel.title, meaning: panel.meaning, unit: panel.chartUnit,
                unitName: panel.unitName, lines: lines, marks: chartMarks)
        }
        return Chart.svg(charts)
    }

    private func line(
        _ index: Int, _ field: TimelineField, since first: Int
    ) -> (name: String, points: [Chart.Point]) {
        let points = (0..<count).compactMap { sample in
            field.number(word(sample, index)).map {
                Chart.Point(seconds: Self.seconds(milliseconds(sample), since: first), value: $0)
            }
        }
        return ("\(field.name)", points)
    }

    private static func seconds(_ milliseconds: Int, since first: Int) -> Double {
        Double(milliseconds - first) / 1000
    }
}

extension Timeline.Mark {
    /// In one line, as in `clear (127.0.0.1:40212): 8192 entries`.
    fileprivate var line: String {
        kind.rawValue + (by.map { " (\($0))" } ?? "") + (text.isEmpty ? "" : ": \(text)")
    }
}

/// What can be drawn on one axis.
private enum Panel: CaseIterable {
    case bytes, count, nanoseconds, share, flag

    var unit: TimelineField.Unit {
        switch self {
        case .bytes: .bytes
        case .count: .count
        case .nanoseconds: .nanoseconds
        case .share: .share
        case .flag: .flag
        }
    }

    var title: String {
        switch self {
        case .bytes: "Bytes"
        case .count: "Counts"
        case .nanoseconds: "Nanoseconds"
        case .share: "Ratios"
        case .flag: "Yes or no"
        }
    }

    var meaning: String {
        switch self {
        case .bytes: "heap, map and process"
        case .count: "entries, slots and whatever else is counted"
        case .nanoseconds: "times of the runtime"
        case .share: "shares and load"
        case .flag: "1 is yes"
        }
    }

    var unitName: String {
        switch self {
        case .bytes, .share, .flag: ""
        case .count: "count"
        case .nanoseconds: "ns"
        }
    }

    var chartUnit: Chart.Unit {
        switch self {
        case .bytes: .bytes
        case .count, .nanoseconds, .flag: .count
        case .share: .number
        }
    }
}
