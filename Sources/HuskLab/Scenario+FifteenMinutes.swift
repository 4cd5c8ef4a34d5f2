// How long it takes until the system has memory back that nobody asks for: Go 1.10's forced collection every two minutes
// and its scavenger, which gives back what has been idle for five. The runtime's clock is scaled.

import GoHeap
import GoMap

extension Scenario {
    /// Times as fast as the wall clock: fifteen minutes in fifteen seconds.
    private static let clockScale = 60.0
    private static let minutes = 15

    func runFifteenMinutes(
        isCancelled: () -> Bool, onStep: (_ done: Int, _ all: Int) -> Void
    ) throws -> ScenarioTable {
        var configuration = HeapConfiguration(profile: .go1_10)
        configuration.timeScale = Self.clockScale
        let scenario = try ScenarioHeap("map[int][128]byte", configuration)
        scenario.make(hint: 400_000, seed: 1)
        let value = [UInt8](repeating: 7, count: 128)
        value.withUnsafeBytes { value in
            for key in 0..<400_000 {
                scenario.map.insert(Datum(integer: key), Datum(bytes: value.baseAddress, count: 128))
                scenario.heap.collectIfDue()
            }
        }
        scenario.heap.collect()
        var rows: [[ScenarioTable.Cell]] = []
        var seenLines = scenario.heap.traceLineCount
        func row(_ minute: Int) {
            let sample = scenario.sample()
            let lines = scenario.heap.traceLines(from: seenLines)
            seenLines = scenario.heap.traceLineCount
            rows.append([
                .number(minute), .number(Int(sample.heapInuse) / 1024), .number(Int(sample.heapIdle) / 1024),
                .number(Int(sample.heapReleased) / 1024), .number(sample.residentBytes / 1024),
                .text(minute == 0 ? "filled, collected, set to nil" : Self.events(lines)),
            ])
        }
        row(0)
        scenario.map.setNil()
        let start = OperatingSystem.monotonicNanoseconds()
        for minute in 1...Self.minutes {
            let end = start + UInt64(Double(minute) * 60e9 / Self.clockScale)
            if !scenario.runBackground(until: end, isCancelled: isCancelled) { throw LabError.cancelled }
            row(minute)
            onStep(minute, Self.minutes)
        }
        return ScenarioTable(
            name: rawValue, title: title,
            columns: [
                .init(name: "runtime", unit: "min"), .init(name: "HeapInuse", unit: "KB"),
                .init(name: "HeapIdle", unit: "KB"), .init(name: "HeapReleased", unit: "KB"),
                .init(name: "RSS", unit: "KB"), .init(name: "in the minute before", unit: ""),
            ],
            rows: rows,
            note:
                "The runtime's clock ran \(Int(Self.clockScale)) times as fast as the wall clock: each row is a minute of "
                + "it and a second of yours. After two minutes a collection is forced and the map's memory is idle; only "
                + "what has then been idle for five minutes goes back, at a pass every two and a half. So top shows for "
                + "seven to ten minutes a memory that nobody uses; in a service that goes on allocating it takes longer, "
                + "and the source's author waited about 15 minutes.")
    }

    /// What the trace lines of a minute tell, in words.
    private static func events(_ lines: [String]) -> String {
        var events: [String] = []
        if lines.contains("GC forced") { events.append("GC forced") }
        for line in lines where line.hasPrefix("scvg") && line.hasSuffix("released") {
            events.append("scavenger: \(line.split(separator: ": ").last ?? "")")
        }
        return events.joined(separator: ", ")
    }
}

extension ScenarioHeap {
    /// Does what Go's background threads do by the clock, on this thread.
    ///
    /// - Parameter end: when to return; a monotonic time in nanoseconds.
    /// - Returns: false when it was cancelled.
    func runBackground(until end: UInt64, isCancelled: () -> Bool) -> Bool {
        let pause = Semaphore()
        while true {
            switch heap.backgroundStep() {
            case .release(var release):
                release.perform()
                heap.finishRelease(release)
            case .sleep(let nanoseconds):
                while heap.collectSlice(nanoseconds: HeapWork.sliceNanoseconds) {}
                if isCancelled() { return false }
                let now = OperatingSystem.monotonicNanoseconds()
                if now >= end { return true }
                pause.wait(nanoseconds: min(nanoseconds, end - now))
            }
        }
    }
}
