import Foundation
import GoHeap
import HuskService
import TestSupport
import Testing

@Suite("Flags and variables of the runtime", .enabled(if: HuskBinary.url != nil))
struct RuntimeFlagTests {
    private func settings(_ arguments: [String], _ environment: [String: String] = [:]) throws -> JSON {
        var settings = JSON(members: [:])
        let status = try HuskBinary.serve(arguments, environment: environment) { port in
            settings = try Client(port: port).ask("GET", "/runtime").json()
        }
        #expect(status == 0)
        return settings
    }

    @Test("Each flag sets what it is called after")
    func flags() throws {
        let found = try settings([
            "--go", "1.19", "--gogc", "off", "--memory-limit", "256MiB", "--max-procs", "3",
            "--force-gc-period", "1m30s",
            "--scavenger", "periodic", "--scavenge-period", "90s", "--madvise", "free", "--gctrace",
            "--time-scale", "2.5",
        ])
        #expect(found.string("go") == "1.19" && found.string("gogc") == "off")
        #expect(found["memoryLimit"] == 256 << 20 && found["maxProcs"] == 3)
        #expect(found.string("forceGCPeriod") == "1m30s" && found.string("scavengePeriod") == "1m30s")
        #expect(found.string("scavenger") == "periodic" && found.string("madvise") == "free")
        #expect(found.members["gctrace"] as? Bool == true && found.members["timeScale"] as? Double == 2.5)
    }

    @Test("A share of the memory and the processors that the cgroup leaves are logged with where they come from")
    func ceilings() throws {
        let memory = MemoryCeiling.ofThisProcess
        let processors = ProcessorCeiling.ofThisProcess
        let environment = ["HUSK_MEMORY_LIMIT": "90%", "HUSK_MAX_PROCS": "auto"]
        for (arguments, variables) in [(["--memory-limit", "90%", "--max-procs", "auto"], [:]), ([], environment)] {
            let found = try settings(arguments, variables)
            #expect(found["memoryLimit"] == memory.bytes(percent: 90))
            #expect(found["maxProcs"] == processors.processorCount)
            let log = try HuskBinary.log(arguments, environment: variables)
            #expect(log.contains(": 90% of \(memory), \(memory.bytes >> 20) MiB"), "\(log)")
            #expect(log.contains("GOMAXPROCS is \(processors.processorCount): \(processors)"), "\(log)")
        }
        // Go's own variables know neither.
        #expect(try HuskBinary.run("serve", environment: ["GOMEMLIMIT": "90%"]).status == 64)
        #expect(try HuskBinary.log(environment: ["GOMAXPROCS": "auto"]).contains("GOMAXPROCS=auto is ignored"))
    }

    @Test("A flag beats Husk's variable, and that beats Go's")
    func precedence() throws {
        let all = [
            "GOGC": "10", "GOMEMLIMIT": "1GiB", "GOMAXPROCS": "2", "GODEBUG": "x=y,gctrace=1,madvdontneed=0",
        ]
        let fromGo = try settings([], all)
        #expect(fromGo["gogc"] == 10 && fromGo["memoryLimit"] == 1 << 30 && fromGo["maxProcs"] == 2)
        #expect(fromGo.members["gctrace"] as? Bool == true && fromGo.string("madvise") == "free")
        let husk = [
            "HUSK_GOGC": "20", "HUSK_MEMORY_LIMIT": "off", "HUSK_MAX_PROCS": "5", "HUSK_GCTRACE": "0",
            "HUSK_MADVISE": "dontneed", "HUSK_GO": "1.10", "HUSK_FORCE_GC_PERIOD": "1h",
        ]
        let fromHusk = try settings([], all.merging(husk) { $1 })
        #expect(
            fromHusk["gogc"] == 20 && fromHusk.members["memoryLimit"] is NSNull && fromHusk["maxProcs"] == 5)
        #expect(fromHusk.members["gctrace"] as? Bool == false && fromHusk.string("madvise") == "dontneed")
        #expect(fromHusk.string("scavenger") == "periodic" && fromHusk.string("forceGCPeriod") == "1h0m0s")
        let fromFlags = try settings(
            ["--gogc", "30", "--max-procs", "6", "--gctrace"], all.merging(husk) { $1 })
        #expect(fromFlags["gogc"] == 30 && fromFlags["maxProcs"] == 6)
        #expect(fromFlags.members["gctrace"] as? Bool == true)
    }

    @Test(
        "A bad value is one line that names where it came from, and exit status 64",
        arguments: [
            (["--go", "1.11"], "--go"), (["--gogc", "many"], "--gogc"),
            (["--memory-limit", "1GB"], "--memory-limit"),
            (["--max-procs", "0"], "--max-procs"), (["--force-gc-period", "2"], "--force-gc-period"),
            (["--scavenger", "on"], "--scavenger"), (["--scavenge-period", "-1s"], "--scavenge-period"),
            (["--madvise", "x"], "--madvise"), (["--time-scale", "0.5"], "--time-scale"),
            (["--time-scale", "nan"], "--time-scale"),
            (["GOMEMLIMIT=1G"], "GOMEMLIMIT: malformed GOMEMLIMIT"),
            (["HUSK_GCTRACE=2"], "HUSK_GCTRACE"),
            (["HUSK_GOGC=1%"], "HUSK_GOGC"), (["HUSK_GOGC=-1"], "HUSK_GOGC"),
            (["HUSK_MAX_PROCS=128"], "HUSK_MAX_PROCS"),
            // What looks like an option is a wrong value, and the message says which are right.
            (
                ["--gogc", "-1"],
                "--gogc: '-1' is no value of it: expected off or a number of percent from 0 to"
            ),
            (["--hint", "-1"], "--hint: '-1' is not a number from 0 to"),
            (["--scavenge-period", "-1.5s"], "--scavenge-period: '-1.5s' is no value of it"),
        ])
    func badValues(given: [String], named: String) throws {
        // A pair with = is a variable.
        let pair = given[0].split(separator: "=", maxSplits: 1).map(String.init)
        let environment = pair.count == 2 ? [pair[0]: pair[1]] : [:]
        let (process, _, errors) = try HuskBinary.start(
            ["serve", "--port", "0"] + (pair.count == 2 ? [] : given), environment: environment)
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 64)
        #expect(
            said.hasPrefix("husk: ") && said.split(separator: "\n").count == 1 && said.contains(named),
            "\(said)")
    }

    @Test("SIGUSR1 gives idle memory back and logs it; gctrace lines go to stderr as they are")
    func freeMemorySignal() throws {
        let (process, _, errors) = try HuskBinary.start([
            "serve", "--port", "0", "--gctrace", "--type", "map[int]int",
        ])
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        var log = ""
        func read(until text: String) {
            while !log.contains(text) {
                let piece = errors.fileHandleForReading.availableData
                if piece.isEmpty { return }
                log += String(decoding: piece, as: UTF8.self)
            }
        }
        read(until: "http://127.0.0.1:")
        kill(process.processIdentifier, SIGUSR1)
        read(until: "FreeOSMemory: HeapInuse")
        read(until: "\nscav ")
        #expect(log.contains("SIGUSR1") && log.contains("HeapReleased") && log.contains("RSS"))
        #expect(log.contains("\ngc 1 @"))
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
