import Foundation
import HuskService
import TestSupport
import Testing

/// Traffic in the background, as a client starts, sees and stops it.
@Suite("Workloads over HTTP", .serialized)
struct WorkloadEndpointTests {
    private static let endless = #"{"kind": "churn", "live": 5000, "duration": "8000h"}"#

    /// Starts one; answers its path and what the server said.
    private func start(_ server: HuskServer, _ body: String) throws -> (path: String, answer: JSON) {
        let answer = try server.ask("POST", "/workloads", body: body)
        #expect(answer.status == 202, "\(answer)")
        return (try #require(answer.header("Location")), try answer.json())
    }

    private func end(_ server: HuskServer, _ path: String) throws -> JSON {
        var report = try server.ask("GET", path).json()
        _ = try eventually {
            report = try server.ask("GET", path).json()
            return report.string("state") != "running"
        }
        return report
    }

    @Test("One is started, seen, and comes to its end; the map is as it left it")
    func wholeLife() throws {
        try withHusk(type: "map[string][]byte") { (server) throws in
            #expect(try server.ask("GET", "/workloads").text == "{\"workloads\":[]}\n")
            let (path, answer) = try start(
                server, #"{"kind": "partial-update", "live": 4000, "rounds": 5, "readsPerWrite": 1, "remedy": null}"#)
            #expect(path == "/workloads/\(answer["id"]!)")
            let workload = answer.object("workload")
            #expect(workload.string("kind") == "partial-update" && workload["live"] == 4_000)
            #expect(workload.string("victim") == "oldest" && workload.members["rate"] is NSNull)
            #expect(workload.object("remedy").object("do").string("kind") == "none")
            let report = try end(server, path)
            #expect(report.string("state") == "done" && report["round"] == 5 && report["rounds"] == 5)
            #expect(report.object("counts")["inserted"] == 4_000 + 5 * 800)
            #expect(report.object("costs")["HeapAlloc"]! > 1 << 18)
            #expect(report.object("costs").object("waitNanoseconds")["p50"]! > 0)
            let map = try server.ask("GET", "/map").json()
            #expect(map["len"] == 4_000)
            #expect(try server.ask("GET", "/map/keys/k4000").status == 200)
            #expect(try server.ask("GET", "/map/keys/k3999").status == 404)
            let metrics = try server.ask("GET", "/metrics").text
            #expect(metrics.contains("husk_workload_operations_total{op=\"insert\"} 8000\n"))
            #expect(metrics.contains("husk_workload_operations_total{op=\"delete\"} 4000\n"))
            #expect(metrics.contains("husk_workload_running 0\n"))
        }
    }

    @Test("There is one at a time: a second is 409 with the number of the first, until that is stopped")
    func oneAtATime() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            let (path, answer) = try start(server, Self.endless)
            let second = try server.ask("POST", "/workloads", body: Self.endless)
            try second.expectProblem(409)
            #expect(try second.json()["id"] == answer["id"])
            #expect(try server.ask("GET", "/metrics").text.contains("husk_workload_running 1\n"))
            #expect(try server.ask("DELETE", path).status == 204)
            #expect(try end(server, path).string("state") == "stopped")
            #expect(try server.ask("DELETE", path).status == 204)
            let (next, _) = try start(server, Self.endless)
            #expect(next != path)
            #expect(try server.ask("DELETE", next).status == 204)
        }
    }

    @Test(
        "Stopped, it ends within a tenth of a second, also while it waits",
        arguments: [
            endless, #"{"kind": "churn", "live": 10, "rate": 0.001}"#,
            #"{"kind": "churn", "live": 10, "interval": "5000h"}"#, #"{"kind": "ttl", "rate": 0.01, "ttl": "1000s"}"#,
            #"{"kind": "leak", "size": 1000000000, "live": 999999999}"#,
        ])
    func stopping(body: String) throws {
        try withHusk(type: "map[int]int", maxMemoryBytes: 8 << 30) { (server) throws in
            let (path, _) = try start(server, body)
            usleep(50_000)
            let begin = ContinuousClock.now
            #expect(try server.ask("DELETE", path).status == 204)
            #expect(try end(server, path).string("state") == "stopped")
            #expect(begin.duration(to: .now) < .milliseconds(500))
        }
    }

    @Test("It is a job of the same number, and ends with it")
    func job() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            let (path, answer) = try start(server, Self.endless)
            let id = try #require(answer["id"])
            let isUnderWay = try eventually { try server.ask("GET", path).json()["round"]! > 2 }
            #expect(isUnderWay)
            let listed = try server.ask("GET", "/jobs").json().members["jobs"] as? [[String: Any]] ?? []
            #expect(listed.count == 1 && listed[0]["kind"] as? String == "workload" && listed[0]["id"] as? Int == id)
            #expect(try server.ask("DELETE", "/jobs/\(id)").status == 204)
            #expect(try end(server, path).string("state") == "stopped")
            #expect(try eventually { try server.ask("GET", "/jobs").text == "{\"jobs\":[]}\n" })
        }
    }

    @Test("The last sixteen that have ended are kept")
    func kept() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            var paths: [String] = []
            for _ in 0..<19 {
                let (path, _) = try start(server, #"{"kind": "churn", "live": 10, "rounds": 1}"#)
                _ = try end(server, path)
                paths.append(path)
            }
            let listed = try server.ask("GET", "/workloads").json().members["workloads"] as? [Any]
            #expect(listed?.count == 16)
            try server.ask("GET", paths[0]).expectProblem(404)
            try server.ask("DELETE", paths[0]).expectProblem(404)
            #expect(try server.ask("GET", paths[18]).status == 200)
            // What they did is counted still.
            let metrics = try server.ask("GET", "/metrics").text
            #expect(metrics.contains("husk_workload_operations_total{op=\"delete\"} \(19 * 2)\n"))
        }
    }

    @Test("Another client takes the map away: it fails with words", arguments: ["nil", "fresh", "go"])
    func mapGone(how: String) throws {
        try withHusk(type: "map[int]int") { (server) throws in
            let (path, _) = try start(server, Self.endless)
            switch how {
            case "nil": try server.post("/map/nil")
            case "fresh": try server.post("/map/replace-with-fresh", "{}")
            default: #expect(try server.ask("PATCH", "/runtime", body: #"{"go": "1.10"}"#).status == 200)
            }
            let report = try end(server, path)
            #expect(report.string("state") == "failed")
            #expect(report.string("detail")?.hasPrefix("another client") == true)
        }
    }

    @Test("Over a nil map there is none")
    func nilMap() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            try server.post("/map/nil")
            try server.ask("POST", "/workloads", body: Self.endless).expectProblem(409)
            #expect(try server.ask("GET", "/jobs").text == "{\"jobs\":[]}\n")
        }
    }

    @Test(
        "What is wrong is named, and nothing begins",
        arguments: [
            ("", "kind"), ("{}", "kind"), (#"{"kind": "leek"}"#, "kind"), (#"{"kind": 5}"#, "kind"),
            (#"{"kind": "leak", "drift": 1}"#, "drift"), (#"{"kind": "leak", "size": 1e3, "live": 2000}"#, "size"),
            (#"{"kind": "churn", "live": -1}"#, "live"), (#"{"kind": "churn", "live": 1e30}"#, "live"),
            (#"{"kind": "churn", "live": [1]}"#, "live"), (#"{"kind": "churn", "duration": 5}"#, "duration"),
            (#"{"kind": "churn", "rate": "fast"}"#, "rate"), (#"{"kind": "churn", "more": 5}"#, "more"),
            (#"{"kind": "churn", "remedy": 5}"#, "remedy"),
            (#"{"kind": "churn", "remedy": {"when": {}, "do": {"kind": "hope"}}}"#, "remedy.do.kind"),
            (
                #"{"kind": "churn", "remedy": {"when": {"loadBelow": 2}, "do": {"kind": "gc"}}}"#,
                "remedy.when.loadBelow"
            ),
            (#"{"kind": "churn", "remedy": {"when": {}, "do": {"kind": "gc"}, "then": 1}}"#, "remedy.then"),
        ])
    func wrongBodies(body: String, field: String) throws {
        try withHusk(type: "map[int]int") { (server) throws in
            try server.ask("POST", "/workloads", body: body).expectProblem(400, field: field)
            #expect(try server.ask("GET", "/workloads").text == "{\"workloads\":[]}\n")
        }
    }

    @Test("Keys that do not fit the map's type are 422; what needs more room than there is, 507")
    func misfits() throws {
        try withHusk(type: "map[[3]byte]int", maxMemoryBytes: 64 << 20) { (server) throws in
            try server.ask("POST", "/workloads", body: #"{"kind": "churn"}"#).expectProblem(422)
        }
        try withHusk(type: "map[int]int", maxMemoryBytes: 64 << 20) { (server) throws in
            try server.ask("POST", "/workloads", body: #"{"kind": "churn", "live": 100000000, "victim": "random"}"#)
                .expectProblem(507)
        }
    }

    @Test("What is no workload is 404", arguments: ["0", "1", "99999999999999999999", "x", "+1", ""])
    func unknown(id: String) throws {
        try withHusk { (server) throws in
            try server.ask("GET", "/workloads/\(id)").expectProblem(404)
            try server.ask("DELETE", "/workloads/\(id)").expectProblem(404)
        }
    }

    @Test("A server that stops ends it")
    func serverStops() throws {
        let begin = ContinuousClock.now
        try withHusk(type: "map[int]int") { (server) throws in _ = try start(server, Self.endless) }
        #expect(begin.duration(to: .now) < .seconds(5))
    }
}
