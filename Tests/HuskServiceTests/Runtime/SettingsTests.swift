import Foundation
import GoHeap
import HuskLab
import HuskService
import TestSupport
import Testing

@Suite("/runtime and /gctrace")
struct SettingsTests {
    @Test("The settings at the start are Go's own")
    func defaults() throws {
        try withHusk { (server) throws in
            let answer = try server.ask("GET", "/runtime")
            let names = [
                "go", "gogc", "memoryLimit", "maxProcs", "forceGCPeriod", "scavenger", "scavengePeriod",
                "madvise",
                "gctrace", "watchdog", "remedy", "checks", "timeScale", "notes",
            ]
            let settings = try answer.json()
            #expect(Set(settings.members.keys) == Set(names))
            #expect(settings.string("go") == "1.23" && settings["gogc"] == 100)
            #expect(settings.members["memoryLimit"] is NSNull)
            #expect(settings.string("forceGCPeriod") == "2m0s" && settings.string("scavengePeriod") == "5m0s")
            #expect(settings.string("scavenger") == "background" && settings.string("madvise") == "dontneed")
            #expect(settings.object("watchdog").members["enabled"] as? Bool == false)
            let remedy = settings.object("remedy")
            #expect(remedy.string("kind") == "none" && remedy.string("period") == "10s")
            #expect(remedy["retainedBytes"] == 64 << 20 && remedy.members.count == 3)
            #expect(settings["timeScale"] == 1 && (settings.members["notes"] as? [String])?.isEmpty == true)
        }
    }

    @Test("A PATCH changes what it names and answers what GET does")
    func patch() throws {
        try withHusk { (server) throws in
            let answer = try server.ask(
                "PATCH", "/runtime",
                body: #"{"gogc": "off", "memoryLimit": 1e9, "maxProcs": 3, "scavengePeriod": "1.5h", "#
                    + #""madvise": "free", "watchdog": {"period": "90s"}}"#)
            let settings = try answer.json()
            #expect(answer.status == 200)
            #expect(try server.ask("GET", "/runtime").text == answer.text)
            #expect(settings.string("gogc") == "off" && settings["memoryLimit"] == 1_000_000_000)
            #expect(settings["maxProcs"] == 3 && settings.string("scavengePeriod") == "1h30m0s")
            #expect(settings.object("watchdog").string("period") == "1m30s")
            #expect(settings.object("watchdog")["idleBytes"] == 64 << 20)
            #expect(
                (settings.members["notes"] as? [String])?.contains { $0.contains("RSS does not fall") }
                    == true)
            #expect(
                try server.ask("PATCH", "/runtime", body: #"{"memoryLimit": null}"#).json().members[
                    "memoryLimit"] is NSNull)
            #expect(try server.ask("PATCH", "/runtime").json()["maxProcs"] == 3)
        }
    }

    @Test(
        "A wrong field is 400, is named, and nothing changes",
        arguments: [
            (#"{"gogc": 50, "x": 1}"#, "x"), (#"{"gogc": -1}"#, "gogc"), (#"{"gogc": "OFF"}"#, "gogc"),
            (#"{"gogc": null}"#, "gogc"), (#"{"gogc": 50, "maxProcs": 0}"#, "maxProcs"),
            (#"{"gogc": 50, "memoryLimit": -1}"#, "memoryLimit"),
            (#"{"memoryLimit": "1GiB"}"#, "memoryLimit"),
            (#"{"gogc": 50, "forceGCPeriod": "2"}"#, "forceGCPeriod"),
            (#"{"forceGCPeriod": 120}"#, "forceGCPeriod"),
            (#"{"gogc": 50, "scavenger": "on"}"#, "scavenger"), (#"{"gogc": 50, "go": "1.22"}"#, "go"),
            (#"{"gogc": 50, "gctrace": 1}"#, "gctrace"), (#"{"gogc": 50, "watchdog": []}"#, "watchdog"),
            (#"{"gogc": 50, "watchdog": {"period": "0s"}}"#, "watchdog.period"),
            (#"{"gogc": 50, "watchdog": {"x": 1}}"#, "watchdog.x"),
            (#"{"gogc": 50, "remedy": "gc"}"#, "remedy"),
            (#"{"gogc": 50, "remedy": {"kind": "fresh"}}"#, "remedy.kind"),
            (#"{"gogc": 50, "remedy": {"kind": null}}"#, "remedy.kind"),
            (#"{"gogc": 50, "remedy": {"kind": "gc", "period": 10}}"#, "remedy.period"),
            (#"{"gogc": 50, "remedy": {"kind": "gc", "retainedBytes": -1}}"#, "remedy.retainedBytes"),
            (#"{"gogc": 50, "remedy": {"kind": "gc", "idleBytes": 1}}"#, "remedy.idleBytes"),
            (#"{"gogc": 50, "checks": {}}"#, "checks"), (#"{"gogc": 50, "checks": [1]}"#, "checks[0]"),
            (#"{"checks": [{"do": {"kind": "gc"}}]}"#, "checks[0].when"),
            (#"{"checks": [{"when": {}, "do": {"kind": "gc"}}]}"#, "checks[0].when"),
            (#"{"checks": [{"when": {"idle": 1}, "do": {"kind": "gc"}}]}"#, "checks[0].when.idle"),
            (#"{"checks": [{"when": {"idleBytes": 1}}]}"#, "checks[0].do"),
            (#"{"checks": [{"when": {"idleBytes": 1}, "do": {}}]}"#, "checks[0].do.kind"),
            (#"{"checks": [{"when": {"idleBytes": 1}, "do": {"kind": "gc", "x": 1}}]}"#, "checks[0].do.x"),
            (#"{"checks": [{"when": {"idleBytes": 1}, "do": {"kind": "gc"}, "period": 1}]}"#, "checks[0].period"),
            (#"{"gogc": 50, "timeScale": 2}"#, "timeScale"),
            (#"{"gogc": 50, "gogc": 60}"#, "gogc"),
        ])
    func refusals(body: String, field: String) throws {
        try withHusk { (server) throws in
            let before = try server.ask("GET", "/runtime").text
            try server.ask("PATCH", "/runtime", body: body).expectProblem(400, field: field)
            #expect(try server.ask("GET", "/runtime").text == before)
        }
    }

    @Test("A remedy replaces a map that retains too much, by itself, and is counted")
    func remedy() throws {
        try withHusk(type: "map[int][128]byte") { (server) throws in
            try server.post("/map/insert", #"{"count": 50000}"#)
            try server.post("/map/delete", #"{"count": 49000}"#)
            #expect(try server.ask("GET", "/map").json()["retainedBytes"]! > 1 << 20)
            let settings = try server.ask(
                "PATCH", "/runtime",
                body: #"{"remedy": {"kind": "copy", "period": "20ms", "retainedBytes": 1048576}}"#)
            #expect(try server.ask("GET", "/runtime").text == settings.text)
            #expect(try eventually { try server.ask("GET", "/map").json()["retainedBytes"] == 0 })
            #expect(
                try eventually {
                    try server.ask("GET", "/metrics").text.contains(
                        "husk_remedies_total{kind=\"copy\"} 1\n")
                })
            let map = try server.ask("GET", "/map").json()
            #expect(map["len"] == 1_000 && map["hint"] == 1_000)
            #expect(try server.ask("GET", "/metrics").text.contains("husk_remedies_total{kind=\"gc\"} 0\n"))
            // What is left out stays.
            let off = try server.ask("PATCH", "/runtime", body: #"{"remedy": {"kind": "none"}}"#).json()
            #expect(off.object("remedy").string("kind") == "none")
            #expect(off.object("remedy").string("period") == "20ms")
        }
    }

    @Test("What follows from the settings is said in words")
    func notes() throws {
        var configuration = HuskServer.Configuration()
        configuration.port = 0
        configuration.timeScale = 60
        configuration.settings = LabSettings(profile: .go1_14)
        configuration.settings.runtime.memoryLimitBytes = 1 << 30
        configuration.settings.remedy.policy.does = Remedy(.gc)
        configuration.layout = .swiss
        let server = try HuskServer(configuration, logger: .silent)
        defer { server.stop(deadlineSeconds: 5) }
        let notes = try server.ask("GET", "/runtime").json().members["notes"] as? [String] ?? []
        for part in [
            "RSS does not fall", "60 times as fast", "no memory limit", "applied again", "has the layout swiss",
        ] {
            #expect(notes.contains { $0.contains(part) }, "\(part)")
        }
    }

    @Test("Further checks are given whole, look at one figure or several, and are counted by their place")
    func checks() throws {
        try withHusk(type: "map[int][128]byte") { (server) throws in
            try server.post("/map/insert", #"{"count": 50000}"#)
            try server.post("/map/delete", #"{"count": 49000}"#)
            // The first never finds both of its figures over their limits.
            let checks =
                #"[{"when":{"idleBytes":1099511627776,"retainedBytes":0},"do":{"kind":"gc"},"period":"20ms"},"#
                + #"{"when":{"retainedBytes":1048576},"do":{"kind":"copy"},"period":"20ms"}]"#
            let settings = try server.ask("PATCH", "/runtime", body: #"{"checks": \#(checks)}"#)
            #expect(settings.text.contains(#""checks":\#(checks)"#))
            #expect(try server.ask("GET", "/runtime").text == settings.text)
            let worked = try eventually {
                try server.ask("GET", "/metrics").text.contains(
                    "husk_checks_total{check=\"2\",kind=\"copy\"} 1\n")
            }
            #expect(try worked && server.ask("GET", "/map").json()["retainedBytes"] == 0)
            let page = try server.ask("GET", "/metrics").text
            #expect(page.contains("husk_checks_total{check=\"1\",kind=\"gc\"} 0\n"))
            #expect(page.contains("husk_remedies_total{kind=\"copy\"} 0\n"))
            // Left out they stay; given, they are all that there are.
            #expect(try server.ask("PATCH", "/runtime", body: #"{"gogc": 90}"#).text.contains(#""checks":\#(checks)"#))
            #expect(try server.ask("PATCH", "/runtime", body: #"{"checks": []}"#).text.contains(#""checks":[]"#))
        }
    }

    @Test("There are at most 16 further checks")
    func tooManyChecks() throws {
        try withHusk { (server) throws in
            let check = #"{"when": {"idleBytes": 1}, "do": {"kind": "none"}}"#
            func body(_ count: Int) -> String {
                #"{"checks": [\#(Array(repeating: check, count: count).joined(separator: ","))]}"#
            }
            #expect(try server.ask("PATCH", "/runtime", body: body(16)).status == 200)
            try server.ask("PATCH", "/runtime", body: body(17)).expectProblem(400, field: "checks")
        }
    }

    @Test("Another Go starts over with an empty map, and the metrics name it")
    func profile() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            try server.post("/map/insert", #"{"count": 1000}"#)
            let settings = try server.ask("PATCH", "/runtime", body: #"{"go": "1.14"}"#).json()
            #expect(settings.string("go") == "1.14" && settings.string("madvise") == "free")
            #expect(try server.ask("GET", "/map").json()["len"] == 0)
            #expect(try server.ask("GET", "/memstats").json()["HeapSys"] == 64 << 20)
            #expect(try server.ask("GET", "/metrics").text.contains(#"go_info{version="go1.14"} 1"#))
        }
    }

    @Test("/gctrace has a line for each collection, in plain text")
    func trace() throws {
        try withHusk { (server) throws in
            #expect(try server.ask("GET", "/gctrace").text == "")
            let line = try server.post("/gc").string("gctrace")!
            try server.post("/free-memory")
            let answer = try server.ask("GET", "/gctrace")
            #expect(answer.header("Content-Type") == "text/plain; charset=utf-8")
            let lines = answer.text.split(separator: "\n").map(String.init)
            #expect(lines.first == line && lines.contains { $0.hasPrefix("gc 2 @") })
            #expect(lines.last!.hasPrefix("scav ") && lines.last!.hasSuffix("(forced)"))
        }
    }

    @Test("/metrics counts the collector's pauses and the watchdog's work")
    func metrics() throws {
        try withHusk(type: "map[int][128]byte") { (server) throws in
            try server.post("/map/insert", #"{"count": 50000}"#)
            try server.post("/map/nil")
            try server.post("/gc")
            _ = try server.ask(
                "PATCH", "/runtime",
                body: #"{"watchdog": {"enabled": true, "period": "20ms", "idleBytes": 0}}"#)
            let worked = try eventually {
                try !server.ask("GET", "/metrics").text.contains("husk_watchdog_runs_total 0\n")
            }
            let page = try server.ask("GET", "/metrics").text
            #expect(worked && page.contains("husk_watchdog_released_bytes_total "))
            #expect(page.contains("# TYPE husk_gc_pause_seconds histogram\n"))
            #expect(page.contains(#"husk_gc_pause_seconds_bucket{le="0.001"} "#))
            #expect(page.contains("go_gc_gogc_percent 100\n"))
        }
    }
}
