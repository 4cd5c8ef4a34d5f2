import Dispatch
import HuskService
import Synchronization
import TestSupport
import Testing

@Suite("The map as a whole")
struct WholeMapTests {
    @Test("The seeds' table: of 8,192 entries a delete frees nothing, and nil frees 312 KB")
    func seedsTable() throws {
        try withHusk(type: "map[int]int", hint: 8192) { (server) throws in
            try server.post("/map/insert", #"{"count": 8192}"#)
            let filled = try server.post("/gc").object("after")["HeapAlloc"]!
            try server.post("/map/delete", #"{"count": 8192}"#)
            let deleted = try server.post("/gc").object("after")["HeapAlloc"]!
            #expect(deleted == filled)
            try server.post("/map/nil")
            let gone = try server.post("/gc").object("after")["HeapAlloc"]!
            // Mostly 320,096 bytes. The list of overflow buckets doubles as they come into use, and how many do depends on
            // the hash's seed: with few of them it takes 256 bytes less.
            #expect((filled - gone) / 1024 == 312, "\(filled - gone)")
            let released = try server.post("/free-memory")
            #expect(released.object("after")["HeapReleased"]! == released.object("after")["HeapIdle"]!)
        }
    }

    @Test(
        "Clear empties the map and keeps its buckets; a fresh map with the survivors copied gives them back")
    func clearAndReplace() throws {
        try withHusk { (server) throws in
            try server.post("/map/insert", #"{"count": 10000}"#)
            #expect(try server.post("/map/clear")["deleted"] == 10_000)
            let report = try server.ask("GET", "/map").json()
            #expect(report["len"] == 0 && report["retainedBytes"]! > 100_000)
            try server.post("/map/insert", #"{"count": 10}"#)
            let replaced = try server.post("/map/replace-with-fresh", #"{"copy": true, "hint": 0}"#)
            #expect(replaced["copied"] == 10 && replaced["len"] == 10)
            #expect(try server.ask("GET", "/map").json()["retainedBytes"]! < 10_000)
            #expect(try server.ask("GET", "/map/keys/k9").status == 200)
        }
    }

    @Test("What a replacement leaves out stays as it is")
    func replacementDefaults() throws {
        try withHusk(type: "map[uint32]bool", hint: 100) { (server) throws in
            let same = try server.post("/map/replace-with-fresh")
            #expect(same.string("type") == "map[uint32]bool" && same["hint"] == 100)
            let typed = try server.post("/map/replace-with-fresh", #"{"type": "map[string]int"}"#)
            #expect(typed.string("type") == "map[string]int" && typed["hint"] == 100 && typed["shards"] == 1)
        }
    }

    @Test(
        "A bad replacement is 400 with the field that is wrong, and changes nothing",
        arguments: [
            (#"{"type": "map[bool]int"}"#, "type"), (#"{"type": "int"}"#, "type"), (#"{"type": ""}"#, "type"),
            (#"{"type": 5}"#, "type"), (#"{"hint": -1}"#, "hint"), (#"{"hint": 1000000001}"#, "hint"),
            (#"{"copy": 1}"#, "copy"), (#"{"layout": "tree"}"#, "layout"), (#"{"layout": 1}"#, "layout"),
            (#"{"shards": 0}"#, "shards"), (#"{"shards": 3}"#, "shards"), (#"{"shards": -1}"#, "shards"),
            (#"{"shards": 8192}"#, "shards"), (#"{"shards": "4"}"#, "shards"), (#"{"shards": 1.5}"#, "shards"),
            (#"{"shards": null}"#, "shards"), (#"{"layout": "swiss", "shards": 12}"#, "shards"),
            (#"{"size": 1}"#, "size"),
        ])
    func badReplacement(body: String, field: String) throws {
        try withHusk { (server) throws in
            _ = try server.ask("PUT", "/map/keys/a", body: "v")
            try server.ask("POST", "/map/replace-with-fresh", body: body).expectProblem(400, field: field)
            #expect(try server.ask("GET", "/map/keys/a").text == "v")
        }
    }

    @Test("A service goes from one layout and number of shards to another with its entries, and /map shows which")
    func switching() throws {
        try withHusk { (server) throws in
            try server.post("/map/insert", #"{"count": 20000}"#)
            for (layout, shards) in [("swiss", 1), ("swiss", 64), ("bucket", 64), ("bucket", 4096), ("swiss", 2)] {
                let answer = try server.post(
                    "/map/replace-with-fresh", #"{"layout": "\#(layout)", "shards": \#(shards), "copy": true}"#)
                #expect(answer.string("layout") == layout && answer["shards"] == shards)
                #expect(answer["copied"] == 20_000 && answer["len"] == 20_000)
                let report = try server.ask("GET", "/map").json()
                #expect(report.string("layout") == layout && report["shards"] == shards)
                #expect(report["len"] == 20_000 && report["slots"]! > 20_000)
                let bytes = report.object("bytes")
                let parts = bytes.members.filter { $0.key != "total" }.values.compactMap { $0 as? Int }
                #expect(parts.reduce(0, +) == bytes["total"])
                let (bucket, swiss) = (report.object("bucket").members, report.object("swiss").members)
                #expect(bucket.isEmpty == (layout == "swiss") && swiss.isEmpty == (layout == "bucket"))
                if layout == "bucket" {
                    #expect(report.object("bucket")["buckets"]! >= 20_000 / 8 && bytes["directory"] == 0)
                } else {
                    #expect(report.object("swiss")["groups"]! * 8 == report["slots"])
                    #expect(report.object("swiss")["tables"]! >= shards && bytes["directory"]! > 0)
                }
                let metrics = try server.ask("GET", "/metrics").text
                #expect(metrics.contains("husk_map_shards \(shards)\n"))
                #expect(metrics.contains("husk_map_groups ") == (layout == "swiss"))
                #expect(metrics.contains("husk_map_buckets ") == (layout == "bucket"))
                #expect(try server.ask("GET", "/map/keys/k19999").status == 200)
            }
            try server.post("/map/nil")
            let report = try server.ask("GET", "/map").json()
            #expect(report.object("swiss")["groups"] == 0 && report["shards"] == 2 && report["slots"] == 0)
        }
    }

    @Test("Another Go brings its layout, a replacement that names none keeps it, and the notes say where they differ")
    func layoutOfAnotherGo() throws {
        try withHusk { (server) throws in
            func notes() throws -> [String] {
                try server.ask("GET", "/runtime").json().members["notes"] as? [String] ?? []
            }
            _ = try server.ask("PATCH", "/runtime", body: #"{"go": "1.24"}"#)
            #expect(try server.ask("GET", "/map").json().string("layout") == "swiss")
            #expect(try notes().isEmpty)
            #expect(try server.post("/map/replace-with-fresh", #"{"layout": "bucket"}"#).string("layout") == "bucket")
            #expect(try server.post("/map/replace-with-fresh").string("layout") == "bucket")
            #expect(try notes().contains { $0.contains("layout bucket") && $0.contains("1.24") })
        }
    }

    @Test("A copy into another type is 422, and a copy of a nil map copies nothing")
    func copies() throws {
        try withHusk { (server) throws in
            try server.ask("POST", "/map/replace-with-fresh", body: #"{"type": "map[int]int", "copy": true}"#)
                .expectProblem(422)
            try server.post("/map/nil")
            #expect(try server.post("/map/replace-with-fresh", #"{"copy": true}"#)["copied"] == 0)
        }
    }

    @Test(
        "Two clients that replace the map at once both get a whole map, but for a copy that the other's fresh map ends")
    func concurrentReplacements() async throws {
        let server = try withoutStopping()
        defer { server.stop(deadlineSeconds: 5) }
        try server.post("/map/insert", #"{"count": 50000}"#)
        let failures = try await withThrowingTaskGroup(of: Int.self) { group in
            for client in 0..<2 {
                group.addTask {
                    var failures = 0
                    for round in 0..<20 {
                        let copy = (client + round) % 2 == 0
                        let answer = try server.ask(
                            "POST", "/map/replace-with-fresh", body: "{\"copy\": \(copy)}")
                        if answer.status != 200 && !(copy && answer.status == 409) { failures += 1 }
                        if try server.ask("PUT", "/map/keys/after\(client)-\(round)", body: "v").status >= 400 {
                            failures += 1
                        }
                    }
                    return failures
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(failures == 0)
        let count = try server.ask("GET", "/map").json()["len"]!
        #expect(try server.ask("GET", "/map/entries").text.split(separator: "\n").count == count)
        #expect(try server.post("/map/clear")["deleted"] == count)
    }

    @Test("Past --max-memory is 507; the map stays readable, and delete, replace and free-memory still work")
    func memoryLimit() throws {
        try withHusk(maxMemoryBytes: 32 << 20) { (server) throws in
            let stopped = try server.ask(
                "POST", "/map/insert", body: #"{"count": 1000000, "valueBytes": 10000}"#)
            try stopped.expectProblem(507)
            let inserted = try stopped.json()["inserted"]!
            #expect(inserted > 100)
            let report = try server.ask("GET", "/map").json()
            #expect(report["len"] == inserted)
            #expect(try server.ask("GET", "/map/keys/k0").body.count == 10_000)
            #expect(try server.ask("GET", "/map/keys/k\(inserted - 1)").body.count == 10_000)
            let large = String(repeating: "v", count: 1_000_000)
            try server.ask("PUT", "/map/keys/large", body: large).expectProblem(507)
            // A line of more than 256 KiB would not even be read: there is no memory left to lend for it.
            try server.ask("POST", "/map/entries", body: #"{"key":"large","value":"\#(large.prefix(200_000))"}"#)
                .expectProblem(507)
            try server.ask("POST", "/map/replace-with-fresh", body: #"{"hint": 1000000000}"#).expectProblem(
                507)
            #expect(try server.ask("DELETE", "/map/keys/k0").status == 204)
            #expect(try server.post("/map/delete", "{\"count\": \(inserted)}")["deleted"] == inserted - 1)
            try server.post("/map/replace-with-fresh")
            let freed = try server.post("/free-memory")
            #expect(freed.object("after")["HeapInuse"]! < 1 << 20)
            #expect(try server.ask("PUT", "/map/keys/large", body: large).status == 201)
        }
    }

    @Test("PUTs that find no room wait for a collection beside each other; what was deleted makes room for them")
    func putsMakeRoom() throws {
        try withHusk(type: "map[int][]byte", hint: 20_000, maxMemoryBytes: 32 << 20) { (server) throws in
            _ = try server.ask("PATCH", "/runtime", body: #"{"gogc": "off"}"#)
            try server.ask("POST", "/map/insert", body: #"{"count": 20000, "valueBytes": 10000}"#)
                .expectProblem(507)
            let value = [UInt8](repeating: 7, count: 10_000)
            for round in 0..<3 {
                try server.post("/map/delete", #"{"from": \#(round * 64), "count": 64}"#)
                let statuses = Mutex<[Int]>([])
                DispatchQueue.concurrentPerform(iterations: 8) { worker in
                    for put in 0..<4 {
                        let key = -1 - round * 100 - worker * 10 - put
                        let answer = try? Client(port: server.port).ask("PUT", "/map/keys/\(key)", body: value)
                        statuses.withLock { $0.append(answer?.status ?? 0) }
                    }
                }
                #expect(statuses.withLock { $0 } == Array(repeating: 201, count: 32))
            }
            #expect(try server.ask("GET", "/memstats").json()["HeapInuse"]! <= 32 << 20)
            #expect(try server.ask("GET", "/map/keys/-1").body == value)
        }
    }

    /// A server that the test stops itself.
    private func withoutStopping() throws -> HuskServer {
        var configuration = HuskServer.Configuration()
        configuration.port = 0
        configuration.maxMemoryBytes = 1 << 30
        return try HuskServer(configuration, logger: .silent)
    }
}
