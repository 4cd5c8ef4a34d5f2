// Several Gos in one table.

import GoHeap
import Scenarios
import Testing

@Suite struct SideBySideTests {
    @Test("What the Gos have in common stands once, each figure once for each of them in their order")
    func columns() throws {
        let table = try table("reuse", ["go": "1.27,1.10,1.23", "count": "1000"])
        #expect(table.columns.filter { $0.go == nil }.map(\.name) == ["step", "len"])
        #expect(table.columns.filter { $0.name == "slots" }.map(\.go) == [.go1_27, .go1_10, .go1_23])
        #expect(table.rows.allSatisfy { $0.count == table.columns.count })
        // A Go has no column of what its layout does not have.
        #expect(table.columns.filter { $0.name == "tombstones" }.map(\.go) == [.go1_27])
        #expect(table.columns.filter { $0.name == "overflow buckets" }.map(\.go) == [.go1_10, .go1_23])
    }

    @Test("Each Go's figures are those that it has alone")
    func figures() throws {
        let together = try table("global-nil", ["go": "1.10,1.24"])
        for release in [GoProfile.go1_10, .go1_24] {
            let alone = try table("global-nil", ["go": release.rawValue])
            for name in ["Alloc", "TotalAlloc", "Sys", "NumGC", "change of Alloc"] {
                #expect(together.numbers(name, go: release) == alone.numbers(name), "\(release) \(name)")
            }
        }
        #expect(together.numbers("Alloc", go: .go1_10) != together.numbers("Alloc", go: .go1_24))
        #expect(together.numbers("change of Alloc", published: "1.10.1") == [nil, 322, 2, -312])
    }

    @Test("One layout may be asked of every Go")
    func layout() throws {
        let table = try table("reuse", ["go": "1.10,1.27", "layout": "swiss"])
        #expect(table.columns.filter { $0.name == "tombstones" }.map(\.go) == [.go1_10, .go1_27])
    }

    @Test(
        "The plain text is no wider than a terminal, whichever Gos are asked for", arguments: quickScenarios)
    func width(name: String) throws {
        for go in ["1.23", "1.10,1.14,1.23,1.27", GoProfile.allCases.map(\.rawValue).joined(separator: ",")] {
            let lines = try smallTable(name, count: 20_000, ["go": go]).text.split(separator: "\n")
            let tooWide = lines.filter { $0.count > 80 }
            #expect(tooWide.isEmpty, "\(tooWide.joined(separator: "\n"))")
        }
    }
}
