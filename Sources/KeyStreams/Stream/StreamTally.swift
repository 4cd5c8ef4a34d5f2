// What a reader has seen so far.

package struct StreamTally: Equatable, Sendable {
    package var packing = Packing.plain
    /// Nil until a line shows it.
    package var format: KeyStreamFormat?
    /// All lines, empty and bad ones included.
    package var lines = 0
    package var operations = 0
    /// Good lines that are nothing that a map of strings does: PING, LPUSH …
    package var skippedLines = 0
    package var badLines = 0
    /// The first ten.
    package private(set) var firstBadLines: [BadLine] = []

    package static let shownBadLines = 10

    package init() {}

    mutating func countBad(_ reason: String) -> BadLine {
        let line = BadLine(number: lines, reason: reason)
        badLines += 1
        if firstBadLines.count < Self.shownBadLines { firstBadLines.append(line) }
        return line
    }
}
