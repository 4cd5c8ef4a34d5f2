import Foundation
import HuskService
import TestSupport
import Testing

@Suite("Events")
struct EventTests {
    @Test("A stream begins with hello and the newest sample; then each sample and each mark comes as it happens")
    func stream() throws {
        try withHusk(samplePeriodMilliseconds: 50) { (server) throws in
            #expect(try eventually { try server.timeline().column("sequence").count > 2 })
            let events = try EventStream(port: server.port)
            let hello = try #require(try events.next())
            #expect(hello.name == "hello" && hello.id == nil)
            #expect(hello.data.string("period") == "50ms" && hello.data.string("go") == "1.23")
            #expect(hello.data.members["isWhole"] as? Bool == true)
            #expect(events.head.contains("Content-Type: text/event-stream"))
            let first = try #require(try events.next())
            #expect(first.name == "sample" && first.data["sequence"] == first.id)
            let second = try events.next("sample")
            #expect(second.id! > first.id! && second.data["time"]! > first.data["time"]!)
            try server.post("/map/clear")
            let mark = try events.next("mark")
            #expect(mark.data.string("kind") == "clear" && mark.data["sequence"] == mark.id)
        }
    }

    @Test("A mark comes at once, not with the next sample")
    func markAtOnce() throws {
        try withHusk(samplePeriodMilliseconds: 3_600_000) { (server) throws in
            let events = try EventStream(port: server.port)
            _ = try events.next("sample")
            try server.post("/map/nil")
            #expect(try events.next("mark").data.string("kind") == "nil")
        }
    }

    @Test("With Last-Event-ID, or after, a stream goes on without a gap, samples and marks", arguments: [true, false])
    func goesOn(byHeader: Bool) throws {
        try withHusk(samplePeriodMilliseconds: 10) { (server) throws in
            let before = try EventStream(port: server.port)
            let last = try before.next("sample").id!
            before.client.close()
            try server.post("/map/clear")
            #expect(try eventually { try server.timeline().column("sequence").last! > last + 30 })
            try server.post("/map/nil")
            let after = try EventStream(
                port: server.port, query: byHeader ? "" : "?after=\(last)",
                headers: byHeader ? ["Last-Event-ID: \(last)"] : [])
            #expect(try after.next("hello").data.members["isWhole"] as? Bool == true)
            var kinds: [String] = []
            for number in (last + 1)...(last + 40) {
                let event = try #require(try after.next())
                #expect(event.id == number)
                kinds += event.data.string("kind").map { [$0] } ?? []
            }
            #expect(kinds.first == "clear")
        }
    }

    @Test("What the timeline no longer has is missing, and hello says so")
    func gap() throws {
        try withHusk(samplePeriodMilliseconds: 10, timelineSize: 60) { (server) throws in
            let last = try EventStream(port: server.port).next("sample").id!
            #expect(try eventually { try server.timeline().column("sequence")[0] > last + 10 })
            let after = try EventStream(port: server.port, headers: ["Last-Event-ID: \(last)"])
            #expect(try after.next("hello").data.members["isWhole"] as? Bool == false)
            #expect(try after.next("sample").id! > last + 10)
            // A number that is still to come: of another process.
            let ahead = try EventStream(port: server.port, query: "?after=\(last + 1_000_000)")
            #expect(try ahead.next("hello").data.members["isWhole"] as? Bool == false)
            #expect(try ahead.next("sample").id! < last + 1_000_000)
        }
    }

    @Test("A client that does not read is dropped with an event that says so, and costs the others nothing")
    func slowReader() throws {
        try withHusk(samplePeriodMilliseconds: 10) { (server) throws in
            let slow = try EventStream(port: server.port, receiveBufferBytes: 4096)
            let quick = try EventStream(port: server.port)
            var last = try quick.next("sample").id!
            // The slow one is gone from the list when it has been dropped.
            var count = 0
            while try server.ask("GET", "/metrics?name[]=husk_event_listeners").text.contains("listeners 2\n") {
                for _ in 0..<20 {
                    let event = try #require(try quick.next())
                    #expect(event.id == last + 1)
                    last += 1
                    count += 1
                }
                if count > 20_000 { break }
            }
            var events: [ReceivedEvent] = []
            while let event = try slow.next() { events.append(event) }
            #expect(events.last?.name == "dropped" && events.last?.id == nil)
            #expect(events.last?.data.string("reason")?.hasSuffix("events behind") == true)
            #expect(slow.hasEnded)
            // All that came before it came whole, so the next connection goes on behind it.
            let ids = events.compactMap(\.id)
            #expect(ids == Array(ids[0]...ids.last!))
            let next = try EventStream(port: server.port, headers: ["Last-Event-ID: \(ids.last!)"])
            #expect(try next.next("sample").id == ids.last! + 1)
        }
    }

    @Test("Hundreds of clients listen, and hold no thread from those who ask")
    func many() throws {
        try withHusk(samplePeriodMilliseconds: 100) { (server) throws in
            let streams = try (0..<400).map { _ in try EventStream(port: server.port) }
            for stream in streams { _ = try stream.next("sample") }
            #expect(
                try server.ask("GET", "/metrics?name[]=husk_event_listeners").text.hasSuffix("listeners 400\n"))
            try server.post("/map/insert", #"{"count": 1000}"#)
            #expect(try server.ask("GET", "/map/entries").status == 200)
            for stream in streams { #expect(try stream.next("mark").data.string("kind") == "insert") }
            for stream in streams.dropFirst() { stream.client.close() }
            #expect(
                try eventually {
                    try server.ask("GET", "/metrics?name[]=husk_event_listeners").text.hasSuffix("listeners 1\n")
                })
            #expect(eventually { server.service.budget.usedBytes < 1 << 20 })
            // The one that is left still listens.
            #expect(try streams[0].next("sample").id != nil)
        }
    }

    @Test("No more clients listen than half as many as there may be connections")
    func limit() throws {
        // So little memory has room for some thirty connections.
        try withHusk(maxMemoryBytes: 4 << 20, samplePeriodMilliseconds: 3_600_000) { (server) throws in
            var streams: [EventStream] = []
            var refusal: String?
            while refusal == nil, streams.count < 100 {
                let stream = try EventStream(port: server.port)
                do { _ = try stream.next("hello") } catch let failure as ClientFailure { refusal = failure.description }
                streams.append(stream)
            }
            #expect(streams.count > 4 && streams.count < 30, "\(streams.count) streams")
            #expect(refusal?.hasPrefix("HTTP/1.1 503 ") == true && refusal?.contains("Retry-After: 1") == true)
            #expect(try server.ask("GET", "/livez").status == 200)
        }
    }

    @Test("When the server drains, streams end well, and no more are let in")
    func drain() throws {
        try withHusk { (server) throws in
            let streams = try (0..<5).map { _ in try EventStream(port: server.port) }
            for stream in streams { _ = try stream.next("sample") }
            server.startDraining()
            for stream in streams {
                while try stream.next() != nil {}
                #expect(stream.hasEnded)
            }
            try server.ask("GET", "/events").expectProblem(503)
            #expect(try server.ask("GET", "/livez").status == 200)
        }
    }

    @Test("When the server stops, streams end well and do not hold it up")
    func stop() throws {
        var stream: EventStream?
        try withHusk { (server) throws in
            stream = try EventStream(port: server.port)
            _ = try stream?.next("sample")
        }
        while try stream?.next() != nil {}
        #expect(stream?.hasEnded == true)
    }

    @Test(
        "An id that is none is 400", arguments: ["x", "-1", "1.5", "99999999999999999999", "1e3", " "])
    func wrongID(text: String) throws {
        try withHusk { (server) throws in
            let query = text == " " ? "" : text
            try server.ask("GET", "/events?after=\(query)").expectProblem(400, field: "after")
            guard text != " " else { return }
            try Client(port: server.port).ask("GET", "/events", headers: ["Last-Event-ID: \(text)"])
                .expectProblem(400, field: "Last-Event-ID")
            try server.ask("GET", "/events?before=1").expectProblem(400, field: "before")
        }
    }

    @Test("HEAD has the head alone")
    func head() throws {
        try withHusk { (server) throws in
            let client = try Client(port: server.port)
            let answer = try client.ask("HEAD", "/events")
            #expect(answer.status == 200 && answer.header("Content-Type") == "text/event-stream")
            #expect(try client.ask("GET", "/livez").status == 200)
        }
    }
}
