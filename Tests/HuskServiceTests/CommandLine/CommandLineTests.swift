import Foundation
import HuskService
import TestSupport
import Testing

@Suite("The husk command", .enabled(if: HuskBinary.url != nil))
struct CommandLineTests {
    @Test(
        "A bad flag is one line and exit status 64",
        arguments: [
            ["--port", "x"], ["--port", "65536"], ["--port", "-1"], ["--type", "map[bool]int"],
            ["--hint", "-5"], ["--layout", "tree"], ["--shards", "3"], ["--shards", "8192"],
            ["--shards", "x"],
            ["--max-memory", "lots"], ["--max-memory", "1"], ["--threads", "0"], ["--log-level", "loud"],
            ["--head-limit", "1KiB"], ["--head-limit", "1MiB"], ["--head-timeout", "0"], ["--request-timeout", "x"],
            ["--min-rate", "fast"], ["--drain", "-1"],
            ["--bogus"], ["surplus"],
        ])
    func badFlags(arguments: [String]) throws {
        let (process, _, errors) = try HuskBinary.start(["serve"] + arguments)
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 64)
        #expect(said.hasPrefix("husk: ") && said.split(separator: "\n").count == 1, "\(said)")
    }

    @Test("A bad variable is named, and a flag beats it")
    func environment() throws {
        let bad = try HuskBinary.run("serve", environment: ["HUSK_MAX_MEMORY": "lots"])
        #expect(bad.status == 64 && bad.errors.contains("HUSK_MAX_MEMORY") && bad.errorLines == 1)
        let status = try HuskBinary.serve(
            ["--type", "map[int]int"],
            environment: [
                "HUSK_TYPE": "map[string]string", "HUSK_HINT": "100", "HUSK_MAX_MEMORY": "64MiB",
                "HUSK_PORT": "x",
            ]
        ) { port in
            let map = try Client(port: port).ask("GET", "/map").json()
            #expect(map.string("type") == "map[int]int" && map["hint"] == 100)
        }
        #expect(status == 0)
    }

    @Test("The first map has the layout and the shards that are asked for, or its Go's layout")
    func layout() throws {
        func map(_ arguments: [String], _ environment: [String: String] = [:]) throws -> JSON {
            var map = JSON(members: [:])
            let status = try HuskBinary.serve(arguments, environment: environment) { port in
                map = try Client(port: port).ask("GET", "/map").json()
            }
            #expect(status == 0)
            return map
        }
        let plain = try map(["--go", "1.24", "--hint", "5000"])
        #expect(plain.string("layout") == "swiss" && plain["shards"] == 1 && plain["hint"] == 5000)
        let asked = try map(["--go", "1.27", "--layout", "bucket", "--shards", "16"], ["HUSK_SHARDS": "2"])
        #expect(asked.string("layout") == "bucket" && asked["shards"] == 16)
        let variables = try map([], ["HUSK_LAYOUT": "swiss", "HUSK_SHARDS": "2", "HUSK_HINT": "100"])
        #expect(variables.string("layout") == "swiss" && variables["shards"] == 2 && variables["hint"] == 100)
    }

    @Test("A port in use is one line and exit status 1")
    func portInUse() throws {
        try withHusk { (server) throws in
            let second = try HuskBinary.run("serve", "--port", "\(server.port)")
            #expect(second.status == 1)
            #expect(second.errorLines == 1 && second.errors.contains("\(server.port)"), "\(second.errors)")
        }
    }

    @Test("SIGTERM and SIGINT finish a request under way, exit status 0", arguments: [SIGTERM, SIGINT])
    func cleanStop(signal: Int32) throws {
        var client: Client?
        let status = try HuskBinary.serve(["--type", "map[int]int"], signal: signal) { port in
            client = try Client(port: port)
            try client?.sendRequest("POST", "/map/insert", body: Array(#"{"count": 300000}"#.utf8))
            let started = try eventually { try Client(port: port).ask("GET", "/map").json()["len"]! > 0 }
            #expect(started)
        }
        #expect(status == 0)
        #expect(try client?.readAnswer().json()["inserted"] == 300_000)
    }

    @Test(
        "SIGTERM ends a server with long operations and silent clients, who are told; --drain first turns others away"
    )
    func stopUnderLoad() throws {
        let (process, _, errors) = try HuskBinary.start(["serve", "--port", "0", "--drain", "1"])
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        let log = try HuskBinary.readLog(errors, until: "http://127.0.0.1:")
        let port = try #require(Int(log.split(separator: "http://127.0.0.1:")[1].prefix { $0.isNumber }))
        let silent = try Client(port: port)
        try silent.send("PUT /map/keys/a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
        let clients = try (0..<6).map { _ in try Client(port: port) }
        for client in clients {
            try client.sendRequest("POST", "/map/insert", body: Array(#"{"count": 1000000000}"#.utf8))
        }
        let started = try eventually { try Client(port: port).ask("GET", "/map").json()["len"]! > 0 }
        #expect(started)
        kill(process.processIdentifier, SIGTERM)
        let isTurnedAway = try eventually { try Client(port: port).ask("GET", "/readyz").status == 503 }
        #expect(isTurnedAway)
        #expect(try Client(port: port).ask("GET", "/livez").status == 200)
        #expect(try Client(port: port).ask("POST", "/gc").status == 200)
        for client in clients { try client.readAnswer().expectProblem(503) }
        try silent.readAnswer().expectProblem(503)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test("The health check tells a server that answers from one that does not")
    func healthCheck() throws {
        try withHusk { (server) throws in
            #expect(
                try HuskBinary.run("healthcheck", "--url", "http://127.0.0.1:\(server.port)/livez").status
                    == 0)
            #expect(
                try HuskBinary.run("healthcheck", environment: ["HUSK_PORT": "\(server.port)"]).status == 0)
            let missing = try HuskBinary.run(
                "healthcheck", "--url", "http://localhost:\(server.port)/nowhere")
            #expect(missing.status == 1 && missing.errorLines == 1)
        }
        #expect(try HuskBinary.run("healthcheck", "--url", "http://127.0.0.1:1/livez").status == 1)
        #expect(try HuskBinary.run("healthcheck", "--url", "ftp://x").status == 64)
    }

    @Test("A scenario prints its table, and without a name they are listed")
    func scenario() throws {
        let list = try HuskBinary.run("scenario")
        #expect(list.status == 0 && list.output.contains("global-nil"))
        let table = try HuskBinary.run("scenario", "global-nil")
        #expect(table.status == 0 && table.output.contains("TotalAlloc"))
        #expect(try HuskBinary.run("scenario", "none").status == 64)
        #expect(try HuskBinary.run("--version").output.hasPrefix("husk \(Version.husk)"))
    }

    @Test("10,000 connections that are opened and left do not keep others from being served")
    func manyConnections() throws {
        // Less where the system allows this process fewer files.
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let count = min(10_000, Int(clamping: limit.rlim_cur) - 500)
        let status = try HuskBinary.serve { port in
            let left = try (0..<count).map { _ in try Client(port: port) }
            for client in left.prefix(100) { try client.send("GET /li") }
            #expect(try Client(port: port).ask("PUT", "/map/keys/a", body: "v").status == 201)
            #expect(try Client(port: port).ask("GET", "/livez").status == 200)
            #expect(left.count == count)
        }
        #expect(status == 0)
    }
}

extension CommandLineTests {
    @Test(
        "A timeline that there is no room for, or that no clock could fill, is refused",
        arguments: [
            ["--timeline-size", "59"], ["--timeline-size", "x"], ["--timeline-period", "9ms"],
            ["--timeline-period", "1"], ["--timeline-period", "2h"],
        ])
    func wrongTimeline(arguments: [String]) throws {
        let finished = try HuskBinary.run(["serve", "--port", "0"] + arguments)
        #expect(finished.status == 64 && finished.errorLines == 1 && finished.errors.contains(arguments[0]))
    }

    @Test("A timeline that takes more than an eighth of --max-memory is refused, with both figures")
    func largeTimeline() throws {
        let finished = try HuskBinary.run(
            "serve", "--port", "0", "--max-memory", "64MiB", "--timeline-size", "100000")
        #expect(finished.status == 1 && finished.errorLines == 1)
        #expect(finished.errors.contains("--timeline-size: 100000 samples take "))
    }
}
