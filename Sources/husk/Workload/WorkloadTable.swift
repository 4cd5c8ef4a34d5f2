// A workload's report for people: what was done and what it cost, one figure a line.

import GoHeap
import HuskLab
import KeyStreams
import Workloads

extension WorkloadReport {
    /// The report as text, ended by a line feed.
    var table: String {
        let rounds = rounds.map { " of \($0)" } ?? ""
        var text = "\(workload.kind.rawValue) over a \(type), Go \(profile.rawValue), \(layout.rawValue): "
        text += "\(state.rawValue) after \(round)\(rounds) rounds, \(Self.decimal(elapsedSeconds)) s\n"
        if let simulatedSeconds {
            text += "its clock is that of the operations: \(Self.decimal(simulatedSeconds)) simulated seconds\n"
        }
        var lines: [(String, String)] = [
            ("operations", Self.grouped(counts.operations)),
            ("  a second", Self.grouped(Int(operationsPerSecond))),
        ]
        let parts = [
            ("inserted", counts.inserted), ("updated", counts.updated), ("deleted", counts.deleted),
            ("absent", counts.absent), ("reads", counts.reads), ("misses", counts.misses), ("loads", counts.loads),
        ]
        for (name, count) in parts where count > 0 { lines.append(("  \(name)", Self.grouped(count))) }
        lines += [
            ("peak HeapAlloc", Self.mebibytes(costs.peakHeapAllocBytes)),
            ("peak RSS", Self.mebibytes(costs.peakResidentBytes)),
            ("HeapAlloc at the end", Self.mebibytes(costs.heapAllocBytes)),
            ("RSS at the end", Self.mebibytes(costs.residentBytes)),
            ("retained at the end", Self.mebibytes(costs.retainedBytes)),
            ("an operation, p50", Self.microseconds(costs.waits.p50)),
            ("  p99", Self.microseconds(costs.waits.p99)),
            ("  p99.9", Self.microseconds(costs.waits.p999)),
            ("  longest", Self.microseconds(costs.waits.longest)),
            ("CPU", Self.decimal(costs.cpuSeconds) + " s"),
            ("collections", "\(costs.cycles)"),
        ]
        if costs.remedyRuns > 0 {
            lines += [
                ("remedy applied", "\(costs.remedyRuns) times"),
                ("  took", Self.decimal(costs.remedySeconds) + " s"),
                ("  gave back", Self.mebibytes(costs.givenBackBytes)),
            ]
        }
        if let stream {
            lines.append(("lines of the stream", Self.grouped(stream.lines)))
            if stream.skippedLines > 0 { lines.append(("  skipped", Self.grouped(stream.skippedLines))) }
            if stream.badLines > 0 { lines.append(("  bad", Self.grouped(stream.badLines))) }
        }
        let nameWidth = lines.map(\.0.count).max()! + 2
        let valueWidth = lines.map(\.1.count).max()!
        for (name, value) in lines {
            text += name + Self.spaces(nameWidth - name.count + valueWidth - value.count) + value + "\n"
        }
        if let stream { text += stream.badLineList }
        return text
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    private static func mebibytes(_ bytes: Int) -> String { decimal(Double(bytes) / 1_048_576) + " MiB" }

    private static func microseconds(_ nanoseconds: UInt64) -> String { decimal(Double(nanoseconds) / 1_000) + " µs" }

    /// Two decimals.
    private static func decimal(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        let rest = hundredths.magnitude % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// 1,234,567
    private static func grouped(_ number: Int) -> String {
        var text = ""
        for (index, digit) in "\(number)".reversed().enumerated() {
            if index > 0, index % 3 == 0 { text = "," + text }
            text = String(digit) + text
        }
        return text
    }
}

extension StreamTally {
    /// The first bad lines, one a line, and how many there are besides.
    var badLineList: String {
        let shown = firstBadLines.map { "\($0)\n" }.joined()
        let rest = badLines - firstBadLines.count
        return rest > 0 ? shown + "and \(rest) bad lines more\n" : shown
    }
}
