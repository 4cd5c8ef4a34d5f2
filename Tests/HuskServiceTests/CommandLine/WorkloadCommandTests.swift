import Foundation
import Testing

@Suite("husk workload", .enabled(if: HuskBinary.url != nil))
struct WorkloadCommandTests {
    private func lines(_ output: String) throws -> [JSON] {
        try output.split(separator: "\n").map {
            JSON(members: try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:])
        }
    }

    @Test("It prints a line for each sample and mark, and the report last")
    func json() throws {
        let finished = try HuskBinary.run(
            "workload", "partial-update", "--type", "map[int]int", "--live", "5000", "--rounds", "6", "--go", "1.27",
            "--remedy", "copy,everyRounds=2", "--json")
        #expect(finished.status == 0 && finished.errors.isEmpty)
        let lines = try lines(finished.output)
        let samples = lines.filter { $0.members["sample"] != nil }.map { $0.object("sample") }
        for round in 1...6 { #expect(samples.contains { $0["round"] == round && $0["len"] == 5_000 }) }
        #expect(samples.allSatisfy { $0["HeapSys"]! >= $0["HeapInuse"]! && $0["RSS"]! > 0 && $0["slots"]! >= 0 })
        let marks = lines.filter { $0.members["mark"] != nil }.map { $0.object("mark") }
        #expect(marks.map { $0.string("name") } == ["copy", "copy"])
        let report = try #require(lines.last).object("report")
        #expect(report.string("go") == "1.27" && report.string("layout") == "swiss")
        #expect(report.string("state") == "done" && report["round"] == 6)
        #expect(report.object("workload")["live"] == 5_000)
        #expect(report.object("costs").object("remedy")["runs"] == 2)
        #expect(lines.count == samples.count + marks.count + 1)
    }

    @Test("Without --json it is a table, whatever the kind")
    func table() throws {
        for arguments in [
            ["partial-update", "--live", "1000", "--rounds", "2"], ["churn", "--live", "1000", "--victim", "random"],
            ["ttl", "--live", "1000", "--ttl", "1m", "--day", "10m", "--wave", "0.5", "--reads-per-write", "2"],
            ["leak", "--size", "12345", "--prefix", "a-", "--key-digits", "8", "--value-bytes", "100"],
        ] {
            let finished = try HuskBinary.run(["workload"] + arguments)
            #expect(finished.status == 0 && finished.errors.isEmpty, "\(arguments): \(finished.errors)")
            #expect(finished.output.hasPrefix("\(arguments[0]) over a map[string][]byte, Go 1.23, bucket: done"))
            #expect(finished.output.contains("peak HeapAlloc") && finished.output.contains("an operation, p50"))
            #expect(finished.output.contains("simulated seconds") == (arguments[0] == "ttl"))
        }
    }

    @Test("Help tells of every kind and option")
    func help() throws {
        let help = try HuskBinary.run("workload", "--help")
        #expect(help.status == 0)
        let words = [
            "partial-update", "churn", "ttl", "leak", "--live", "--update-fraction", "--drift", "--victim",
            "--reads-per-write", "--reads", "--rounds", "--duration", "--rate", "--interval", "--seed", "--value-bytes",
            "--prefix", "--key-digits", "--ttl", "--day", "--wave", "--size", "--go", "--layout", "--type", "--shards",
            "--gogc", "--memory-limit", "--remedy", "--json",
        ]
        for word in words { #expect(help.output.contains(word), "\(word)") }
    }

    @Test(
        "What is asked wrongly is one line that names the option, exit status 64",
        arguments: [
            ([], "kind"), (["leek"], "the workload's kind is 'leek', expected one of partial-update, churn, ttl, leak"),
            (["churn", "--live", "-1"], "--live is -1, expected an integer from 0 to 1000000000"),
            (["churn", "--live", "many"], "--live is 'many', expected an integer"),
            (["churn", "--update-fraction", "nan"], "--update-fraction is nan, expected a number over 0 to 1"),
            (["churn", "--drift", "0.5"], "--drift is not a field of churn"),
            (["churn", "--duration", "5"], "--duration is '5', expected a duration"),
            (["leak", "--size", "5", "--live", "5"], "--size is 5, expected more than live, 5"),
            (["ttl", "--rate", "5", "--live", "5"], "--live and rate contradict each other"),
            (["churn", "--go", "2"], "--go: '2' is no value of it"),
            (["churn", "--type", "map"], "--type: "), (["churn", "--shards", "3"], "--shards: "),
            (["churn", "--hint", "-1"], "--hint: "), (["churn", "--max-memory", "1"], "--max-memory: "),
            (["churn", "--remedy", "hope"], "--remedy: "), (["churn", "--remedy", "copy,now"], "--remedy: "),
            (["churn", "--rounds"], "--rounds"), (["churn", "leak"], "leak"),
        ])
    func wrong(arguments: [String], message: String) throws {
        let finished = try HuskBinary.run(["workload"] + arguments)
        #expect(finished.status == 64 && finished.output.isEmpty && finished.errorLines == 1)
        #expect(finished.errors.contains(message), "\(finished.errors)")
    }

    @Test("What goes wrong on the way is one line and exit status 1, after the report")
    func failure() throws {
        let finished = try HuskBinary.run(
            "workload", "leak", "--size", "100000000", "--max-memory", "16MiB", "--json")
        #expect(finished.status == 1 && finished.errorLines == 1)
        #expect(finished.errors.hasPrefix("husk: workload: this may need "))
        #expect(try lines(finished.output).last?.object("report").string("state") == "failed")
        let misfit = try HuskBinary.run("workload", "churn", "--type", "map[[2]byte]int")
        #expect(misfit.status == 1 && misfit.errors.hasPrefix("husk: workload: the prefix and 5 digits do not fit"))
    }

    @Test("SIGINT ends it with what it has done so far")
    func interrupted() throws {
        let (process, output, _) = try HuskBinary.start([
            "workload", "churn", "--live", "1000", "--duration", "1h", "--json",
        ])
        // The first line says that it runs.
        var said = output.fileHandleForReading.availableData
        kill(process.processIdentifier, SIGINT)
        said += output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(try lines(String(decoding: said, as: UTF8.self)).last?.object("report").string("state") == "stopped")
    }
}
