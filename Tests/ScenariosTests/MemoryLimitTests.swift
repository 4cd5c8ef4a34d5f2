import GoHeap
import Scenarios
import Testing

@Suite("A leak under a memory limit") struct MemoryLimitTests {
    private func alerts(_ table: ScenarioTable) -> [(row: Int, text: String)] {
        guard let column = table.columns.firstIndex(where: { $0.name == "alert" }) else { return [] }
        return table.rows.enumerated().compactMap { row, cells in
            if case .text(let text) = cells[column] { (row, text) } else { nil }
        }
    }

    @Test("Cycles come more often as the live heap nears the limit, and the alert on it fires while there is room")
    func leak() throws {
        let table = try table("memory-limit", ["limit": "33554432", "leak": "1048576"])
        #expect(table.rows.count == 20)
        let cycles = table.numbers("cycles").compactMap { $0 }
        let live = table.numbers("live").compactMap { $0 }
        #expect(cycles[..<4].reduce(0, +) < 6 && cycles[12...].reduce(0, +) > 40, "\(cycles)")
        #expect(live == live.sorted() && live[0] < 20_000 && live[19] > 32_768)
        let alert = try #require(alerts(table).first { $0.text.contains("live heap over 90%") })
        let over = try #require(alerts(table).first { $0.text.contains("over the limit") })
        #expect(alert.row < over.row && live[alert.row] * 1_024 > 33_554_432 / 10 * 9)
        #expect(table.numbers("p99 of a GET").allSatisfy { $0 != nil })
    }

    @Test("Without a leak nothing fires, and a Go without limits is held by GOGC")
    func healthy() throws {
        let still = try table("memory-limit", ["limit": "33554432", "leak": "0", "steps": "6"])
        #expect(alerts(still).allSatisfy { !$0.text.contains("live") && !$0.text.contains("over the limit") })
        let old = try table("memory-limit", ["limit": "33554432", "leak": "0", "steps": "6", "go": "1.14"])
        #expect(old.numbers("cycles").compactMap { $0 }.reduce(0, +) > 0)
    }

    @Test("A process that is to die ends with the step in which its RSS reaches the size")
    func death() throws {
        let small: KeyValuePairs = ["limit": "16777216", "steps": "4", "die-at": "1048576"]
        let dead = try table("memory-limit", small)
        #expect(dead.isKilled && dead.rows.count == 1)
        #expect(alerts(dead).last?.text.hasSuffix("killed") == true)
        let alive = try table("memory-limit", ["limit": "16777216", "steps": "4", "die-at": "1099511627776"])
        #expect(!alive.isKilled && alive.rows.count == 4)
    }
}
