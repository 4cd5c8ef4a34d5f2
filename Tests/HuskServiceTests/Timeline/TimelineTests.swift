import Foundation
import FoundationXML
import HuskService
import TestSupport
import Testing

@Suite("The timeline")
struct TimelineTests {
    @Test("The newest sample says what /memstats and /map say, and looking changes neither")
    func sameAsElsewhere() throws {
        try withHusk(samplePeriodMilliseconds: 20) { (server) throws in
            try server.post("/map/insert", #"{"count": 5000}"#)
            try server.post("/gc")
            // Until nothing moves any more.
            let isSame = try eventually {
                let stats = try server.ask("GET", "/memstats").json()
                let map = try server.ask("GET", "/map").json()
                let sample = try server.newestSample()
                return ["Alloc", "TotalAlloc", "Mallocs", "Frees", "HeapInuse", "HeapObjects", "NumGC", "NextGC"]
                    .allSatisfy { sample[$0] == stats[$0] }
                    && ["len", "slots", "retainedBytes"].allSatisfy { sample[$0] == map[$0] }
                    && sample["bytes.total"] == map.object("bytes")["total"]
                    && sample["bucket.overflowBuckets"] == map.object("bucket")["overflowBuckets"]
            }
            #expect(isSame)
            let sample = try server.newestSample()
            #expect(sample["len"] == 5000 && sample["RSS"] ?? 0 > 1 << 20)
            #expect(sample.members["swiss.groups"] is NSNull && sample.members["memoryLimit"] is NSNull)
        }
    }

    @Test("What clients do with the map and the runtime is marked, with who asked and what came of it")
    func marks() throws {
        try withHusk { (server) throws in
            try server.post("/map/insert", #"{"count": 100}"#)
            try server.post("/map/delete", #"{"count": 10}"#)
            try server.post("/map/clear")
            try server.post("/map/replace-with-fresh")
            try server.post("/map/nil")
            try server.post("/gc")
            try server.post("/free-memory")
            #expect(try server.ask("PATCH", "/runtime", body: #"{"gogc": 50}"#).status == 200)
            #expect(try server.ask("PATCH", "/runtime", body: #"{"go": "1.10"}"#).status == 200)
            try server.post("/scenarios/local", #"{"count": 100}"#)
            let marks = try server.timeline().marks.filter { !($0.members["by"] is NSNull) }
            #expect(
                marks.compactMap { $0.string("kind") } == [
                    "insert", "delete", "clear", "replace", "nil", "gc", "free-memory", "settings", "go", "scenario",
                    "scenario",
                ])
            #expect(marks.allSatisfy { $0.string("by")!.hasPrefix("127.0.0.1:") })
            #expect(marks[2].string("text")!.hasPrefix("90 entries, HeapAlloc "))
            #expect(marks[7].string("text") == #"{"gogc": 50}"#)
            #expect(marks[8].string("text") == "1.23 -> 1.10")
        }
    }

    @Test("What was refused is not marked")
    func refusals() throws {
        try withHusk { (server) throws in
            try server.ask("POST", "/gc", body: #"{"x": 1}"#).expectProblem(400)
            try server.ask("PATCH", "/runtime", body: #"{"gogc": -1}"#).expectProblem(400)
            try server.post("/map/nil")
            try server.ask("POST", "/map/insert", body: #"{"count": 1}"#).expectProblem(409)
            #expect(try server.timeline().marks.compactMap { $0.string("kind") } == ["nil"])
        }
    }

    @Test("A workload's begin, remedies and end are marked")
    func workload() throws {
        try withHusk { (server) throws in
            let body = """
                {"kind": "churn", "live": 1000, "rounds": 4, "remedy": {"when": {"everyRounds": 2}, "do": {"kind": "gc"}}}
                """
            #expect(try server.ask("POST", "/workloads", body: body).status == 202)
            func marks() throws -> [JSON] {
                try server.timeline().marks.filter { ["workload", "remedy"].contains($0.string("kind")) }
            }
            #expect(try eventually { try marks().last?.string("text")?.hasSuffix("done") == true })
            let kinds = try marks().compactMap { $0.string("kind") }
            #expect(kinds.first == "workload" && kinds.last == "workload" && kinds.contains("remedy"))
            #expect(try marks().first { $0.string("kind") == "remedy" }?.string("by")?.hasPrefix("workload ") == true)
        }
    }

    @Test("A remedy that a check applies is marked as the check's, a collection that nobody asked for as nobody's")
    func ownWork() throws {
        try withHusk(samplePeriodMilliseconds: 20) { (server) throws in
            let check = #"{"checks": [{"when": {"every": "10ms"}, "do": {"kind": "free-memory"}, "period": "10ms"}]}"#
            #expect(try server.ask("PATCH", "/runtime", body: check).status == 200)
            #expect(
                try eventually {
                    try server.timeline().marks.contains { $0.string("kind") == "remedy" && $0.string("by") == "1" }
                })
            #expect(try server.ask("PATCH", "/runtime", body: #"{"checks": []}"#).status == 200)
            try server.post("/map/insert", #"{"count": 20000, "valueBytes": 1000}"#)
            #expect(
                try eventually {
                    try server.timeline().marks.contains { $0.string("kind") == "gc" && $0.members["by"] is NSNull }
                })
        }
    }

    @Test("Another Go begins with a heap of its own; the samples of the one before stay")
    func anotherGo() throws {
        try withHusk(samplePeriodMilliseconds: 20) { (server) throws in
            try server.post("/map/insert", #"{"count": 5000}"#)
            #expect(try eventually { try server.newestSample()["len"] == 5000 })
            #expect(try server.ask("PATCH", "/runtime", body: #"{"go": "1.24"}"#).status == 200)
            #expect(try eventually { try server.newestSample()["len"] == 0 })
            let timeline = try server.timeline()
            #expect(timeline.whole.string("go") == "1.24")
            #expect(timeline.column("len").contains(5000))
            #expect(try eventually { try server.newestSample()["swiss.groups"] != nil })
        }
    }

    @Test("The ring keeps as many samples as it is set to, numbered without a gap")
    func ring() throws {
        try withHusk(samplePeriodMilliseconds: 10, timelineSize: 60) { (server) throws in
            #expect(try eventually { try server.timeline().column("sequence").count == 60 })
            let first = try server.timeline().column("sequence")[0]
            #expect(try eventually { try server.timeline().column("sequence")[0] > first + 20 })
            let timeline = try server.timeline()
            let numbers = timeline.column("sequence")
            #expect(numbers.count == 60 && numbers.last! - numbers[0] == 59)
            #expect(timeline.column("time") == timeline.column("time").sorted())
            #expect(timeline.whole["size"] == 60 && timeline.whole.string("period") == "10ms")
        }
    }

    @Test("Marks that come too fast are counted")
    func manyMarks() throws {
        try withHusk(samplePeriodMilliseconds: 3_600_000) { (server) throws in
            let client = try Client(port: server.port)
            #expect(try eventually { try server.timeline().column("sequence").count == 1 })
            for _ in 0..<130 { #expect(try client.ask("POST", "/map/clear").status == 200) }
            #expect(try server.timeline().marks.count == 100)
        }
    }

    @Test("A text that a client sends is cut to a bounded length, and stays UTF-8")
    func longText() throws {
        try withHusk { (server) throws in
            let spaces = String(repeating: " \n", count: 2000)
            #expect(try server.ask("PATCH", "/runtime", body: "{\(spaces)\"gogc\": 50}").status == 200)
            let text = try #require(try server.timeline().marks.last?.string("text"))
            #expect(text.utf8.count <= 160 && text.hasSuffix("…"))
        }
    }

    @Test("A time and some figures can be asked for, as JSON, CSV and SVG, by extension and by Accept")
    func formats() throws {
        try withHusk(samplePeriodMilliseconds: 20) { (server) throws in
            try server.post("/map/insert", #"{"count": 100}"#)
            #expect(try eventually { try server.newestSample()["len"] == 100 })
            let two = try server.ask("GET", "/timeline?fields=len,RSS").json()
            #expect(Set(two.object("samples").members.keys) == ["sequence", "time", "len", "RSS"])
            let times = try server.timeline().column("time")
            let part = try server.ask("GET", "/timeline?from=\(times[1])&to=\(times[1])").json().object("samples")
            #expect(part.members["time"] as? [Int] == [times[1]])
            #expect(try server.timeline("?from=-1h").column("time").count >= times.count)
            #expect(try server.timeline("?to=-1h").column("time").isEmpty)

            let csv = try server.ask("GET", "/timeline.csv?fields=len,memoryLimit")
            #expect(csv.header("Content-Type") == "text/csv; charset=utf-8")
            let lines = csv.text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines[0] == "sequence,time,len,memoryLimit,marks")
            #expect(lines.contains { $0.contains(",100,,\"insert (127.0.0.1:") })

            let svg = try server.ask("GET", "/timeline.svg")
            #expect(svg.header("Content-Type") == "image/svg+xml")
            let document = try XMLDocument(data: Data(svg.body))
            let names = try document.nodes(forXPath: "//*[local-name()='text']").compactMap(\.stringValue)
            #expect(Set(["RSS", "HeapAlloc", "len", "slots", "retainedBytes", "insert"]).isSubset(of: names))

            for (accept, type) in [
                ("text/csv", "text/csv; charset=utf-8"), ("image/svg+xml", "image/svg+xml"),
                ("application/json", "application/json"), ("image/png", "application/json"),
            ] {
                let answer = try Client(port: server.port).ask("GET", "/timeline", headers: ["Accept: \(accept)"])
                #expect(answer.header("Content-Type") == type, "\(accept)")
            }
        }
    }

    @Test("A picture of no time at all is a picture")
    func emptyPicture() throws {
        try withHusk { (server) throws in
            let svg = try server.ask("GET", "/timeline.svg?to=1")
            #expect(svg.status == 200)
            _ = try XMLDocument(data: Data(svg.body))
            #expect(try server.ask("GET", "/timeline.csv?to=1&fields=len").text == "sequence,time,len,marks\n")
        }
    }

    @Test(
        "What is asked for wrongly is 400 and says what",
        arguments: [
            ("fields=", "fields"), ("fields=Nothing", "fields"), ("fields=len,,RSS", "fields"),
            ("fields=PauseNs", "fields"),
            ("from=x", "from"), ("from=5m", "from"), ("from=", "from"), ("from=-", "from"), ("to=1.5", "to"),
            ("to=99999999999999999999", "to"), ("from=2&to=1", "from"), ("since=1", "since"), ("from=1&from=2", "from"),
        ])
    func wrongQuery(query: String, field: String) throws {
        try withHusk { (server) throws in
            for path in ["/timeline", "/timeline.csv", "/timeline.svg"] {
                try server.ask("GET", "\(path)?\(query)").expectProblem(400, field: field)
            }
            try server.ask("POST", "/timeline").expectProblem(405)
        }
    }

    @Test("The lock's times for samples and the listeners are among the metrics")
    func metrics() throws {
        try withHusk(samplePeriodMilliseconds: 20) { (server) throws in
            let isCounted = try eventually {
                let page = try server.ask("GET", "/metrics").text
                return page.contains("husk_timeline_lock_seconds_bucket{le=\"0.0001\"}")
                    && page.contains("\nhusk_event_listeners 0\n")
            }
            #expect(isCounted)
        }
    }
}

/// What GET /timeline answers.
struct TimelineAnswer {
    var whole: JSON
    var marks: [JSON] { (whole.members["marks"] as? [[String: Any]] ?? []).map { JSON(members: $0) } }
    func column(_ name: String) -> [Int] { whole.object("samples").members[name] as? [Int] ?? [] }
}

extension HuskServer {
    func timeline(_ query: String = "") throws -> TimelineAnswer {
        TimelineAnswer(whole: try ask("GET", "/timeline" + query).json())
    }

    /// The last element of each column.
    func newestSample() throws -> JSON {
        let columns = try timeline().whole.object("samples").members
        return JSON(members: columns.compactMapValues { ($0 as? [Any])?.last })
    }
}
