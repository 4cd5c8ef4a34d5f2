import HuskLab
import Testing

@Suite struct ScenarioTests {
    @Test(
        "The change of Alloc from step to step is what the documents published",
        arguments: [
            (Scenario.globalDelete, [313, 0, 0]), (.globalNil, [313, 0, -313]),
            (.functionDelete, [313, 0, 0]),
            (.functionNil, [313, 0, -313]), (.local, [313, -313, 0]),
        ])
    func changes(scenario: Scenario, expected: [Int]) throws {
        let table = try scenario.run()
        #expect(table.columns.map(\.name) == ["step", "len", "Alloc", "TotalAlloc", "Sys", "NumGC", "RSS"])
        let alloc = numbers(table, column: 2)
        let changes = zip(alloc.dropFirst(), alloc).map { $0 - $1 }
        for (change, wanted) in zip(changes, expected) { #expect(abs(change - wanted) <= 1) }
        #expect(numbers(table, column: 5) == [0, 1, 2, 3])
    }

    @Test("A partly updated cache keeps growing, and only a fresh map gives the room back")
    func partialUpdate() throws {
        let table = try Scenario.partialUpdate.run()
        let lens = numbers(table, column: 1)
        #expect(lens.allSatisfy { $0 == 100_000 })
        let alloc = numbers(table, column: 2)
        let retained = numbers(table, column: 3)
        #expect(alloc[20] > alloc[0] * 18 / 10)
        #expect(retained[20] > 2_000)
        #expect(retained.last! < 100)
        #expect(alloc.last! < alloc[20] * 6 / 10)
        let lines = table.text.split(separator: "\n")
        #expect(lines.contains { $0.contains("HeapAlloc") && $0.contains("retained") })
        #expect(lines.allSatisfy { $0.count <= 80 })
    }

    @Test("With a hint a map allocates once what growing allocates twice over, and holds the same in the end")
    func hint() throws {
        let table = try Scenario.hint.run()
        let totals = numbers(table, column: 3)
        #expect(totals[0] > totals[1] * 2)
        #expect(numbers(table, column: 5)[0] == numbers(table, column: 5)[1])
    }

    @Test("The same keys inserted again take no memory, others hardly any")
    func reuse() throws {
        let table = try Scenario.reuse.run()
        let slots = numbers(table, column: 2)
        #expect(slots[0] == slots[1] && slots[1] == slots[2])
        #expect(slots[5] < slots[0] * 11 / 10)
    }

    @Test("A drained channel gives its elements back, an emptied map nothing before it is nil")
    func channelAndMap() throws {
        let inUse = numbers(try Scenario.channelAndMap.run(), column: 3)
        #expect(inUse[1] < inUse[0] / 4)
        #expect(inUse[3] == inUse[2])
        #expect(inUse[4] < inUse[2] / 100)
    }

    @Test(
        "A collection of pointers takes at least twenty times as long as one of values, whatever GOMAXPROCS is"
    )
    func gcTime() throws {
        let times = numbers(try Scenario.gcTime.run(), column: 2)
        #expect(times.count == 8)
        #expect(times[0] > times[1] * 20 && times[4] > times[5] * 20, "\(times)")
    }

    @Test("In fifteen scaled minutes a nil map is collected after two and given back after seven to ten")
    func fifteenMinutes() throws {
        let table = try Scenario.fifteenMinutes.run()
        let inUse = numbers(table, column: 1)
        let released = numbers(table, column: 3)
        #expect(numbers(table, column: 0) == Array(0...15))
        #expect(inUse[1] == inUse[0] && inUse[3] < inUse[0] / 100)
        #expect(released[6] == 0 && released[10] > inUse[0] * 9 / 10)
        #expect(table.note.contains("60 times as fast"))
    }

    @Test("A scenario that nobody waits for any more ends")
    func cancelled() {
        for scenario in Scenario.allCases {
            #expect(throws: LabError.cancelled) { try scenario.run(isCancelled: { true }) }
        }
    }

    private func numbers(_ table: ScenarioTable, column: Int) -> [Int] {
        table.rows.map { row in
            if case .number(let number) = row[column] { number } else { -1 }
        }
    }
}
