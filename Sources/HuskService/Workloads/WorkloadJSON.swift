// A workload's report and events as JSON: the same for GET /workloads/{id} and for the lines that `husk workload --json`
// prints.

import GoHeap
import HuskLab
import KeyStreams
import MicroHTTP
import Workloads

extension WorkloadEvent {
    /// `{"sample":{…}}` or `{"mark":{…}}` and a line feed.
    package var jsonLine: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        switch self {
        case .sample(let sample):
            json.name("sample")
            json.value(sample)
        case .mark(let mark):
            json.name("mark")
            json.beginObject()
            json.seconds("seconds", mark.seconds)
            json.field("name", mark.name)
            json.field("text", mark.text)
            json.endObject()
        }
        json.endObject()
        return json.bytes() + [UInt8(ascii: "\n")]
    }
}

extension WorkloadReport {
    /// `{"report":{…}}` and a line feed.
    package var jsonLine: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.name("report")
        json.beginObject()
        json.members(of: self)
        json.endObject()
        json.endObject()
        return json.bytes() + [UInt8(ascii: "\n")]
    }
}

extension JSONWriter {
    /// The members of a report, for whoever has some of its own beside them.
    mutating func members(of report: WorkloadReport) {
        name("workload")
        value(report.workload)
        field("go", report.profile.rawValue)
        field("layout", report.layout.rawValue)
        field("type", "\(report.type)")
        field("state", report.state.rawValue)
        field("detail", report.detail)
        field("round", report.round)
        field("rounds", report.rounds)
        seconds("elapsedSeconds", report.elapsedSeconds)
        field("operations", report.counts.operations)
        seconds("operationsPerSecond", report.operationsPerSecond)
        seconds("secondsLeft", report.secondsLeft)
        seconds("simulatedSeconds", report.simulatedSeconds)
        name("counts")
        value(report.counts)
        name("costs")
        value(report.costs)
        if let stream = report.stream {
            name("stream")
            value(stream)
        }
    }

    private mutating func value(_ stream: StreamTally) {
        beginObject()
        field("packing", stream.packing.rawValue)
        field("format", stream.format?.rawValue)
        field("lines", stream.lines)
        field("operations", stream.operations)
        field("skippedLines", stream.skippedLines)
        field("badLines", stream.badLines)
        name("firstBadLines")
        beginArray()
        for line in stream.firstBadLines {
            beginObject()
            field("line", line.number)
            field("reason", line.reason)
            endObject()
        }
        endArray()
        endObject()
    }

    private mutating func value(_ counts: OperationCounts) {
        beginObject()
        field("inserted", counts.inserted)
        field("updated", counts.updated)
        field("deleted", counts.deleted)
        field("absent", counts.absent)
        field("reads", counts.reads)
        field("misses", counts.misses)
        field("loads", counts.loads)
        endObject()
    }

    private mutating func value(_ costs: WorkloadCosts) {
        beginObject()
        field("peakHeapAlloc", costs.peakHeapAllocBytes)
        field("peakRSS", costs.peakResidentBytes)
        field("HeapAlloc", costs.heapAllocBytes)
        field("RSS", costs.residentBytes)
        field("retainedBytes", costs.retainedBytes)
        field("misses", costs.misses)
        name("waitNanoseconds")
        beginObject()
        field("p50", costs.waits.p50)
        field("p99", costs.waits.p99)
        field("p999", costs.waits.p999)
        field("max", costs.waits.longest)
        endObject()
        seconds("cpuSeconds", costs.cpuSeconds)
        field("cycles", costs.cycles)
        name("remedy")
        beginObject()
        field("runs", costs.remedyRuns)
        seconds("seconds", costs.remedySeconds)
        field("givenBackBytes", costs.givenBackBytes)
        endObject()
        endObject()
    }

    fileprivate mutating func value(_ sample: WorkloadSample) {
        let figures = sample.figures
        beginObject()
        seconds("seconds", sample.seconds)
        field("round", sample.round)
        field("operations", sample.operations)
        field("HeapAlloc", figures.heapAlloc)
        field("HeapInuse", figures.heapInuse)
        field("HeapIdle", figures.heapIdle)
        field("HeapReleased", figures.heapReleased)
        field("HeapSys", figures.heapSys)
        field("RSS", figures.residentBytes)
        field("NumGC", figures.numGC)
        field("retainedBytes", figures.retainedBytes)
        field("len", figures.count)
        field("slots", figures.slots)
        endObject()
    }

    /// A workload as it was asked for, with the defaults of what was left out.
    private mutating func value(_ workload: Workload) {
        beginObject()
        field("kind", workload.kind.rawValue)
        for field in WorkloadField.all where field.kinds.contains(workload.kind) {
            name(text: field.name)
            switch field.value(workload) {
            case .text(let text): value(text)
            case .integer(let number): value(number)
            case .number(let number): value(number)
            case .boolean(let flag): value(flag)
            case .null, .other: nullValue()
            }
        }
        name("remedy")
        beginObject()
        fields(workload.remedy)
        endObject()
        endObject()
    }

    /// A number to a millionth, or null.
    fileprivate mutating func seconds(_ name: StaticString, _ number: Double?) {
        self.name(name)
        guard let number, number.isFinite else { return nullValue() }
        value((number * 1e6).rounded() / 1e6)
    }
}
