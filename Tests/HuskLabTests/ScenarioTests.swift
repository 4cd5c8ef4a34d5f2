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
        #expect(table.text.contains("retained (KB)"))
    }

    private func numbers(_ table: ScenarioTable, column: Int) -> [Int] {
        table.rows.map { row in
            if case .number(let number) = row[column] { number } else { -1 }
        }
    }
}
