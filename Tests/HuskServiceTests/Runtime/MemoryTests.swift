// GET /memory and GET /size.

import Foundation
import TestSupport
import Testing

/// The sum of all numbers in a JSON object and the objects in it, but for those of some names.
private func sum(_ members: [String: Any], without names: Set<String>) -> Int {
    members.reduce(0) { total, member in
        if names.contains(member.key) { return total }
        if let object = member.value as? [String: Any] { return total + sum(object, without: names) }
        return total + (member.value as? Int ?? 0)
    }
}

@Suite("GET /memory") struct MemoryTests {
    @Test("The parts add up to HeapSys and to RSS, and every remedy has a forecast")
    func sums() throws {
        try withHusk { (server) throws in
            try server.post("/map/insert", #"{"count": 30000, "valueBytes": 100}"#)
            try server.post("/map/delete", #"{"count": 29000}"#)
            let account = try server.ask("GET", "/memory").json()
            let heap = account.object("heap").members
            #expect(heap["HeapSys"] as? Int == sum(heap, without: ["HeapSys"]))
            let rss = account.object("rss").members
            #expect(rss["RSS"] as? Int == sum(rss, without: ["RSS", "LazyFree"]))
            #expect(rss["LazyFree"] is NSNull)
            let forecasts = account.members["forecasts"] as? [[String: Any]] ?? []
            #expect(
                forecasts.map { $0["remedy"] as? String } == [
                    "gc", "free-memory", "clear", "replace", "copy", "incremental-copy", "shards", "two-generations",
                    "swiss",
                ])
            #expect(account.object("advice").string("remedy") == "copy")
            let copy = try #require(forecasts.first { $0["remedy"] as? String == "copy" })
            let before = heap["HeapSys"] as? Int
            try server.post("/map/replace-with-fresh", #"{"copy": true, "hint": 1000}"#)
            let after = try server.post("/gc").object("after").members
            let alloc = try #require(after["HeapAlloc"] as? Int)
            let said = try #require(copy["HeapAlloc"] as? Int)
            #expect(abs(alloc - said) <= said / 50, "\(alloc), said \(said)")
            #expect(before != nil)
            try server.ask("GET", "/memory?x=1").expectProblem(400, field: "x")
        }
    }

    @Test(
        "Done as advised, RSS falls to what was said", .enabled(if: HuskBinary.url != nil),
        arguments: [("1.23", "bucket"), ("1.27", "swiss")])
    func resident(_ go: String, _ layout: String) throws {
        let status = try HuskBinary.serve(["--go", go, "--type", "map[int][128]byte", "--scavenger", "off"]) { port in
            let client = try Client(port: port, timeoutSeconds: 60)
            _ = try client.ask("POST", "/map/insert", body: #"{"count": 500000}"#)
            _ = try client.ask("POST", "/map/delete", body: #"{"count": 490000}"#)
            let account = try client.ask("GET", "/memory").json()
            let forecasts = account.members["forecasts"] as? [[String: Any]] ?? []
            let copy = try #require(forecasts.first { $0["remedy"] as? String == "copy" })
            #expect(account.object("advice").string("remedy") == "copy")
            let resident = try #require(account.object("rss").members["RSS"] as? Int)
            let said = try #require(copy["RSSAfterFreeMemory"] as? Int)
            _ = try client.ask("POST", "/map/replace-with-fresh", body: #"{"copy": true, "hint": 10000}"#)
            let after = try client.ask("POST", "/free-memory").json().object("after").members
            let got = try #require(after["RSS"] as? Int)
            #expect(resident - said > 100_000_000)
            #expect(
                abs((resident - got) - (resident - said)) <= (resident - said) / 20,
                "\(resident) -> \(got), said \(said)")
        }
        #expect(status == 0)
    }
}

@Suite("GET /size") struct SizeEndpointTests {
    @Test("A table of both layouts for each Go, as the command line has it")
    func table() throws {
        try withHusk { (server) throws in
            let before = try server.ask("GET", "/map").json()
            let query = "type=map%5Bint%5Dstruct%7B%7D&entries=1000&peak=5000&go=1.23,1.27"
            let table = try server.ask("GET", "/size?\(query)").json()
            #expect((table.members["rows"] as? [[Any]])?.count == 6)
            #expect(table.object("parameters").members["go"] as? [String] == ["1.23", "1.27"])
            #expect(try server.ask("GET", "/map").json().members["len"] as? Int == before.members["len"] as? Int)
            guard HuskBinary.url != nil else { return }
            let printed = try HuskBinary.run(
                "size", "map[int]struct{}", "--entries", "1000", "--peak=5000", "--go", "1.23,1.27", "--format", "json")
            let own = try JSONSerialization.jsonObject(with: Data(printed.output.utf8)) as? [String: Any]
            #expect(own?["rows"] as? NSArray == table.members["rows"] as? NSArray)
        }
    }

    @Test("What is asked wrongly is 400 with its field, and one line from the command line")
    func refused() throws {
        let bad: [(query: String, field: String, flags: [String])] = [
            ("type=map[int]int", "entries", []),
            ("type=map[int]int&entries=-1", "entries", ["--entries", "-1"]),
            ("type=map[int]int&entries=1000000000000000000", "entries", ["--entries", "1000000000000000000"]),
            ("type=map[int]int&entries=%2B5", "entries", ["--entries", "+5"]),
            ("type=map[int]int&entries=5&hint=-1", "hint", ["--entries", "5", "--hint", "-1"]),
            (
                "type=map[int]int&entries=5&hint=9223372036854775808", "hint",
                ["--entries", "5", "--hint", "9223372036854775808"]
            ),
            ("type=map[int]int&entries=5&peak=4", "peak", ["--entries", "5", "--peak", "4"]),
            ("type=map[int]int&entries=5&go=1.11", "go", ["--entries", "5", "--go", "1.11"]),
            ("type=map[int]int&entries=5&layout=tree", "layout", ["--entries", "5", "--layout", "tree"]),
        ]
        try withHusk { (server) throws in
            for (query, field, flags) in bad {
                let answer = try server.ask("GET", "/size?\(query)")
                try answer.expectProblem(400, field: field)
                guard HuskBinary.url != nil, !flags.isEmpty else { continue }
                let said = try HuskBinary.run(["size", "map[int]int"] + flags)
                let detail = try #require(try answer.json().string("detail"))
                #expect(said.status == 64 && said.errors == "husk: \(detail)\n")
            }
            try server.ask("GET", "/size?type=map[float]int&entries=5").expectProblem(400, field: "type")
            try server.ask("GET", "/size?entries=5").expectProblem(400, field: "type")
            try server.ask("GET", "/size?type=map[int]int&entries=5&x=1").expectProblem(400, field: "x")
        }
    }

    @Test("A hint that no address space holds counts as none, as in Go; without room for a map it is computed")
    func extremes() throws {
        try withHusk(maxMemoryBytes: 64 << 20) { (server) throws in
            func column(_ query: String, _ name: String) throws -> [Any] {
                let table = try server.ask("GET", "/size?go=1.23&layout=bucket&\(query)").json()
                let names = (table.members["columns"] as? [[String: Any]] ?? []).map { $0["name"] as? String }
                let at = try #require(names.firstIndex(of: name))
                return (table.members["rows"] as? [[Any]] ?? []).map { $0[at] }
            }
            #expect(
                try column("type=map[int]int&entries=5&hint=9223372036854775807", "bytes") as? [Int] == [192, 192])
            #expect(try column("type=map[int]int&entries=1000", "by") as? [String] == ["made", "made"])
            #expect(
                try column("type=map[int][128]byte&entries=1000000", "by") as? [String] == ["computed", "computed"])
        }
    }

    @Test("--help tells all", .enabled(if: HuskBinary.url != nil))
    func help() throws {
        let help = try HuskBinary.run("size", "--help").output
        for word in [
            "--entries", "--hint", "--peak", "--go", "--layout", "--format", "TotalAlloc", "arithmetic", "1000000",
        ] {
            #expect(help.contains(word), "\(word)")
        }
        #expect(try HuskBinary.run("--help").output.contains("size"))
    }
}
