// What `husk top` shows, as lines of text:
//
//     husk top   http://127.0.0.1:8080   Go 1.23   each 1s             12:30:05
//     RSS        341.0 MiB   HeapAlloc  305.2 MiB   …                            figures
//     RSS        ▁▁▁▂▄▆███▇▇▇▇▇▇                                                 one column a sample, the newest at the right
//     events              i    c   n                                             the first letter of each mark
//     12:29:58 clear  127.0.0.1:40212  8192 entries, …                           the newest marks
//
// Whatever a server says goes through `plain`: nothing of it can move the cursor.

import Glibc

struct TopScreen {
    var columns: Int
    var rows: Int
    /// Whether the terminal shows more than ASCII.
    var isUnicode: Bool

    private static let charted: [(name: String, title: String, isBytes: Bool)] = [
        ("RSS", "RSS", true), ("HeapAlloc", "HeapAlloc", true), ("retainedBytes", "retained", true),
        ("len", "len", false),
    ]
    /// What a line of figures begins with, in columns.
    private static let headColumns = 26
    static let leastColumns = 40
    static let leastRows = 12

    /// Samples that fit.
    var sampleCount: Int { max(10, columns - Self.headColumns) }

    /// The whole screen, `rows` lines at most.
    ///
    /// - Parameter trouble: why there is nothing newer, if that is so.
    func lines(_ history: TopHistory, _ server: String, trouble: String?) -> [String] {
        var lines = [heading(history, server)]
        lines.append(trouble.map { "! " + plain($0) } ?? "")
        let sample = history.samples.last
        lines += figures(sample)
        lines.append("")
        let shown = history.samples.suffix(sampleCount)
        let sparkRows = rows >= 22 ? 2 : 1
        for figure in Self.charted { lines += spark(figure, shown, rowCount: sparkRows) }
        lines.append(pad("events", Self.headColumns) + marks(history, shown))
        let room = rows - lines.count
        for mark in history.marks.suffix(max(0, room)).reversed() { lines.append(line(mark)) }
        return lines.prefix(rows).map { cut($0) }
    }

    /// One line for a sample, where there is no screen to draw on.
    func line(_ history: TopHistory, _ sample: TopHistory.Sample) -> String {
        let figures = Self.charted.map { figure in
            "\(figure.title) \(amount(sample[figure.name], figure.isBytes))"
        }
        return ([clock(sample.milliseconds)] + figures + ["gc \(count(sample["NumGC"]))"]).joined(separator: "  ")
    }

    func line(_ mark: TopHistory.Mark) -> String {
        let by = mark.by.map { "  \(plain($0))" } ?? ""
        return cut("\(clock(mark.milliseconds)) \(pad(plain(mark.kind), 11))\(by)  \(plain(mark.text))")
    }

    // MARK: Parts

    private func heading(_ history: TopHistory, _ server: String) -> String {
        let left = "husk top   \(plain(server))   Go \(plain(history.go))   each \(plain(history.period))"
        let right = history.samples.last.map { clock($0.milliseconds) } ?? ""
        return pad(left, columns - right.count) + right
    }

    private func figures(_ sample: TopHistory.Sample?) -> [String] {
        func bytes(_ title: String, _ name: String) -> String { cell(title, amount(sample?[name], true)) }
        func count(_ title: String, _ name: String) -> String { cell(title, amount(sample?[name], false)) }
        let load = sample?["loadFactor"].map { decimal($0, 2) } ?? "-"
        let share = sample?["GCCPUFraction"].map { decimal($0 * 100, 2) + "%" } ?? "-"
        return [
            bytes("HeapInuse", "HeapInuse") + bytes("HeapIdle", "HeapIdle") + bytes("released", "HeapReleased"),
            bytes("goal", "goal") + bytes("limit", "memoryLimit") + bytes("map", "bytes.total"),
            count("objects", "HeapObjects") + count("slots", "slots") + cell("load", load),
            count("GC", "NumGC") + cell("GC CPU", share) + cell("paused", pause(sample?["PauseTotalNs"])),
        ]
    }

    private func cell(_ title: String, _ value: String) -> String {
        pad(title, 10) + String(repeating: " ", count: max(0, 13 - value.count)) + value + "   "
    }

    private func spark(
        _ figure: (name: String, title: String, isBytes: Bool), _ samples: ArraySlice<TopHistory.Sample>, rowCount: Int
    ) -> [String] {
        let values = samples.map { $0[figure.name] }
        let line = Sparkline(values, isUnicode: isUnicode)
        var rows = line.rows(rowCount).map {
            String(repeating: " ", count: sampleCount - values.count) + $0
        }
        let now = amount(values.last ?? nil, figure.isBytes)
        let head = pad(figure.title, 10) + String(repeating: " ", count: max(0, 14 - now.count)) + now
        let most = "max " + amount(line.greatest, figure.isBytes)
        rows[0] = pad(head, Self.headColumns) + rows[0]
        if rowCount > 1 {
            rows[1] =
                pad(String(repeating: " ", count: max(0, 24 - most.count)) + most, Self.headColumns) + rows[1]
        }
        return rows
    }

    /// A letter above the time of each mark.
    private func marks(_ history: TopHistory, _ samples: ArraySlice<TopHistory.Sample>) -> String {
        var letters = [Character](repeating: " ", count: sampleCount)
        guard let first = samples.first else { return "" }
        for mark in history.marks where mark.number > first.number {
            let index = samples.firstIndex { $0.number > mark.number } ?? samples.endIndex - 1
            let column = sampleCount - samples.count + index - samples.startIndex
            letters[column] = letters[column] == " " ? mark.kind.first ?? "?" : "*"
        }
        return plain(String(letters))
    }

    // MARK: Words

    private func amount(_ value: Double?, _ isBytes: Bool) -> String {
        guard let value else { return "none" }
        return isBytes ? decimal(value / 1_048_576, 1) + " MiB" : count(value)
    }

    /// With commas between thousands.
    private func count(_ value: Double?) -> String {
        guard let value, value < 1e15 else { return "-" }
        var digits = Substring("\(Int(value))")
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        return ([digits] + groups).joined(separator: ",")
    }

    private func pause(_ nanoseconds: Double?) -> String {
        guard let nanoseconds else { return "-" }
        return nanoseconds < 1e9 ? decimal(nanoseconds / 1e6, 2) + " ms" : decimal(nanoseconds / 1e9, 2) + " s"
    }

    private func decimal(_ value: Double, _ places: Int) -> String {
        let scale = places == 1 ? 10.0 : 100.0
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 1e15 else { return "-" }
        let fraction = "\(Int(scaled) % Int(scale))"
        return "\(Int(scaled) / Int(scale))." + String(repeating: "0", count: places - fraction.count) + fraction
    }

    /// The time of day here.
    private func clock(_ milliseconds: Int) -> String {
        var seconds = milliseconds / 1000
        var parts = tm()
        localtime_r(&seconds, &parts)
        return [parts.tm_hour, parts.tm_min, parts.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func cut(_ line: String) -> String {
        let line = line.count > columns ? String(line.prefix(columns)) : line
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// A text without what could do anything to a terminal, each character one column wide.
    private func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar -> Unicode.Scalar in
                    switch scalar {
                    case " "..."~": scalar
                    case "\u{A1}"..."\u{17F}" where isUnicode && scalar != "\u{AD}": scalar
                    case "…" where isUnicode: scalar
                    case "…", "\n", "\t": " "
                    default: "?"
                    }
                }))
    }
}
