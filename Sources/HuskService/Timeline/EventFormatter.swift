// Events as they go over the wire. (HTML Living Standard, section 9.2: text/event-stream)

import HuskSystem

struct EventFormatter {
    /// The newest event that was written: most listeners want that one.
    private var newest: (number: Int, bytes: [UInt8])?

    static let heartbeat = Array(": still here\n\n".utf8)
    /// How long a browser waits before it connects again, in milliseconds.
    private static let retryMilliseconds = 1000

    /// The first event of a connection.
    /// - Parameters:
    ///   - isWhole: whether all that came after the client's last event comes now.
    ///   - lastNumber: of the newest sample or mark that there is.
    static func hello(
        _ service: Service, isWhole: Bool, lastNumber: Int
    ) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("period", service.timelinePeriodText)
        json.field("size", service.timeline.size)
        json.field("go", service.lab.settings.profile.rawValue)
        json.field("sequence", lastNumber)
        json.field("isWhole", isWhole)
        json.endObject()
        return Array("retry: \(retryMilliseconds)\n".utf8) + event("hello", json.bytes())
    }

    /// An event with its id.
    mutating func bytes(_ event: Timeline.Event) -> [UInt8] {
        if let newest, newest.number == event.number { return newest.bytes }
        var json = JSONWriter()
        let name: String
        switch event {
        case .sample(let row):
            name = "sample"
            json.value(sample: row)
        case .mark(let mark):
            name = "mark"
            json.value(mark)
        }
        let bytes = Array("id: \(event.number)\n".utf8) + Self.event(name, json.bytes())
        if event.number >= newest?.number ?? 0 { newest = (event.number, bytes) }
        return bytes
    }

    /// The last event of a listener that was too slow.
    func dropped(_ reason: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("reason", reason)
        json.endObject()
        return Self.event("dropped", json.bytes())
    }

    /// JSON has no line feeds of its own, so it is one line of data.
    private static func event(_ name: String, _ json: [UInt8]) -> [UInt8] {
        Array("event: \(name)\ndata: ".utf8) + json + Array("\n\n".utf8)
    }
}
