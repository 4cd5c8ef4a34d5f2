import Foundation
import Testing

@Suite("husk replay", .enabled(if: HuskBinary.url != nil))
final class ReplayCommandTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "husk-replay-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let rows = (0..<5_000).map { "\($0 / 100),key:\($0 % 700),8,\($0 % 90),1,\($0 % 3 == 0 ? "set" : "get"),60\n" }
        try Data((rows.joined() + "rubbish\n").utf8).write(to: URL(fileURLWithPath: folder + "/rows.csv"))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A line of bash in the folder, in which `husk` is the binary.
    private func shell(_ line: String) throws -> Finished {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [
            "-c", "cd '\(folder)'; HUSK='\(HuskBinary.url!.path)'; husk() { \"$HUSK\" \"$@\"; }; \(line)",
        ]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        let complained = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Finished(
            status: process.terminationStatus, output: String(decoding: said, as: UTF8.self),
            errors: String(decoding: complained, as: UTF8.self))
    }

    private func report(_ finished: Finished) throws -> JSON {
        let line = try #require(finished.output.split(separator: "\n").last)
        return JSON(members: try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:])
            .object("report")
    }

    @Test("A file, standard input and a packed stream give the same report")
    func sources() throws {
        let file = try report(try shell("husk replay rows.csv --ttl --json"))
        #expect(file.string("state") == "done" && file["operations"]! >= 5_000)
        #expect(file.object("stream")["badLines"] == 1)
        for line in ["husk replay - --ttl --json < rows.csv", "gzip -c rows.csv | husk replay - --ttl --json"] {
            let other = try report(try shell(line))
            for name in ["inserted", "updated", "deleted", "reads", "misses", "loads"] {
                #expect(other.object("counts")[name] == file.object("counts")[name], "\(line): \(name)")
            }
        }
    }

    @Test("The table shows what was read, and the bad lines")
    func table() throws {
        let finished = try shell("husk replay rows.csv --type 'map[string]string' --remedy copy,everyRounds=1")
        #expect(finished.status == 0 && finished.errors.isEmpty)
        #expect(finished.output.hasPrefix("replay over a map[string]string, Go 1.23, bucket: done after 1"))
        #expect(finished.output.contains("lines of the stream") && finished.output.contains("\n  bad "))
        #expect(finished.output.hasSuffix("line 5001: expected a timestamp in seconds and a comma\n"))
    }

    @Test("--check reads a stream without a map")
    func check() throws {
        let finished = try shell("husk replay --check rows.csv")
        #expect(finished.status == 0)
        #expect(
            finished.output == """
                twitter, the CSV of Twitter's cache traces
                5001 lines: 5000 operations, 0 lines skipped, 1 bad
                line 5001: expected a timestamp in seconds and a comma

                """)
    }

    @Test("--strict ends with 1 at the first bad line, and the report shows what was done")
    func strict() throws {
        let finished = try shell("husk replay rows.csv --strict --json")
        #expect(finished.status == 1)
        #expect(finished.errors == "husk: replay: line 5001: expected a timestamp in seconds and a comma\n")
        #expect(try report(finished)["operations"] == 5_000)
    }

    @Test("A packed stream that is cut off is replayed as far as it goes, and ends with 1 and the byte")
    func truncated() throws {
        let finished = try shell("gzip rows.csv; head -c 6000 rows.csv.gz | husk replay - --json")
        #expect(finished.status == 1)
        #expect(finished.errors == "husk: replay: the gzip ends in the middle, at byte 6000\n")
        #expect(try report(finished)["operations"]! > 100)
    }

    @Test(
        "What cannot be replayed is one line on stderr",
        arguments: [
            ("husk replay none.csv", 1, "cannot read 'none.csv': No such file or directory"),
            ("husk replay .", 1, "cannot read '.': it is a directory"),
            ("husk replay /dev/null", 1, "the stream is empty: there is not one line"),
            ("head -c 100000 /bin/bash | husk replay -", 1, "no format takes any of the first"),
            ("husk replay rows.csv --type 'map[int]int'", 64, "--type: a replay's keys are strings"),
            ("husk replay rows.csv --format xml", 64, "--format is 'xml', expected monitor or twitter"),
            ("husk replay rows.csv --speed -1", 64, "--speed is -1"),
            ("husk replay rows.csv --limit 0", 64, "--limit is 0"),
            ("husk replay", 64, "Missing expected argument '<file>'"),
        ])
    func refused(_ line: String, _ status: Int32, _ words: String) throws {
        let finished = try shell(line)
        #expect(finished.status == status, "\(finished)")
        #expect(finished.errors.hasPrefix("husk: ") && finished.errors.contains(words), "\(finished.errors)")
        #expect(finished.errors.split(separator: "\n").count == 1)
    }

    @Test("A file that may not be read is said to be so")
    func noPermission() throws {
        // As nobody, should this run as root; from a place that nobody can reach.
        let asNobody = geteuid() == 0 ? "setpriv --reuid 65534 --clear-groups ./husk" : "./husk"
        let finished = try shell(
            "chmod 755 .; cp '\(HuskBinary.url!.path)' husk; chmod 755 husk; chmod 000 rows.csv; \(asNobody) replay rows.csv"
        )
        #expect(finished.status == 1)
        #expect(finished.errors == "husk: replay: cannot read 'rows.csv': Permission denied\n")
    }

    @Test("A bomb takes no more memory than any stream")
    func bomb() throws {
        // A gigabyte of zeros; the process may have a fifth of that.
        let finished = try shell(
            "head -c 1G /dev/zero | gzip -1 > bomb.gz; (ulimit -v 200000; husk replay --check bomb.gz)")
        #expect(finished.status == 1)
        #expect(finished.output.contains("line 1: longer than 8388608 bytes"))
        #expect(finished.errors.hasPrefix("husk: replay: no format takes any of the first 1 lines"))
    }

    @Test("It follows a stream that is still being written, and a signal or the duration ends it with its report")
    func live() throws {
        let writer = "mkfifo pipe; (head -1000 rows.csv; exec sleep 60) > pipe 2> errors & writer=$!; "
        let signalled = try shell(
            writer + """
                "$HUSK" replay pipe --json > report & \
                for try in {1..500}; do grep -q '"operations":1000,' report && break; sleep 0.05; done; \
                kill -TERM $!; wait $!; echo $?; kill $writer; cat report
                """)
        #expect(signalled.output.hasPrefix("130\n"), "\(signalled)")
        #expect(try report(signalled).string("state") == "stopped" && report(signalled)["operations"] == 1_000)
        let timed = try shell("rm pipe; " + writer + "husk replay pipe --duration 500ms --json; kill $writer")
        #expect(try report(timed).string("state") == "done" && report(timed)["operations"] == 1_000)
    }

    @Test("Help tells of every format and option")
    func help() throws {
        let help = try HuskBinary.run("replay", "--help")
        #expect(help.status == 0)
        for word in [
            "monitor", "twitter", "memcached", "ndjson", "--format", "--ttl", "--no-loads", "--speed", "--limit",
            "--strict",
            "--check", "--rounds", "--duration", "--rate", "--go", "--layout", "--type", "--remedy", "--json",
        ] { #expect(help.output.contains(word), "\(word)") }
    }
}
