import Foundation
import TestSupport
import Testing

@Suite("husk compare", .enabled(if: HuskBinary.url != nil))
struct CompareCommandTests {
    /// So small that a run takes a moment.
    private static let small = ["--live", "500", "--rounds", "6", "--interval", "0s", "--type", "map[int]int"]

    private func withFolder(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "husk-compare-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test("A comparison prints a table of 80 columns and advice, and makes a folder; no bar where there is no terminal")
    func endToEnd() throws {
        try withFolder { path in
            let run = try HuskBinary.run(
                [
                    "compare", "--output", path, "--remedies",
                    "none,gc,everyRounds=2,copy,everyRounds=2,swiss,everyRounds=4",
                ]
                    + Self.small)
            #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
            for remedy in ["none", "gc,everyRounds=2", "copy,everyRounds=2", "swiss,everyRounds=4"] {
                #expect(run.output.contains("\n\(remedy) "), "\(run.output)")
            }
            #expect(
                run.output.split(separator: "\n").filter { !$0.hasPrefix("The report is ") }.allSatisfy {
                    $0.count <= 80
                })
            let names = try FileManager.default.contentsOfDirectory(atPath: path)
            #expect(
                Set(names) == [
                    "report.html", "report.md", "data.csv", "rss.svg", "heap-alloc.svg", "retained.svg", "len.svg",
                ])
            let csv = try text(path + "/data.csv")
            #expect(csv.contains("\nnone,1.23,done,") && csv.contains("\n\"copy,everyRounds=2\",1.23,done,"))
            #expect(try text(path + "/report.html").contains("--remedies none,gc,everyRounds=2,copy,"))
            // The same folder again: a report is replaced.
            let again = try HuskBinary.run(["compare", "--output", path, "--remedies", "none"] + Self.small)
            #expect(again.status == 0)
            #expect(try !text(path + "/data.csv").contains("copy"))
        }
    }

    @Test("Several Gos and --json: each remedy as each Go, as one JSON text, and within a minute with --quick")
    func json() throws {
        try withFolder { path in
            let run = try HuskBinary.run(
                [
                    "compare", "--output", path, "--go", "1.23,1.27", "--remedies", "none,copy,everyRounds=3", "--json",
                    "--quick",
                ]
                    + Self.small)
            #expect(run.status == 0, "\(run.errors)")
            let whole = try #require(
                try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
            let runs = try #require(whole["runs"] as? [[String: Any]])
            #expect(runs.map { $0["go"] as? String } == ["1.23", "1.23", "1.27", "1.27"])
            #expect(runs.allSatisfy { $0["state"] as? String == "done" && $0["detail"] is NSNull })
            let layouts = runs.map { ($0["report"] as? [String: Any])?["layout"] as? String }
            #expect(layouts == ["bucket", "bucket", "swiss", "swiss"])
            #expect(runs.allSatisfy { ($0["samples"] as? [Any])?.isEmpty == false })
            #expect((whole["advice"] as? [String])?.isEmpty == false)
        }
    }

    @Test("A recorded stream is compared too, each run of it from its beginning")
    func replay() throws {
        try withFolder { path in
            let stream = path + ".log"
            defer { try? FileManager.default.removeItem(atPath: stream) }
            let lines = (0..<2_000).map {
                #"\#(1_700_000_000 + $0).000001 [0 127.0.0.1:6000] "set" "key:\#($0 % 500)" "value""#
            }
            try (lines.joined(separator: "\n") + "\n").write(toFile: stream, atomically: true, encoding: .utf8)
            let compare = ["compare", "--output", path, "--workload", "replay", "--remedies", "none,copy"]
            let run = try HuskBinary.run(compare + ["--path", stream, "--json"])
            #expect(run.status == 0, "\(run.errors)")
            let whole = try #require(
                try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
            let counts = try #require(whole["runs"] as? [[String: Any]]).map { run in
                (run["report"] as? [String: Any])?["counts"] as? [String: Int]
            }
            #expect(counts.count == 2 && counts.allSatisfy { $0?["inserted"] == 500 && $0?["updated"] == 1_500 })
            for (wrong, word) in [
                ([], "path"), (["--path", "-"], "--path"), (["--path", stream, "--live", "5"], "--live"),
                (["--path", stream, "--type", "map[int]int"], "--type"),
            ] {
                let refused = try HuskBinary.run(compare + wrong)
                #expect(refused.status == 64 && refused.errors.contains(word), "\(wrong): \(refused.errors)")
            }
        }
    }

    @Test("The same seed makes the same operations in every run, and a copy keeps every entry")
    func sameOperations() throws {
        try withFolder { path in
            let run = try HuskBinary.run(
                ["compare", "--output", path, "--remedies", "none,copy,everyRounds=1,gc", "--json"] + Self.small)
            let whole = try #require(
                try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
            let counts = try #require(whole["runs"] as? [[String: Any]]).map { run in
                (run["report"] as? [String: Any])?["counts"] as? [String: Int]
            }
            #expect(counts.count == 3 && counts[0] != nil && counts.allSatisfy { $0 == counts[0] })
            #expect(counts[0]?["misses"] == 0)
        }
    }

    @Test(
        "What is asked wrongly is one line and exit status 64, and nothing is made",
        arguments: [
            ["--remedies", "bogus"], ["--remedies", ""], ["--remedies", "none,none"], ["--remedies", "loadBelow=0.5"],
            ["--remedies", "copy,loadBelow=7"], ["--remedies", "none,copy,bogus=1"], ["--workload", "bogus"],
            ["--go", "9.9"],
            ["--go", "1.23,"], ["--go", "1.23,1.23"], ["--live", "-5"], ["--live", "0"],
            ["--live", "99999999999999999999"], ["--type", "map[bool]int"], ["--workload", "leak", "--drift", "1"],
            ["surplus"],
        ])
    func badOptions(arguments: [String]) throws {
        try withFolder { path in
            let run = try HuskBinary.run(["compare", "--output", path] + arguments)
            #expect(run.status == 64 && run.errorLines == 1 && run.output.isEmpty, "\(run.errors)")
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("A folder with other things in it, or one that cannot be made, is refused before anything runs")
    func folders() throws {
        try withFolder { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try "x".write(toFile: path + "/data.csv", atomically: false, encoding: .utf8)
            let refused = try HuskBinary.run(["compare", "--output", path] + Self.small)
            #expect(refused.status == 1 && refused.errors.contains("--force") && refused.output.isEmpty)
            #expect(try text(path + "/data.csv") == "x")
            let forced = try HuskBinary.run(
                ["compare", "--output", path, "--force", "--remedies", "none"] + Self.small)
            #expect(forced.status == 0)
            for bad in ["/dev/null", path + "/data.csv", path + "/a/b", "/proc/report"] {
                let run = try HuskBinary.run(["compare", "--output", bad] + Self.small)
                #expect(run.status == 1 && run.errorLines == 1 && run.output.isEmpty, "\(bad): \(run.errors)")
            }
        }
    }

    /// Starts a comparison whose runs take half a second each, and answers when the first is in the report.
    private func startSlow(_ path: String) throws -> (Process, Pipe, Pipe) {
        let started = try HuskBinary.start([
            "compare", "--output", path, "--remedies", "none,gc,copy", "--live", "100", "--rounds", "100000",
            "--duration",
            "500ms", "--interval", "5ms",
        ])
        let hasReport = try eventually { FileManager.default.fileExists(atPath: path + "/report.html") }
        #expect(hasReport)
        return started
    }

    @Test("SIGINT breaks it off: the report keeps what there is and says so", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) throws {
        try withFolder { path in
            let (process, output, errors) = try startSlow(path)
            kill(process.processIdentifier, signal)
            let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            _ = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            #expect(process.terminationStatus == 130)
            for text in [said, try text(path + "/report.md"), try text(path + "/report.html")] {
                #expect(text.contains("Broken off") && text.contains("copy did not run"), "\(text)")
            }
            #expect(try text(path + "/data.csv").contains("\nnone,1.23,done,"))
        }
    }

    @Test("A run that is killed is told of, the others go on, and the exit status is 1")
    func killedRun() throws {
        try withFolder { path in
            let (process, output, errors) = try startSlow(path)
            let identifier = process.processIdentifier
            var child: Int32?
            let hasChild = try eventually {
                let children = try? text("/proc/\(identifier)/task/\(identifier)/children")
                child = children?.split(separator: " ").first.flatMap { Int32($0) }
                return child != nil
            }
            #expect(hasChild)
            kill(try #require(child), SIGKILL)
            let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 1)
            #expect(complaint == "husk: compare: 1 of 3 runs failed\n")
            #expect(said.contains("failed: its process was ended by signal 9."), "\(said)")
        }
    }

    @Test("A disk that is full under the report: the table is printed, what was there stays, exit status 1")
    func fullDisk() throws {
        try withFolder { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            // Where the page is written to before it takes its place.
            try FileManager.default.createSymbolicLink(
                atPath: path + "/.report.html.part", withDestinationPath: "/dev/full")
            let run = try HuskBinary.run(
                ["compare", "--output", path, "--force", "--remedies", "none,gc"] + Self.small)
            #expect(run.status == 1)
            #expect(run.errors.contains("report.html': No space left on device") && run.errorLines == 1)
            #expect(run.output.contains("Broken off") && run.output.contains("gc did not run"), "\(run.output)")
            #expect(!FileManager.default.fileExists(atPath: path + "/report.html"))
        }
    }

    @Test("A remedy that the map does not allow says why in its row, and the others go on")
    func refusedRemedy() throws {
        try withFolder { path in
            let run = try HuskBinary.run(
                [
                    "compare", "--output", path, "--shards", "2", "--remedies",
                    "none,two-generations,everyRounds=2,copy,everyRounds=2",
                ] + Self.small)
            #expect(run.output.contains("two-generations,everyRounds=2 was refused: "), "\(run.output)")
            #expect(try text(path + "/data.csv").contains("\"copy,everyRounds=2\",1.23,done,"))
            #expect(run.status == 0)
        }
    }

    @Test("On a terminal it says how far it is and how long it will take, and takes the line back")
    func progress() throws {
        // Unlocked, and asked for the number of its other end; the two requests are macros that Swift does not import.
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(terminal) }
        var lock: Int32 = 0
        var number: Int32 = 0
        #expect(ioctl(terminal, 0x4004_5431, &lock) == 0 && ioctl(terminal, 0x8004_5430, &number) == 0)
        try withFolder { path in
            let process = Process()
            process.executableURL = HuskBinary.url
            process.arguments = [
                "compare", "--output", path, "--remedies", "none,gc", "--live", "100", "--rounds", "60", "--interval",
                "10ms",
            ]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle(
                fileDescriptor: open("/dev/pts/\(number)", O_RDWR | O_NOCTTY), closeOnDealloc: true)
            try process.run()
            defer { process.waitUntilExit() }
            var shown = ""
            while !shown.hasSuffix("\r\u{1B}[K") || !shown.contains("2 of 2") {
                var bytes = [UInt8](repeating: 0, count: 4096)
                let count = read(terminal, &bytes, bytes.count)
                if count <= 0 { break }
                shown += String(decoding: bytes[..<count], as: UTF8.self)
            }
            #expect(shown.contains("1 of 2, none, 0:0"), "\(shown)")
            #expect(shown.contains("2 of 2, gc, 0:0") && shown.contains(" left"), "\(shown)")
            #expect(shown.split(separator: "\r\u{1B}[K").allSatisfy { $0.count < 80 }, "\(shown)")
        }
    }
}
