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

    @Test("OpenMetrics is answered to those who ask for it")
    func openMetrics() throws {
        try withHusk { (server) throws in
            let answer = try Client(port: server.port).ask(
                "GET", "/metrics", headers: ["Accept: application/openmetrics-text; version=1.0.0"])
            #expect(
                answer.header("Content-Type") == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(answer.text.hasSuffix("# EOF\n"))
            #expect(answer.text.contains("# TYPE husk_http_requests counter\n"))
            #expect(
                try server.ask("GET", "/metrics").header("Content-Type")
                    == "text/plain; version=0.0.4; charset=utf-8")
        }
    }
}
