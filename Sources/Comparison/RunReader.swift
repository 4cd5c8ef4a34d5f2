// What a run tells of itself, a line at a time: samples, marks and at the end a report, each a JSON object with one member;
// everything else is a complaint.

import HuskService
import Reports

package struct RunReader: Sendable {
    package private(set) var run: ReportRun
    /// The objects as they came, for who wants the whole as JSON.
    package private(set) var samples: [String] = []
    package private(set) var marks: [String] = []
    package private(set) var report: String?
    /// The workload's settings, its defaults included, as the report has them.
    package private(set) var settings: [Report.Setting] = []
    /// The last line that was no record.
    private var complaint: String?
    private var reported: (state: String, detail: String?)?

    package init(_ planned: PlannedRun) {
        run = ReportRun(
            remedy: planned.remedy, isBaseline: planned.isBaseline, go: planned.go, state: .missing)
    }

    package mutating func read(_ line: String) {
        guard let (name, members, text) = Self.record(line) else {
            if !line.allSatisfy(\.isWhitespace) { complaint = line }
            return
        }
        switch name {
        case "sample":
            guard let sample = ReportSample(members) else { return complaint = line }
            run.samples.append(sample)
            samples.append(text)
        case "mark":
            guard let seconds = members.double("seconds"), let name = members.string("name") else {
                return complaint = line
            }
            run.marks.append(ReportMark(seconds: seconds, name: name))
            marks.append(text)
        case "report":
            run.costs = ReportCosts(members)
            reported = (members.string("state") ?? "failed", members.string("detail"))
            settings = Self.settings(members)
            report = text
        default: complaint = line
        }
    }

    /// Says how it came out, when the process has ended.
    ///
    /// - Parameter wasStopped: why it was told to stop, if it was.
    package mutating func finish(_ end: ChildProcess.End, wasStopped: String?) {
        let said = complaint.map { String($0.trimmingPrefix("husk: ").trimmingPrefix("workload: ")) }
        if let reported {
            run.state = ReportRun.State(rawValue: reported.state) ?? .failed
            run.detail = reported.detail ?? (run.state == .stopped ? wasStopped : nil)
            if run.state == .failed, run.samples.last?.round ?? 0 == 0 { run.state = .refused }
            // What it cost to get no further says nothing of the remedy.
            if run.state != .done, run.state != .stopped { run.costs = nil }
        } else if let wasStopped {
            run.state = .stopped
            run.detail = wasStopped
        } else {
            switch end {
            case .signal(let number):
                run.state = .failed
                run.detail = "its process was ended by signal \(number)"
            case .exit(let status):
                run.state = status != 0 && run.samples.isEmpty ? .refused : .failed
                run.detail = said ?? "its process ended with status \(status) and no report"
            }
        }
    }

    /// Says that it could not even begin.
    package mutating func fail(_ reason: String) {
        run.state = .failed
        run.detail = reason
    }

    /// The one member of a line's object, if it is an object with one member that is an object.
    private static func record(_ line: String) -> (name: String, members: [JSONMember], text: String)? {
        guard line.hasPrefix("{") else { return nil }
        var text = line
        let value = text.withUTF8 { try? JSONParser.parse(UnsafeRawBufferPointer($0)) }
        guard case .object(let members)? = value, members.count == 1, case .object(let inner) = members[0].value,
            let colon = line.firstIndex(of: ":"), let brace = line.lastIndex(of: "}")
        else { return nil }
        return (members[0].name, inner, String(line[line.index(after: colon)..<brace]))
    }

    /// What was asked for, without what differs from run to run.
    private static func settings(_ report: [JSONMember]) -> [Report.Setting] {
        let workload = report.object("workload") ?? []
        let own = report.filter { ["layout", "type"].contains($0.name) }
        return (own + workload.filter { $0.name != "remedy" }).compactMap { member in
            let text: String
            switch member.value {
            case .string(let bytes): text = String(decoding: bytes, as: UTF8.self)
            case .number(.integer(let isNegative, let magnitude)): text = (isNegative ? "-" : "") + "\(magnitude)"
            case .number(let number): text = goFloatText(number.double ?? 0)
            case .boolean(let flag): text = "\(flag)"
            case .null, .array, .object: return nil
            }
            return Report.Setting(name: member.name, value: text)
        }
    }
}

extension [JSONMember] {
    fileprivate func value(_ name: String) -> JSONValue? { first { $0.name == name }?.value }

    fileprivate func object(_ name: String) -> [JSONMember]? {
        if case .object(let members)? = value(name) { members } else { nil }
    }

    fileprivate func string(_ name: String) -> String? {
        if case .string(let bytes)? = value(name) { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    fileprivate func double(_ name: String) -> Double? {
        if case .number(let number)? = value(name) { number.double } else { nil }
    }

    fileprivate func int(_ name: String) -> Int? { double(name).flatMap { Int(exactly: $0.rounded()) } }
}

extension ReportSample {
    fileprivate init?(_ members: [JSONMember]) {
        guard let seconds = members.double("seconds"), let rss = members.int("RSS"),
            let heapAlloc = members.int("HeapAlloc")
        else { return nil }
        self.init(
            seconds: seconds, round: members.int("round") ?? 0, operations: members.int("operations") ?? 0,
            heapAlloc: heapAlloc, heapInuse: members.int("HeapInuse") ?? 0, heapIdle: members.int("HeapIdle") ?? 0,
            heapReleased: members.int("HeapReleased") ?? 0, heapSys: members.int("HeapSys") ?? 0, rss: rss,
            collections: members.int("NumGC") ?? 0, retained: members.int("retainedBytes") ?? 0,
            len: members.int("len") ?? 0, slots: members.int("slots") ?? 0)
    }
}

extension ReportCosts {
    /// - Parameter report: the members of a run's report.
    fileprivate init?(_ report: [JSONMember]) {
        guard let costs = report.object("costs"), let peakHeapAlloc = costs.int("peakHeapAlloc"),
            let peakRSS = costs.int("peakRSS"), let heapAlloc = costs.int("HeapAlloc"), let rss = costs.int("RSS"),
            let retained = costs.int("retainedBytes"), let cpuSeconds = costs.double("cpuSeconds")
        else { return nil }
        let waits = costs.object("waitNanoseconds") ?? []
        let remedy = costs.object("remedy") ?? []
        self.init(
            peakHeapAlloc: peakHeapAlloc, peakRSS: peakRSS, heapAlloc: heapAlloc, rss: rss, retained: retained,
            operationsPerSecond: report.double("operationsPerSecond") ?? 0,
            misses: costs.int("misses") ?? 0,
            waitNanoseconds: Waits(
                p50: waits.int("p50") ?? 0, p99: waits.int("p99") ?? 0, p999: waits.int("p999") ?? 0,
                max: waits.int("max") ?? 0),
            cpuSeconds: cpuSeconds, cycles: costs.int("cycles") ?? 0, remedyRuns: remedy.int("runs") ?? 0,
            remedySeconds: remedy.double("seconds") ?? 0, givenBack: remedy.int("givenBackBytes") ?? 0)
    }
}
