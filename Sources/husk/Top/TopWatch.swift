// The connection behind `husk top`: what there was before, then every event; and when the server is gone, once a second the
// same again, behind the last event that has come.

import Glibc
import HuskLab
import HuskSystem

struct TopWatch {
    let server: HTTPTarget
    private(set) var history = TopHistory()
    /// Why nothing new comes; nil while all is well.
    private(set) var trouble: String?
    /// Whether keys were typed in the last wait.
    private(set) var hasKeys = false
    /// How many samples from before are asked for at the first connection.
    var wantedSamples: () -> Int = { 0 }

    private var answer: HTTPAnswer?
    private var reader = EventReader()
    private var heardNanoseconds: UInt64 = 0
    private var nextNanoseconds: UInt64 = 0

    private static let timeoutSeconds = 3
    /// The server says something every ten seconds.
    private static let silenceNanoseconds: UInt64 = 25_000_000_000
    private static let retryNanoseconds: UInt64 = 1_000_000_000
    /// A day, so that a server that says anything cannot make an overflow of it.
    private static let greatestPeriod: Int64 = 86_400_000_000_000
    private static let fields =
        "RSS,HeapAlloc,HeapInuse,HeapIdle,HeapReleased,goal,memoryLimit,bytes.total,HeapObjects,slots,len,loadFactor,"
        + "retainedBytes,NumGC,GCCPUFraction,PauseTotalNs"

    init(_ server: HTTPTarget) { self.server = server }

    /// Reads the last samples that the server has kept.
    mutating func readTimeline(sampleCount: Int) throws(Failure) {
        // A moment tells how long the period is.
        try history.take(timeline: try body("/timeline?from=-1ms&fields=len"))
        guard let period = GoDuration(parsing: history.period), period.nanoseconds < Self.greatestPeriod else {
            throw Failure(description: "\(server.origin): the timeline's period is '\(history.period)'")
        }
        let past = GoDuration(nanoseconds: period.nanoseconds * -Int64(sampleCount + 1))
        try history.take(timeline: try body("/timeline?from=\(past)&fields=\(Self.fields)"))
    }

    /// The newest sample with all of its figures, as the server writes it.
    mutating func newestSample() throws(Failure) -> String {
        let answer = HTTPAnswer(try at("/events").get(timeoutSeconds: Self.timeoutSeconds))
        var reader = EventReader()
        while !answer.isOver {
            for event in reader.events(in: answer.receive()) where event.name == "sample" { return event.data }
        }
        throw Failure(description: "\(server.origin)/events: \(answer.status.map { "status \($0)" } ?? "no answer")")
    }

    /// Waits for events, or for keys, and takes what has come; connects first if there is no connection and it is time.
    ///
    /// - Parameter keys: a descriptor to wait for as well.
    /// - Returns: the events, which `history` has too.
    mutating func wait(milliseconds: Int32, keys: Int32?) -> [ServerEvent] {
        if answer == nil, monotonicNanoseconds() >= nextNanoseconds { connect() }
        var polled = [
            pollfd(fd: answer?.socket ?? -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: keys ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&polled, 2, milliseconds)
        hasKeys = polled[1].revents != 0
        guard answer != nil else { return [] }
        guard polled[0].revents != 0 else {
            if monotonicNanoseconds() > heardNanoseconds + Self.silenceNanoseconds { lose("says nothing any more") }
            return []
        }
        heardNanoseconds = monotonicNanoseconds()
        return take()
    }

    private mutating func take() -> [ServerEvent] {
        let events = reader.events(in: answer!.receive())
        do throws(Failure) {
            for event in events { try history.take(event) }
        } catch {
            lose(error.description)
            return []
        }
        if let status = answer!.status, status != 200 {
            lose("answers /events with status \(status)")
        } else if let last = events.last, last.name == "dropped" {
            lose("was not listened to fast enough")
        } else if answer!.isOver {
            lose("has ended the connection")
        } else if !events.isEmpty {
            trouble = nil
        }
        return events
    }

    private mutating func connect() {
        nextNanoseconds = monotonicNanoseconds() + Self.retryNanoseconds
        do throws(Failure) {
            if history.lastNumber == nil, wantedSamples() > 0 { try readTimeline(sampleCount: wantedSamples()) }
            let last = history.lastNumber.map { "Last-Event-ID: \($0)\r\n" } ?? ""
            answer = HTTPAnswer(try at("/events").get(timeoutSeconds: Self.timeoutSeconds, headers: last))
            reader = EventReader()
            heardNanoseconds = monotonicNanoseconds()
        } catch {
            trouble = "\(error.description); trying again every second"
        }
    }

    private mutating func lose(_ why: String) {
        answer = nil
        trouble = "\(server.origin) \(why); trying again every second"
        nextNanoseconds = monotonicNanoseconds() + Self.retryNanoseconds
    }

    private func at(_ path: String) -> HTTPTarget {
        var target = server
        target.path = (server.path.hasSuffix("/") ? String(server.path.dropLast()) : server.path) + path
        return target
    }

    private func body(_ path: String) throws(Failure) -> [UInt8] {
        try at(path).body(timeoutSeconds: Self.timeoutSeconds)
    }
}
