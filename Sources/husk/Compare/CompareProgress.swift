// How far a comparison is: a bar on stderr, for somebody who looks at it.

import Comparison
import Glibc

struct CompareProgress {
    private let isShown = isatty(STDERR_FILENO) == 1

    /// `[#########-----------]  45%  3 of 8, copy,everyRounds=5, 0:12 left`
    func show(_ progress: Comparison.Progress) {
        guard isShown else { return }
        let done = Int(progress.share * Double(Self.barWidth))
        let bar = String(repeating: "#", count: done) + String(repeating: "-", count: Self.barWidth - done)
        let percent = "\(Int(progress.share * 100))%"
        let left = progress.secondsLeft.map { ", \(Self.clock($0)) left" } ?? ""
        let head = "[\(bar)] \(String(repeating: " ", count: 4 - percent.count))\(percent)  "
        let place = "\(progress.index + 1) of \(progress.count), "
        let room = Self.lineWidth - head.count - place.count - left.count
        let name = progress.name.count > room ? progress.name.prefix(room - 1) + "…" : progress.name[...]
        write("\r\u{1B}[K\(head)\(place)\(name)\(left)")
    }

    /// Takes the line back.
    func clear() { write("\r\u{1B}[K") }

    private static let barWidth = 20
    /// One column is left free: some terminals go to the next line when the last one is written to.
    private static let lineWidth = 79

    private static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        let rest = whole % 60
        return "\(whole / 60):\(rest < 10 ? "0" : "")\(rest)"
    }

    private func write(_ text: String) {
        if isShown { _ = Glibc.write(STDERR_FILENO, text, text.utf8.count) }
    }
}
