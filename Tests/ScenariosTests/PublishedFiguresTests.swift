// The figures that the source documents print, beside Husk's.

import GoHeap
import Scenarios
import Testing

@Suite struct PublishedFiguresTests {
    /// The change of Alloc that the documents' own runs show, as read from them: after the fill, the deletes, the end.
    private static let changes: [(scenario: String, go: String, alloc: [Int?])] = [
        ("global-delete", "1.14.9", [309, 2, 2]), ("global-delete", "1.10.1", [322, 2, nil]),
        ("global-nil", "1.14.9", [308, 2, -311]), ("global-nil", "1.10.1", [322, 2, -312]),
        ("function-delete", "1.14.9", [308, 2, 2]), ("function-nil", "1.14.9", [308, 2, -311]),
        ("local", "1.14.9", [308, -311, 2]),
    ]

    @Test("They stand in the table as the changes from step to step", arguments: 0..<changes.count)
    func present(index: Int) throws {
        let (scenario, go, alloc) = Self.changes[index]
        let table = try table(scenario)
        #expect(table.numbers("change of Alloc", published: go) == [nil] + alloc)
        for figure in ["TotalAlloc", "Sys", "NumGC"] {
            let numbers = table.numbers("change of \(figure)", published: go)
            #expect(numbers.map { $0 == nil } == [true] + alloc.map { $0 == nil })
        }
        #expect(table.numbers("change of NumGC", published: go).allSatisfy { $0 ?? 1 == 1 })
    }

    @Test(
        "Husk's Alloc moves as the documents' does, but for what their programmes print and keep",
        arguments: 0..<changes.count)
    func within(index: Int) throws {
        let (scenario, go, alloc) = Self.changes[index]
        // As the Go of the document, and as the default.
        for release in ["1.10", "1.14", "1.23"] {
            let own = try table(scenario, ["go": release]).numbers("change of Alloc")
            for (step, published) in alloc.enumerated() {
                guard let published else { continue }
                // While a programme fills the map it prints for the first time: up to 10 KB. Later steps print little.
                #expect(
                    abs(own[step + 1]! - published) <= (step == 0 ? 10 : 2),
                    "\(go), as \(release), step \(step + 1)")
            }
        }
    }

    @Test("Beside another map they would say nothing, so they are left out")
    func otherMap() throws {
        for parameters: KeyValuePairs in [["count": "8193"], ["type": "map[int]bool"]] {
            let table = try table("global-nil", parameters)
            #expect(table.columns.allSatisfy { $0.published == nil && !$0.name.hasPrefix("change") })
        }
        #expect(try table("global-nil", ["layout": "swiss"]).columns.contains { $0.published == "1.14.9" })
    }
}
