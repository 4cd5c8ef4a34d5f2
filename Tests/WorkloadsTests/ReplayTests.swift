import GoMap
import HuskLab
import KeyStreams
import TestSupport
import Testing
import Workloads

@Suite("A replay")
struct ReplayTests {
    private func run(
        _ lines: String, on lab: Lab, _ change: (inout ReplaySettings) -> Void = { _ in }
    ) throws -> WorkloadReport {
        try run(MemorySource(Array(lines.utf8)), on: lab, change)
    }

    private func run(
        _ source: any ByteSource, on lab: Lab, _ change: (inout ReplaySettings) -> Void = { _ in }
    ) throws -> WorkloadReport {
        var workload = try workload(.replay, ["path": .text("-")])
        change(&workload.replay)
        let stream = try KeyStream(source, format: workload.replay.format, isStrict: workload.replay.isStrict)
        let source = try ReplaySource(lab, stream, workload.replay)
        return try WorkloadRun(lab, workload, source: source).run(isCancelled: { false })
    }

    private func line(_ operation: String, _ key: String, _ rest: String = "", time: Int? = nil) -> String {
        let clock = time.map { "\"time\":\($0)," } ?? ""
        return "{\(clock)\"op\":\"\(operation)\",\"key\":\"\(key)\"\(rest)}\n"
    }

    @Test("Sets, appends, deletes and clears do what they say, with values of the sizes that the lines tell")
    func operations() throws {
        let lab = try makeLab("map[string]string")
        let report = try run(
            line("set", "a", #","valueBytes":3"#) + line("append", "a", #","valueBytes":2"#)
                + line("set", "b", #","valueBytes":0"#) + line("set", "c", #","valueBytes":9"#) + line("delete", "c")
                + line("delete", "c"), on: lab)
        #expect(report.state == .done && report.round == 1)
        #expect(lab.contents().mapValues(\.utf8.count) == ["a": 5, "b": 0])
        #expect(report.counts.inserted == 3 && report.counts.updated == 1)
        #expect(report.counts.deleted == 1 && report.counts.absent == 1)
        let after = try run(line("set", "d") + #"{"op":"clear"}"# + "\n" + line("set", "e"), on: lab)
        #expect(after.state == .done)
        #expect(Array(lab.contents().keys) == ["e"])
    }

    @Test("A get that misses loads the entry with the size last seen of the key, or else of any, unless told not to")
    func loads() throws {
        let lines =
            line("set", "a", #","valueBytes":30"#) + line("set", "b", #","valueBytes":7"#) + line("delete", "a")
            + line("get", "a") + line("get", "new") + line("get", "b")
        let lab = try makeLab("map[string][]byte")
        let report = try run(lines, on: lab)
        #expect(report.counts.reads == 3 && report.counts.misses == 2 && report.counts.loads == 2)
        #expect(lab.contents().mapValues(\.utf8.count) == ["a": 30, "b": 7, "new": 7])
        let without = try makeLab("map[string][]byte")
        let counted = try run(lines, on: without) { $0.loadsMisses = false }
        #expect(counted.counts.misses == 2 && counted.counts.loads == 0)
        #expect(Array(without.contents().keys) == ["b"])
    }

    @Test("Keys expire by the stream's clock when that is asked for, and not otherwise")
    func expiry() throws {
        let lines =
            line("set", "short", #","ttl":10"#, time: 100) + line("set", "long", #","ttl":1000"#, time: 100)
            + line("set", "renewed", #","ttl":10"#, time: 100) + line("set", "forever", time: 100)
            + line("set", "kept", #","ttl":10"#, time: 101) + line("touch", "renewed", #","ttl":50"#, time: 105)
            + line("set", "kept", time: 106) + line("get", "forever", time: 109) + line("get", "forever", time: 111)
        let lab = try makeLab("map[string]int")
        let report = try run(lines, on: lab) { $0.expires = true }
        #expect(report.state == .done && report.simulatedSeconds == 11)
        #expect(Set(lab.contents().keys) == ["long", "renewed", "forever", "kept"])
        #expect(report.counts.deleted == 1)
        _ = try run(line("get", "x", time: 1) + line("get", "x", time: 1_000_000), on: lab) { $0.expires = true }
        let other = try makeLab("map[string]int")
        #expect(try run(lines, on: other).counts.deleted == 0)
        #expect(other.count == 5)
    }

    @Test("An entry that has expired and is loaded again expires again; a shorter life counts from when it is given")
    func expiryOfLoads() throws {
        let lab = try makeLab("map[string]int")
        let report = try run(
            line("set", "a", #","ttl":10"#, time: 0) + line("set", "b", #","ttl":100"#, time: 0)
                + line("touch", "b", #","ttl":5"#, time: 1) + line("get", "b", time: 7) + line("get", "a", time: 20)
                + line("get", "a", time: 29) + line("get", "a", time: 31), on: lab
        ) { $0.expires = true }
        // b at 6 and, loaded at 7, at 12; a at 10 and, loaded at 20, at 30.
        #expect(report.counts.misses == 3 && report.counts.deleted == 4)
        #expect(Array(lab.contents().keys) == ["a"])
    }

    @Test("Expiry keeps to a model, whatever the order of lives", arguments: 1...20)
    func expiryModel(seed: Int) throws {
        var state = UInt64(seed)
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var lines = ""
        var ends: [String: Int] = [:]
        var time = 0
        for _ in 0..<3_000 {
            time += Int(random(3))
            let now = time
            ends = ends.filter { $0.value > now }
            let key = "k\(random(40))"
            switch random(6) {
            case 0:
                lines += line("delete", key, time: time)
                ends[key] = nil
            case 1:
                lines += line("set", key, time: time)
                ends[key] = .max
            case 2 where random(200) == 0:
                lines += "{\"time\":\(time),\"op\":\"clear\"}\n"
                ends = [:]
            default:
                let life = Int(random(60)) + 1
                lines += line("set", key, ",\"ttl\":\(life)", time: time)
                ends[key] = time + life
            }
        }
        let lab = try makeLab("map[string]int")
        let report = try run(lines, on: lab) { $0.expires = true }
        #expect(report.state == .done)
        #expect(Set(lab.contents().keys) == Set(ends.keys))
    }

    @Test("It ends after the limit, and a round is 100,000 operations")
    func limit() throws {
        let lines = (0..<250_000).map { "0,key:\($0 % 1000),8,100,1,set,0\n" }.joined()
        let lab = try makeLab("map[string]int")
        let whole = try run(lines, on: lab)
        #expect(whole.round == 3 && whole.counts.operations == 250_000 && lab.count == 1_000)
        let part = try run(lines, on: lab) { $0.limit = 200_000 }
        #expect(part.state == .done && part.round == 2 && part.counts.operations == 200_000)
        #expect(part.stream?.operations == 200_000)
    }

    @Test("Bad lines are in the report; a strict replay ends at the first, with what came before it done")
    func badLines() throws {
        let lines = line("set", "a") + "{rubbish\n" + line("set", "b")
        let report = try run(lines, on: try makeLab("map[string]int"))
        #expect(
            report.state == .done && report.stream?.badLines == 1 && report.stream?.firstBadLines.first?.number == 2)
        let lab = try makeLab("map[string]int")
        let strict = try run(lines, on: lab) { $0.isStrict = true }
        #expect(strict.state == .failed && strict.detail?.hasPrefix("line 2: ") == true)
        #expect(Array(lab.contents().keys) == ["a"])
    }

    @Test("A stream that is empty, or of no format, ends as failed, in words")
    func nothing() throws {
        let lab = try makeLab("map[string]int")
        #expect(try run("", on: lab).detail == "the stream is empty: there is not one line")
        #expect(
            try run("to be\nor not\n", on: lab).detail?.hasPrefix("no format takes any of the first 2 lines") == true)
    }

    @Test("At a speed it waits as the stream did, and can be cancelled meanwhile")
    func speed() throws {
        let lab = try makeLab("map[string]int")
        let lines = line("set", "a", time: 0) + line("set", "b", time: 3)
        let report = try run(lines, on: lab) { $0.speed = 100 }
        #expect(report.elapsedSeconds >= 0.03 && lab.count == 2)
        var workload = try workload(.replay, ["path": .text("-"), "speed": .number(0.001)])
        workload.replay.speed = 0.001
        let source = try ReplaySource(lab, KeyStream(MemorySource(Array(lines.utf8))), workload.replay)
        let run = try WorkloadRun(lab, workload, source: source)
        let stopped = run.run(isCancelled: { run.report.counts.operations > 0 || run.report.elapsedSeconds > 0.2 })
        #expect(stopped.state == .stopped && stopped.counts.operations == 1)
    }

    @Test("Keys of another type than string are refused in words; a map of another type than was meant too")
    func types() throws {
        let stream = try KeyStream(MemorySource([]))
        let message = "a replay's keys are strings, and the map is a map[int]int: its key type must be string"
        #expect(throws: LabError.doesNotFit(message)) {
            try ReplaySource(try makeLab("map[int]int"), stream, ReplaySettings())
        }
        let lab = try makeLab("map[string]int")
        let source = try ReplaySource(lab, stream, ReplaySettings())
        var replacement = Replacement()
        replacement.type = try MapTypeName(parsing: "map[int]int")
        _ = try lab.replace(with: replacement)
        let workload = try workload(.replay, ["path": .text("-")])
        #expect(throws: LabError.mapReplaced(from: "map[string]int", to: "map[int]int")) {
            try WorkloadRun(lab, workload, source: source)
        }
    }

    @Test(
        "Values of every kind",
        arguments: ["string", "[]byte", "[24]byte", "int", "int32", "uint8", "bool", "struct{}", "*string", "*int"])
    func values(_ type: String) throws {
        let lab = try makeLab("map[string]\(type)")
        let report = try run(line("set", "a", #","valueBytes":300"#) + line("get", "b"), on: lab)
        #expect(report.state == .done && lab.count == 2)
    }

    @Test("What a replay keeps for itself is lent from the lab, and given back")
    func room() throws {
        let lab = try makeLab("map[string]int", maxMemoryBytes: 64 << 20)
        // As long as it runs: a server keeps the reports of those that have ended.
        var ended: [WorkloadRun] = []
        let settings = try workload(.replay, ["path": .text("-")])
        for _ in 0..<20 {
            let stream = try KeyStream(MemorySource(Array(line("set", "a").utf8)))
            let run = try WorkloadRun(lab, settings, source: try ReplaySource(lab, stream, settings.replay))
            #expect(run.run(isCancelled: { false }).state == .done)
            ended.append(run)
        }
        #expect(ended.allSatisfy { $0.report.state == .done })
        let small = try makeLab("map[string]int", maxMemoryBytes: 8 << 20)
        #expect(throws: LabError.self) { try run(line("set", "a"), on: small) }
        // A million keys to remember do not fit beside what there is.
        let keys = (0..<1_000_000).map { "0,a-key-of-some-length:\($0),8,100,1,set,60\n" }.joined()
        let failed = try run(keys, on: lab) { $0.expires = true }
        #expect(failed.state == .failed && failed.detail?.contains("may need") == true, "\(failed)")
    }
}
