// What would help, and what would not.

import GoHeap
import Scenarios
import Testing

@Suite struct RemedyScenarioTests {
    /// Rows of a table by what their label begins with.
    private func row(_ table: ScenarioTable, _ label: String) throws -> Int {
        try #require(
            table.rows.firstIndex { if case .text(let text) = $0[0] { text.hasPrefix(label) } else { false } })
    }

    @Test("Deletes, clear and free-memory give back nothing of a map; nil, a fresh one and copies give back most")
    func remedies() throws {
        let table = try table("remedies", ["count": "200000"])
        let before = table.numbers("HeapAlloc before")
        let freed = table.numbers("HeapAlloc freed")
        for label in ["delete each, GC", "delete each, free-memory"] {
            #expect(freed[try row(table, label)] == 0, "\(label)")
        }
        for label in ["nil", "a fresh map", "delete each, copy", "64 maps"] {
            let row = try row(table, label)
            #expect(freed[row]! * 10 > before[row]! * 7, "\(label)")
        }
        #expect(try freed[row(table, "clear")]! * 10 < before[row(table, "clear")]!)
        let lengths = table.numbers("len")
        #expect(try lengths[row(table, "nil")] == 0)
        #expect(try lengths.enumerated().allSatisfy { try $0.offset == row(table, "nil") || $0.element == 20_000 })
    }

    @Test("A copy in shards needs a fraction of the peak that a copy of the whole needs")
    func peaks() throws {
        let table = try table("remedies", ["count": "200000", "keep": "0.9"])
        let peaks = table.numbers("peak on the way")
        let whole = try peaks[row(table, "delete each, copy")]!
        let shards = try peaks[row(table, "64 maps")]!
        #expect(whole > 3_000 && shards * 10 < whole, "\(whole), \(shards)")
    }

    @Test("With pointers as values deletes give the values back; a map that has them already is not asked twice")
    func pointers() throws {
        let values = try table("remedies", ["count": "20000", "type": "map[int][100]byte"])
        let freed = values.numbers("HeapAlloc freed")
        #expect(try freed[row(values, "pointers")]! > 1_500 && freed[row(values, "delete each, GC")] == 0)
        let pointers = try table("remedies", ["count": "20000", "type": "map[int]*[100]byte"])
        #expect(pointers.rows.count == values.rows.count - 1)
        #expect(try pointers.numbers("HeapAlloc freed")[row(pointers, "delete each, GC")]! > 1_500)
    }

    @Test("The two loops differ in Go up to 1.23 and not from 1.24 on")
    func clearIdiom() throws {
        let table = try table("clear-idiom", ["count": "20000", "rounds": "6", "go": "1.23,1.27"])
        func grown(_ name: String, _ go: GoProfile) -> Int {
            let figures = table.numbers(name, go: go).compactMap { $0 }
            return figures.last! - figures.first!
        }
        #expect(grown("for k, _ := range m", .go1_23) > 200 && grown("for k := range m", .go1_23) < 50)
        #expect(grown("for k, _ := range m", .go1_27) < 50)
        #expect(table.rows.count == 7 && table.numbers("len").allSatisfy { $0 == 20_000 })
    }

    @Test("A copied map leaves the spans of its values; copied values empty them")
    func fragmentation() throws {
        let pointers = try table("fragmentation", ["count": "100000"])
        let inUse = pointers.numbers("HeapInuse").compactMap { $0 }
        let objects = pointers.numbers("of it objects").compactMap { $0 }
        #expect(inUse[3] > inUse[0] / 2 && inUse[4] < inUse[0] / 10, "\(inUse)")
        #expect(objects[0] > 95 && objects[3] < 15 && objects[4] > 80, "\(objects)")
        let lengths = pointers.numbers("len").compactMap { $0 }
        #expect(lengths[0] == 100_000 && (4_000...6_000).contains(lengths[1]))
        // Values that lie in the map need no more than its copy.
        let values = try table("fragmentation", ["count": "100000", "type": "map[int][100]byte"])
        let inUseInside = values.numbers("HeapInuse").compactMap { $0 }
        #expect(inUseInside[3] < inUseInside[0] / 5)
    }

    @Test("A set takes two thirds more from Go 1.24 on, and no Go gives it back before nil")
    func versions() throws {
        let table = try table("versions")
        #expect(table.columns.filter { $0.name == "HeapAlloc" }.map(\.go) == GoProfile.allCases)
        let old = table.numbers("HeapAlloc", go: .go1_23).compactMap { $0 }
        let new = table.numbers("HeapAlloc", go: .go1_24).compactMap { $0 }
        #expect((160...180).contains(new[0] * 100 / old[0]), "\(old), \(new)")
        for figures in [old, new] { #expect(figures[2] >= figures[0] && figures[5] == 0) }
    }

    @Test("Pauses are a small part of the cycle, and columns of their own")
    func pauses() throws {
        let table = try table("gc-time", ["count": "300000"])
        let pauses = table.numbers("pause").compactMap { $0 }
        let cycles = table.numbers("whole cycle").compactMap { $0 }
        #expect(pauses.count == cycles.count && pauses[0] * 5 < cycles[0], "\(pauses), \(cycles)")
    }
}
