// Server-sent events out of bytes. (HTML Living Standard, section 9.2.6)

struct ServerEvent {
    var id: String?
    var name = "message"
    var data = ""
}

struct EventReader {
    private var unread: [UInt8] = []
    private var event = ServerEvent()
    private var hasData = false

    /// The events that are whole with these bytes.
    mutating func events(in bytes: [UInt8]) -> [ServerEvent] {
        unread += bytes
        var events: [ServerEvent] = []
        while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: unread[..<end], as: UTF8.self)
            unread.removeFirst(end + 1)
            if line.isEmpty {
                if hasData { events.append(event) }
                event = ServerEvent()
                hasData = false
            } else {
                take(line)
            }
        }
        return events
    }

    private mutating func take(_ line: String) {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count > 1 ? String(parts[1].first == " " ? parts[1].dropFirst() : parts[1]) : ""
        switch parts[0] {
        case "id": event.id = value
        case "event": event.name = value
        case "data":
            event.data += hasData ? "\n" + value : value
            hasData = true
        default: break  // comments, and what is not for us
        }
    }
}
