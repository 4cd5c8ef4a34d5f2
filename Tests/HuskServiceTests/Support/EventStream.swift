// A client of GET /events, for the tests.

import Foundation
import Glibc
import TestSupport

struct ReceivedEvent {
    var id: Int?
    var name: String
    var data: JSON
}

/// One stream of events, read as it comes. Used by one thread.
final class EventStream {
    let client: Client
    private var bytes: [UInt8] = []
    private var text: [UInt8] = []
    private var hasHead = false
    /// The body has ended as a whole one does.
    private(set) var hasEnded = false
    private(set) var head = ""

    init(port: Int, query: String = "", headers: [String] = [], receiveBufferBytes: Int32? = nil) throws {
        client = try Client(port: port, receiveBufferBytes: receiveBufferBytes)
        try client.sendRequest("GET", "/events" + query, headers: headers)
    }

    /// The next event; nil at the end of the stream.
    func next() throws -> ReceivedEvent? {
        while true {
            if let event = try takeEvent() { return event }
            if hasEnded { return nil }
            try receive()
        }
    }

    /// The next event of a name.
    func next(_ name: String) throws -> ReceivedEvent {
        while let event = try next() {
            if event.name == name { return event }
        }
        throw ClientFailure(description: "no event \(name) came")
    }

    private func receive() throws {
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(client.socket, &piece, piece.count, 0)
        guard count > 0 else {
            let reason = count < 0 ? String(cString: strerror(errno)) : "end"
            throw ClientFailure(description: "the stream broke off: \(reason)")
        }
        bytes += piece[..<count]
        if !hasHead {
            guard let end = Self.end(of: "\r\n\r\n", in: bytes) else { return }
            head = String(decoding: bytes[..<end], as: UTF8.self)
            bytes.removeFirst(end)
            hasHead = true
            if !head.hasPrefix("HTTP/1.1 200 ") { throw ClientFailure(description: head) }
        }
        while let end = Self.end(of: "\r\n", in: bytes) {
            let size = Int(String(decoding: bytes[..<(end - 2)], as: UTF8.self), radix: 16) ?? -1
            if size < 0 { throw ClientFailure(description: "no chunk: \(String(decoding: bytes, as: UTF8.self))") }
            guard bytes.count >= end + size + 2 else { return }
            text += bytes[end..<(end + size)]
            bytes.removeFirst(end + size + 2)
            if size == 0 { hasEnded = true }
        }
    }

    private func takeEvent() throws -> ReceivedEvent? {
        while let end = Self.end(of: "\n\n", in: text) {
            let lines = String(decoding: text[..<end], as: UTF8.self).split(separator: "\n")
            text.removeFirst(end)
            var fields: [Substring: Substring] = [:]
            for line in lines {
                let parts = line.split(separator: ": ", maxSplits: 1)
                if parts.count == 2 { fields[parts[0]] = parts[1] }
            }
            guard let data = fields["data"] else { continue }
            let object = try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any] ?? [:]
            return ReceivedEvent(
                id: fields["id"].flatMap { Int($0) }, name: "\(fields["event"] ?? "")", data: JSON(members: object))
        }
        return nil
    }

    /// Where a mark ends.
    private static func end(of mark: String, in bytes: [UInt8]) -> Int? {
        let mark = Array(mark.utf8)
        guard bytes.count >= mark.count else { return nil }
        return (0...(bytes.count - mark.count)).first { bytes[$0...].starts(with: mark) }.map { $0 + mark.count }
    }
}
