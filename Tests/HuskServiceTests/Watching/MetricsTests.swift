import Foundation
import HuskService
import TestSupport
import Testing

@Suite("/metrics")
struct MetricsTests {
    private func value(_ name: String, of page: String) -> Double? {
        page.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .flatMap { Double($0.dropFirst(name.count + 1)) }
    }

    @Test("Requests are counted by route, method and status, each once, from many threads")
    func counts() async throws {
        var configuration = HuskServer.Configuration()
        configuration.port = 0
        configuration.threads = 4
        let server = try HuskServer(configuration, logger: .silent)
        defer { server.stop(deadlineSeconds: 5) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    let client = try Client(port: server.port)
                    for index in 0..<500 {
                        _ = try client.ask("PUT", "/map/keys/\(thread)-\(index)", body: "v")
                        _ = try client.ask("GET", "/map/keys/\(thread)-\(index)")
                        _ = try client.ask("GET", "/map/keys/none")
                        _ = try client.ask("HEAD", "/livez")
                    }
                    _ = try client.ask("GET", "/nowhere")
                    _ = try client.ask("DELETE", "/gc")
                }
            }
            try await group.waitForAll()
        }
        let requests = "husk_http_requests_total"
        let expected = [
            (#"{route="/map/keys/{key}",method="PUT",status="201"}"#, 2000.0),
            (#"{route="/map/keys/{key}",method="GET",status="200"}"#, 2000.0),
            (#"{route="/map/keys/{key}",method="GET",status="404"}"#, 2000.0),
            (#"{route="/livez",method="HEAD",status="200"}"#, 2000.0),
            (#"{route="other",method="GET",status="404"}"#, 4.0),
            (#"{route="/gc",method="DELETE",status="405"}"#, 4.0),
        ]
        // A request counts when its last byte has gone out, which its client may see first.
        var page = ""
        let settled = try eventually {
            page = try server.ask("GET", "/metrics").text
            return expected.allSatisfy { value(requests + $0.0, of: page) == $0.1 }
        }
        #expect(settled, "\(page.split(separator: "\n").filter { $0.hasPrefix(requests) })")
        #expect(
            value(#"husk_http_request_duration_seconds_count{route="/map/keys/{key}"}"#, of: page) == 6000)
        #expect(
            value(#"husk_http_request_duration_seconds_bucket{route="/map/keys/{key}",le="+Inf"}"#, of: page)
                == 6000)
    }

    @Test("The map's and the runtime's metrics are the figures of /map and /memstats")
    func figures() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            try server.post("/map/insert", #"{"count": 5000}"#)
            try server.post("/map/delete", #"{"count": 4000}"#)
            try server.post("/gc")
            let page = try server.ask("GET", "/metrics").text
            let map = try server.ask("GET", "/map").json()
            let stats = try server.ask("GET", "/memstats").json()
            #expect(value("husk_map_entries", of: page) == 1000)
            #expect(value("husk_map_retained_bytes", of: page) == map["retainedBytes"].map(Double.init))
            #expect(
                value(#"husk_map_bytes{part="buckets"}"#, of: page)
                    == map.object("bytes")["buckets"].map(Double.init))
            #expect(value("go_memstats_alloc_bytes", of: page) == stats["Alloc"].map(Double.init))
            #expect(value("go_memstats_heap_sys_bytes", of: page) == stats["HeapSys"].map(Double.init))
            #expect(value("go_memstats_mallocs_total", of: page) == stats["Mallocs"].map(Double.init))
            #expect(value("go_gc_duration_seconds_count", of: page) == stats["NumGC"].map(Double.init))
            #expect(value("process_resident_memory_bytes", of: page)! > 1_000_000)
            #expect(value("process_open_fds", of: page)! > 5)
            #expect(abs(value("process_start_time_seconds", of: page)! - Date().timeIntervalSince1970) < 3600)
        }
    }

    @Test(
        "promtool finds nothing wrong with the page",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool")))
    func promtool() throws {
        try withHusk { (server) throws in
            try server.post("/map/insert")
            let page = try server.ask("GET", "/metrics").text
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/promtool")
            process.arguments = ["check", "metrics"]
            let input = Pipe()
            let output = Pipe()
            process.standardInput = input
            process.standardOutput = output
            process.standardError = output
            try process.run()
            input.fileHandleForWriting.write(Data(page.utf8))
            try input.fileHandleForWriting.close()
            let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(said)")
        }
    }

    @Test("No family comes twice, and every sample belongs to the family above it", arguments: [false, true])
    func families(isOpenMetrics: Bool) throws {
        try withHusk { (server) throws in
            try server.post("/map/insert")
            let page = try Client(port: server.port).ask(
                "GET", "/metrics",
                headers: isOpenMetrics ? ["Accept: application/openmetrics-text"] : []
            ).text
            var seen: Set<String> = []
            var family = (name: "", kind: "")
            for line in page.split(separator: "\n") where !line.hasPrefix("# HELP") && line != "# EOF" {
                let words = line.split(separator: " ")
                if line.hasPrefix("# TYPE") {
                    family = (String(words[2]), String(words[3]))
                    #expect(seen.insert(family.name).inserted, "\(family.name) comes twice")
                    continue
                }
                let series = String(line.prefix { $0 != " " && $0 != "{" })
                let suffixes: [String] =
                    switch family.kind {
                    case "counter": isOpenMetrics ? ["_total"] : [""]
                    case "histogram": ["_bucket", "_sum", "_count"]
                    case "summary": ["", "_sum", "_count"]
                    default: [""]
                    }
                #expect(suffixes.contains { family.name + $0 == series }, "\(line) in \(family)")
            }
            // client_golang's names, whatever the format.
            for series in [
                "go_memstats_alloc_bytes", "go_memstats_alloc_bytes_total", "go_memstats_mallocs_total",
            ] {
                #expect(value(series, of: page) != nil, "\(series)")
            }
            if isOpenMetrics {
                #expect(page.contains("# TYPE go_memstats_alloc_bytes gauge\n"))
                #expect(page.contains("# TYPE go_memstats_alloc_bytes_total unknown\n"))
                #expect(page.contains(#"go_gc_duration_seconds{quantile="1.0"}"#))
            }
        }
    }

    @Test("?name[]= keeps the families that it names, as in client_golang")
    func selection() throws {
        try withHusk { (server) throws in
            func names(_ query: String) throws -> [String] {
                let answer = try server.ask("GET", "/metrics?" + query)
                #expect(answer.status == 200)
                return answer.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
                    .map { String($0.prefix { $0 != " " && $0 != "{" }) }
            }
            #expect(
                try names("name[]=go_threads&name%5B%5D=go_goroutines") == ["go_threads", "go_goroutines"])
            #expect(try names("name[]=go%5Fthreads&name[]=go_threads") == ["go_threads"])
            #expect(try names("name[]=go_memstats_alloc_bytes_total") == ["go_memstats_alloc_bytes_total"])
            #expect(try Set(names("name[]=husk_gc_pause_seconds")).contains("husk_gc_pause_seconds_bucket"))
            #expect(try names("name[]=nothing") == [] && names("name[]=") == [])
            #expect(try names("name[]").count > 100)
            let one = try Client(port: server.port).ask(
                "GET", "/metrics?name[]=go_memstats_alloc_bytes_total",
                headers: ["Accept: application/openmetrics-text"]
            ).text
            #expect(
                one.contains("# TYPE go_memstats_alloc_bytes_total unknown\n") && one.hasSuffix("# EOF\n"))
            for bad in ["name=go_threads", "name[]=%zz", "x=1", "name[]=go_threads&x=1"] {
                try server.ask("GET", "/metrics?" + bad).expectProblem(400)
            }
        }
    }

    @Test("Scrapes are counted by status, the one under way among those in flight")
    func scrapes() throws {
        try withHusk { (server) throws in
            let client = try Client(port: server.port)
            for _ in 0..<3 { _ = try client.ask("GET", "/metrics") }
            _ = try client.ask("GET", "/metrics?x=1")
            let page = try client.ask("GET", "/metrics").text
            #expect(value(#"promhttp_metric_handler_requests_total{code="200"}"#, of: page) == 3)
            #expect(value(#"promhttp_metric_handler_requests_total{code="400"}"#, of: page) == 1)
            #expect(value(#"promhttp_metric_handler_requests_total{code="500"}"#, of: page) == 0)
            #expect(value(#"promhttp_metric_handler_requests_total{code="503"}"#, of: page) == 0)
            #expect(value("promhttp_metric_handler_requests_in_flight", of: page) == 1)
        }
    }

    @Test(
        "go_goroutines counts the threads and the requests under way, husk_http_connections all; the network's bytes grow"
    )
    func goroutines() throws {
        try withHusk { (server) throws in
            let before = try server.ask("GET", "/metrics").text
            // Heads are complete, bodies are not: under way.
            let waiting = try (0..<20).map { _ in try Client(port: server.port) }
            for client in waiting {
                try client.send("PUT /map/keys/a HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\n")
            }
            var page = ""
            let counted = try eventually {
                page = try server.ask("GET", "/metrics").text
                return value("go_goroutines", of: page)! - value("go_threads", of: page)! == 21
            }
            #expect(
                counted, "\(value("go_goroutines", of: page)!) and \(value("go_threads", of: page)!) threads")
            // Connections of earlier scrapes may not be closed yet.
            #expect(value("husk_http_connections", of: page)! >= 21)
            for series in ["process_network_receive_bytes_total", "process_network_transmit_bytes_total"] {
                #expect(value(series, of: page)! > value(series, of: before)!)
            }
            #expect(waiting.count == 20)
        }
    }

    @Test("The durations of requests are told apart up to ten minutes")
    func bounds() throws {
        try withHusk { (server) throws in
            _ = try server.ask("GET", "/livez")
            var page = ""
            let counted = try eventually {
                page = try server.ask("GET", "/metrics").text
                return page.contains(#"route="/livez",le="600"} 1"#)
            }
            #expect(counted)
            for bound in ["0.00005", "0.5", "1", "10", "30", "60", "120", "300", "+Inf"] {
                #expect(page.contains(#"{route="/livez",le="\#(bound)"} "#), "\(bound)")
            }
        }
    }

    @Test("/debug/vars has the command line and what /memstats answers")
    func variables() throws {
        try withHusk { (server) throws in
            try server.post("/gc")
            let answer = try server.ask("GET", "/debug/vars")
            #expect(answer.header("Content-Type") == "application/json; charset=utf-8")
            let variables = try answer.json()
            #expect(variables.members.keys.sorted() == ["cmdline", "memstats"])
            #expect(variables.members["cmdline"] as? [String] == CommandLine.arguments)
            let stats = try server.ask("GET", "/memstats").json()
            #expect(variables.object("memstats").members.keys.sorted() == stats.members.keys.sorted())
            #expect(variables.object("memstats")["NumGC"] == stats["NumGC"])
            #expect(variables.object("memstats")["HeapSys"] == stats["HeapSys"])
        }
    }
}
