// The last lines that Go's runtime would have printed with GODEBUG=gctrace=1,scavtrace=1.

/// A ring of lines, each with a number.
struct TraceLog {
    static let capacity = 1_000
    private var lines: [String] = []
    /// Lines ever added: the next line's number.
    private(set) var count = 0

    mutating func add(_ line: String) {
        if lines.count < Self.capacity {
            lines.append(line)
        } else {
            lines[count % Self.capacity] = line
        }
        count += 1
    }

    /// The lines from number `first` on that are still there.
    func lines(from first: Int) -> [String] {
        let oldest = max(first, count - lines.count)
        return oldest < count ? (oldest..<count).map { lines[$0 % Self.capacity] } : []
    }
}

extension Heap {
    /// How many gctrace and scavenger lines there have been. O(1).
    package var traceLineCount: Int { state.pointee.log.count }

    /// The gctrace and scavenger lines since a point in time, oldest first; at most the last 1,000 are kept.
    ///
    /// - Parameter first: `traceLineCount` at that time; 0 for all.
    package func traceLines(from first: Int = 0) -> [String] { state.pointee.log.lines(from: first) }
}
