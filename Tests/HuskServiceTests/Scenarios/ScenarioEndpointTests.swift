// /scenarios, and the same from the command line.

import Foundation
import HuskService
import Scenarios
import TestSupport
import Testing

@Suite("Scenarios over HTTP and from the command line") struct ScenarioEndpointTests {
    @Test("The list says of each scenario what it takes")
    func list() throws {
        try withHusk { (server) throws in
            let list =
                try server.ask("GET", "/scenarios").json().members["scenarios"] as? [[String: Any]] ?? []
            #expect(list.map { $0["name"] as? String } == Scenario.all.map(\.name))
            for (scenario, shown) in zip(Scenario.all, list) {
                let parameters = shown["parameters"] as? [[String: Any]] ?? []
                let listed = scenario.parameters.filter { !$0.isOfCommandLineOnly }.map(\.name)
                #expect(parameters.map { $0["name"] as? String } == listed)
                #expect(parameters.allSatisfy { $0["type"] is String && $0["help"] is String })
                let go = parameters[0]
                #expect(go["choices"] as? [String] == ["1.10", "1.14", "1.19", "1.23", "1.24", "1.27"])
                #expect((go["default"] as? [String])?.count == (scenario.name == "versions" ? 6 : 1))
            }
            let live = try #require(
                (list.first { $0["name"] as? String == "partial-update" }?["parameters"] as? [[String: Any]])?
                    .first { $0["name"] as? String == "live" })
            #expect(live["alias"] as? String == "count" && live["default"] as? Int == 100_000)
            #expect(live["minimum"] as? Int == 1 && live["maximum"] as? Int == 10_000_000)
        }
    }

    @Test("Every scenario runs with its parameters and answers a table")
    func run() throws {
        try withHusk { (server) throws in
            for scenario in Scenario.all where scenario.name != "fifteen-minutes" {
                let size =
                    scenario.name == "memory-limit" ? #""limit": 16777216, "steps": 3"# : #""count": 1000"#
                let table = try server.post(
                    "/scenarios/\(scenario.name)", #"{"go": ["1.10", "1.27"], "layout": "swiss", \#(size)}"#)
                let columns = table.members["columns"] as? [[String: Any]] ?? []
                let rows = table.members["rows"] as? [[Any]] ?? []
                #expect(!rows.isEmpty && rows.allSatisfy { $0.count == columns.count })
                #expect(columns.contains { $0["go"] as? String == "1.27" })
                #expect(table.object("parameters").members["go"] as? [String] == ["1.10", "1.27"])
                #expect(table.object("parameters").string("layout") == "swiss")
            }
        }
    }

    @Test("The documents' figures are columns of their own, with null where they have none")
    func published() throws {
        try withHusk { (server) throws in
            let table = try server.post("/scenarios/global-delete", #"{"go": "1.10"}"#)
            let columns = table.members["columns"] as? [[String: Any]] ?? []
            let at = try #require(
                columns.firstIndex {
                    $0["name"] as? String == "change of Alloc" && $0["published"] as? String == "1.10.1"
                })
            let cells = (table.members["rows"] as? [[Any]] ?? []).map { $0[at] }
            #expect(cells[0] is NSNull && cells[3] is NSNull)
            #expect(cells[1] as? Int == 322 && cells[2] as? Int == 2)
        }
    }

    @Test("A bad parameter is 400 with its field, and the command line says the same in one line")
    func refused() throws {
        let bad: [(body: String, field: String, flags: [String])] = [
            (#"{"go": "1.11"}"#, "go", ["--go", "1.11"]),
            (#"{"go": ["1.23", "1.23"]}"#, "go", ["--go", "1.23,1.23"]),
            (#"{"layout": "tree"}"#, "layout", ["--layout=tree"]),
            (#"{"type": "map"}"#, "type", ["--type", "map"]),
            (#"{"count": 0}"#, "count", ["--count", "0"]),
            (#"{"count": 1e9}"#, "count", ["--count", "1000000000"]),
            (#"{"count": "x"}"#, "count", ["--count", "x"]), (#"{"share": 2}"#, "share", ["--share", "2"]),
            (#"{"share": 1.5}"#, "share", ["--share", "1.5"]),
            (#"{"rounds": -1}"#, "rounds", ["--rounds", "-1"]),
            (#"{"drift": "a"}"#, "drift", ["--drift", "a"]), (#"{"bogus": 1}"#, "bogus", ["--bogus", "1"]),
            (#"{"live": 5, "count": 5}"#, "count", ["--live", "5", "--count", "5"]),
        ]
        try withHusk { (server) throws in
            for (body, field, flags) in bad {
                let answer = try server.ask("POST", "/scenarios/partial-update", body: body)
                try answer.expectProblem(400, field: field)
                let detail = try #require(try answer.json().string("detail"))
                guard HuskBinary.url != nil else { continue }
                let (process, _, errors) = try HuskBinary.start(["scenario", "partial-update"] + flags)
                let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                #expect(process.terminationStatus == 64 && said == "husk: \(detail)\n")
            }
            for body in [#"{"go": null}"#, #"{"count": 0.5}"#, #"{"type": 1}"#, #"{"go": []}"#, "[]", "x"] {
                try server.ask("POST", "/scenarios/partial-update", body: body).expectProblem(400)
            }
            try server.ask("POST", "/scenarios/gc-time", body: #"{"type": "map[int]int"}"#)
                .expectProblem(400, field: "type")
        }
    }

    @Test("What ends the process is the command line's: over HTTP it is refused, and not listed")
    func dieAt() throws {
        try withHusk { (server) throws in
            try server.ask("POST", "/scenarios/memory-limit", body: #"{"die-at": 1073741824}"#)
                .expectProblem(400, field: "die-at")
            #expect(try !server.ask("GET", "/scenarios").text.contains("die-at"))
        }
        guard let husk = HuskBinary.url else { return }
        let words = "scenario memory-limit --limit 16777216 --steps 3"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", #""$0" \#(words) --die-at 1048576; echo "status $?""#, husk.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = Pipe()
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(said.contains("killed") && said.hasSuffix("status 137\n"), "\(said)")
        // The first step is the last.
        #expect(said.contains("\n   1  ") && !said.contains("\n   2  "), "\(said)")
        let (two, _, errors) = try HuskBinary.start(
            ["scenario", "memory-limit", "--die-at", "1048576", "--go", "1.23,1.27"])
        let complained = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        two.waitUntilExit()
        #expect(two.terminationStatus != 0 && complained.contains("expected one Go"), "\(complained)")
    }

    @Test("Accept decides how a table is written")
    func formats() throws {
        try withHusk { (server) throws in
            func ask(_ accept: String?) throws -> Answer {
                var headers = ["Host: x", "Content-Length: 0"]
                if let accept { headers.append("Accept: \(accept)") }
                let client = try Client(port: server.port)
                try client.send(
                    "POST /scenarios/local HTTP/1.1\r\n\(headers.joined(separator: "\r\n"))\r\n\r\n")
                return try client.readAnswer()
            }
            for accept in [nil, "*/*", "application/json", "image/png", "text/html;q=0.9, */*;q=0.1"] {
                #expect(try ask(accept).json().string("name") == "local")
            }
            let csv = try ask("text/csv")
            #expect(
                csv.header("Content-Type") == "text/csv; charset=utf-8"
                    && csv.text.hasPrefix("step,len,Alloc (KB),"))
            let markdown = try ask("text/html, TEXT/Markdown;q=0.5")
            #expect(
                markdown.header("Content-Type") == "text/markdown; charset=utf-8"
                    && markdown.text.hasPrefix("### "))
            #expect(try ask("text/plain").text.contains("\nfilled, GC        8192"))
        }
    }

    @Test("--max-memory bounds a scenario's heap too, and the shared map is not touched")
    func limit() throws {
        try withHusk(maxMemoryBytes: 192 << 20) { (server) throws in
            let before = try server.ask("GET", "/map").json()
            try server.ask("POST", "/scenarios/reuse", body: #"{"count": 10000000}"#).expectProblem(507)
            try server.post("/scenarios/reuse", #"{"count": 1000}"#)
            #expect(try server.ask("GET", "/map").json()["len"] == before["len"])
        }
    }

    @Test(
        "The command line prints each format, lists scenarios and their parameters",
        .enabled(if: HuskBinary.url != nil))
    func commandLine() throws {
        let both = try HuskBinary.run("scenario", "--go", "1.10,1.27", "local", "--count=500")
        #expect(both.status == 0 && both.output.contains("With go 1.10,1.27, type map[int]int, count 500."))
        #expect(try HuskBinary.run("scenario", "local", "--format", "csv").output.hasPrefix("step,len,"))
        #expect(try HuskBinary.run("scenario", "local", "--format", "markdown").output.hasPrefix("### "))
        let json = try HuskBinary.run("scenario", "local", "--format", "json").output
        let table = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        #expect(table?["name"] as? String == "local")
        let list = try HuskBinary.run("scenario", "--list").output
        let unwrapped = list.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        #expect(Scenario.all.allSatisfy { unwrapped.contains("\($0.name) \($0.title)") })
        #expect(try HuskBinary.run("scenario").output == list)
        let own = try HuskBinary.run("scenario", "--list", "partial-update").output
        #expect(own.contains("--live, --count") && own.contains("by default 0.2"))
        let help = try HuskBinary.run("scenario", "--help").output
        #expect(Scenario.all.flatMap(\.parameters).allSatisfy { help.contains("--\($0.name)") })
        #expect(help.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test(
        "What is no parameter at all is one line and exit status 64", .enabled(if: HuskBinary.url != nil),
        arguments: [
            ["none"], ["local", "global-nil"], ["local", "--count"], ["--count", "3"], ["local", "-x"],
            ["local", "--format", "xml"],
        ])
    func badWords(words: [String]) throws {
        let (process, _, errors) = try HuskBinary.start(["scenario"] + words)
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 64)
        #expect(said.hasPrefix("husk: ") && said.split(separator: "\n").count == 1, "\(said)")
    }
}
