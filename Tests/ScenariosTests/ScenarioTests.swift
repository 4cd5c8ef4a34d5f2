// What each scenario shows, with its defaults.

import Scenarios
import Testing

@Suite struct ScenarioTests {
    @Test(
        "Alloc moves from step to step by the map, and by nothing else",
        arguments: [
            ("global-delete", [313, 0, 0]), ("global-nil", [313, 0, -313]), ("function-delete", [313, 0, 0]),
            ("function-nil", [313, 0, -313]), ("local", [313, -313, 0]),
        ])
    func changes(name: String, expected: [Int]) throws {
        let table = try table(name)
        #expect(
            table.columns.prefix(7).map(\.name) == [
                "step", "len", "Alloc", "TotalAlloc", "Sys", "NumGC", "RSS",
            ])
        let changes = table.numbers("change of Alloc")
        #expect(changes[0] == nil)
        for (change, wanted) in zip(changes.dropFirst(), expected) { #expect(abs(change! - wanted) <= 1) }
        #expect(table.numbers("NumGC") == [0, 1, 2, 3])
    }

    @Test("A partly updated cache keeps growing, and only a fresh map gives the room back")
    func partialUpdate() throws {
        let table = try table("partial-update")
        #expect(table.numbers("len").allSatisfy { $0 == 100_000 })
        let alloc = table.numbers("HeapAlloc").compactMap { $0 }
        let retained = table.numbers("retained").compactMap { $0 }
        #expect(alloc[20] > alloc[0] * 18 / 10)
        #expect(retained[20] > 2_000)
        #expect(retained.last! < 100)
        #expect(alloc.last! < alloc[20] * 6 / 10)
    }

    @Test("Without drift, without a share or without rounds, the cache does not grow")
    func noDrift() throws {
        for still in [["drift": "0"], ["share": "0"], ["rounds": "0"]] {
            let scenario = try named("partial-update")
            let texts = still.map { ($0.key, $0.value) } + [("live", "5000")]
            let retained = try scenario.run(Arguments(scenario, texts: texts)).numbers("retained")
            #expect(retained.allSatisfy { $0 == retained[0] }, "\(still)")
        }
        let half = try table("partial-update", ["live": "5000", "drift": "0.5", "rounds": "3"])
        #expect(half.rows.count == 7 && half.numbers("len").allSatisfy { $0 == 5_000 })
        #expect(half.numbers("retained")[3]! > half.numbers("retained")[0]!)
    }

    @Test("With a hint a map allocates once what growing allocates twice over, and holds the same in the end")
    func hint() throws {
        let table = try table("hint")
        let totals = table.numbers("TotalAlloc")
        #expect(totals[0]! > totals[1]! * 2)
        let held = table.numbers("Alloc after a GC")
        #expect(held[0] == held[1])
    }

    @Test("The same keys inserted again take no memory, others hardly any")
    func reuse() throws {
        let slots = try table("reuse").numbers("slots").compactMap { $0 }
        #expect(slots[0] == slots[1] && slots[1] == slots[2])
        #expect(slots[5] < slots[0] * 11 / 10)
    }

    @Test("A drained channel gives its elements back, an emptied map nothing before it is nil")
    func channelAndMap() throws {
        let inUse = try table("channel-and-map").numbers("HeapInuse").compactMap { $0 }
        #expect(inUse[1] < inUse[0] / 4)
        #expect(inUse[3] == inUse[2])
        #expect(inUse[4] < inUse[2] / 100)
    }

    @Test(
        "A collection of pointers takes at least twenty times as long as one of values, whatever GOMAXPROCS is"
    )
    func gcTime() throws {
        let times = try table("gc-time").numbers("whole cycle").compactMap { $0 }
        #expect(times.count == 8)
        #expect(times[0] > times[1] * 20 && times[4] > times[5] * 20, "\(times)")
    }

    @Test("In fifteen scaled minutes a nil map is collected after two and given back after seven to ten")
    func fifteenMinutes() throws {
        let table = try table("fifteen-minutes")
        let inUse = table.numbers("HeapInuse").compactMap { $0 }
        let released = table.numbers("HeapReleased").compactMap { $0 }
        #expect(table.numbers("runtime") == Array(0...15))
        #expect(inUse[1] == inUse[0] && inUse[3] < inUse[0] / 100)
        #expect(released[6] == 0 && released[10] > inUse[0] * 9 / 10)
        #expect(table.note.contains("60 times as fast"))
    }

    @Test("A scenario that nobody waits for any more ends")
    func cancelled() {
        for scenario in Scenario.all {
            #expect(throws: ScenarioError.cancelled, "\(scenario.name)") {
                try scenario.run(Arguments(scenario), isCancelled: { true })
            }
        }
    }

    @Test("Steps are told of as of all Gos together")
    func steps() throws {
        let scenario = try named("partial-update")
        let texts = [("go", "1.10,1.27"), ("live", "100"), ("rounds", "3")]
        var steps: [[Int]] = []
        _ = try scenario.run(Arguments(scenario, texts: texts), onStep: { steps.append([$0, $1]) })
        #expect(steps == [[1, 6], [2, 6], [3, 6], [4, 6], [5, 6], [6, 6]])
    }

    @Test("A heap may ask for more room as it grows")
    func growingLimit() throws {
        let scenario = try named("partial-update")
        var asked: [Int] = []
        let table = try scenario.run(
            Arguments(scenario),
            limitBytes: { inUseBytes in
                asked.append(inUseBytes)
                return inUseBytes + 1 << 20
            })
        #expect(!table.rows.isEmpty && asked.count > 3 && asked == asked.sorted())
    }

    @Test("A heap that would grow past its limit ends the scenario, with a hint before anything is inserted")
    func limit() throws {
        for (name, limitBytes) in [("reuse", 100 << 10), ("partial-update", 1 << 20), ("hint", 8 << 20)] {
            let scenario = try named(name)
            do throws(ScenarioError) {
                _ = try scenario.run(Arguments(scenario), limitBytes: { _ in limitBytes })
                Issue.record("\(name) ran with \(limitBytes) bytes")
            } catch {
                guard case .noRoom(let inUse, limitBytes) = error else {
                    Issue.record("\(name): \(error)")
                    continue
                }
                #expect(inUse > limitBytes && inUse < limitBytes * 4)
            }
        }
    }
}
