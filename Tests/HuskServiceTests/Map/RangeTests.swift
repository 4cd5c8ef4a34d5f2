import HuskService
import TestSupport
import Testing

@Suite("Ranges of keys")
struct RangeTests {
    @Test("A range inserts its keys once, and a delete of the same range removes them all")
    func insertAndDelete() throws {
        try withHusk { (server) throws in
            let body = #"{"from": 5, "count": 1000, "step": 3, "prefix": "p", "valueBytes": 20}"#
            let inserted = try server.post("/map/insert", body)
            #expect(inserted["inserted"] == 1000 && inserted["updated"] == 0 && inserted["len"] == 1000)
            #expect(try server.post("/map/insert", body)["updated"] == 1000)
            #expect(try server.ask("GET", "/map/keys/p8").body.count == 20)
            let deleted = try server.post("/map/delete", body)
            #expect(deleted["deleted"] == 1000 && deleted["missing"] == 0 && deleted["len"] == 0)
            for name in [
                "HeapAlloc", "HeapInuse", "HeapIdle", "HeapReleased", "HeapObjects", "Sys", "NumGC", "RSS",
            ] {
                #expect(
                    deleted.object("before")[name] != nil && deleted.object("after")[name] != nil, "\(name)")
            }
        }
    }

    @Test("Without a body a range is 8,192 keys from k0")
    func defaults() throws {
        try withHusk { (server) throws in
            #expect(try server.post("/map/insert")["inserted"] == 8192)
            #expect(try server.ask("GET", "/map/keys/k8191").body.count == 16)
        }
    }

    @Test(
        "An integer is an integer however it is written",
        arguments: ["1000", "1e3", "1000.0", "10.0e2", "1E+3", "100000e-2"])
    func integers(count: String) throws {
        try withHusk { (server) throws in
            #expect(try server.post("/map/insert", "{\"count\": \(count)}")["inserted"] == 1000)
        }
    }

    @Test("The greatest and the least numbers are taken exactly")
    func extremes() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            try server.post("/map/insert", #"{"from": 9223372036854775807, "count": 1}"#)
            try server.post("/map/insert", #"{"from": -9223372036854775808, "count": 1}"#)
            #expect(try server.ask("GET", "/map/keys/9223372036854775807").status == 200)
            #expect(try server.ask("GET", "/map/keys/-9223372036854775808").status == 200)
        }
    }

    @Test("Numbers up to 2^64 - 1 are taken, where the key's type holds them")
    func unsignedNumbers() throws {
        try withHusk(type: "map[uint64]int") { (server) throws in
            try server.post("/map/insert", #"{"from": 9223372036854775807, "count": 3}"#)
            try server.post("/map/insert", #"{"from": 18446744073709551615, "count": 2, "step": -1}"#)
            for key in ["9223372036854775809", "18446744073709551614", "18446744073709551615"] {
                #expect(try server.ask("GET", "/map/keys/\(key)").status == 200)
            }
            try server.ask("POST", "/map/insert", body: #"{"from": 18446744073709551615, "count": 2}"#)
                .expectProblem(422)
        }
    }

    @Test(
        "A bad range is 400 with the field that is wrong, and changes nothing",
        arguments: [
            (#"{"count": -1}"#, "count"), (#"{"count": 1000000001}"#, "count"),
            (#"{"count": 1e30}"#, "count"),
            (#"{"count": 1.5}"#, "count"), (#"{"count": "10"}"#, "count"), (#"{"count": null}"#, "count"),
            (#"{"count": true}"#, "count"), (#"{"count": [1]}"#, "count"), (#"{"step": 0}"#, "step"),
            (#"{"from": 18446744073709551616}"#, "from"), (#"{"from": -9223372036854775809}"#, "from"),
            (#"{"distribution": "normal"}"#, "distribution"), (#"{"seed": -1}"#, "seed"),
            (#"{"valueBytes": 1048577}"#, "valueBytes"), (#"{"prefix": 5}"#, "prefix"),
            (#"{"counts": 1}"#, "counts"),
            (#"{"count": 1, "count": 2}"#, "count"),
        ])
    func badField(body: String, field: String) throws {
        try withHusk { (server) throws in
            for path in ["/map/insert", "/map/delete"] {
                try server.ask("POST", path, body: body).expectProblem(400, field: field)
            }
            #expect(try server.ask("GET", "/map").json()["len"] == 0)
        }
    }

    @Test(
        "What is not one JSON object is 400",
        arguments: [
            "{", #"{"count": 1"#, "count=1", #"{"count": 1} x"#, "[]", "10", "null", #""text""#,
            #"{"count": 01}"#,
            #"{'count': 1}"#, #"{"count": 1,}"#, " ", "{}{}", "\u{FEFF}{}",
        ])
    func notJSON(body: String) throws {
        try withHusk { (server) throws in
            try server.ask("POST", "/map/insert", body: body).expectProblem(400)
        }
    }

    @Test("A body that is not UTF-8, or nested without end, is 400")
    func hostileJSON() throws {
        try withHusk { (server) throws in
            let client = try Client(port: server.port)
            try client.ask("POST", "/map/insert", body: [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D])
                .expectProblem(400)
            try client.ask("POST", "/map/insert", body: String(repeating: "[", count: 60_000)).expectProblem(
                400)
            try client.ask("POST", "/map/insert", body: String(repeating: #"{"a":"#, count: 10_000))
                .expectProblem(400)
            try client.ask("POST", "/map/insert", body: String(repeating: " ", count: 70_000)).expectProblem(
                413)
        }
    }

    @Test("Keys that leave the type are 422 and change nothing")
    func leavesType() throws {
        try withHusk(type: "map[int32]int") { (server) throws in
            let body = #"{"from": 2147483643, "count": 10}"#
            try server.ask("POST", "/map/insert", body: body).expectProblem(422)
            try server.ask("POST", "/map/delete", body: body).expectProblem(422)
            #expect(try server.ask("GET", "/map").json()["len"] == 0)
        }
    }

    @Test("Other clients are served while a range runs, and a client that hangs up stops its range")
    func servedMeanwhile() throws {
        try withHusk(type: "map[int]int", maxMemoryBytes: 8 << 30) { (server) throws in
            do {
                let long = try Client(port: server.port)
                try long.sendRequest("POST", "/map/insert", body: Array(#"{"count": 1000000000}"#.utf8))
                let started = try eventually { try server.ask("GET", "/map").json()["len"]! > 10_000 }
                #expect(started)
                #expect(try server.ask("GET", "/livez").text == "ok\n")
                #expect(try server.ask("GET", "/map/keys/1").text == "1")
            }
            var last = -1
            let stopped = try eventually {
                let count = try server.ask("GET", "/map").json()["len"]!
                defer { last = count }
                return count == last
            }
            #expect(stopped)
            #expect(last < 1_000_000_000)
        }
    }
}
