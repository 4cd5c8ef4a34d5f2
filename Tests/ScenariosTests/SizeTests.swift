import GoMap
import Scenarios
import Testing

/// The table of one question.
private func size(
    _ type: String, entries: Int, hint: Int? = nil, peak: Int? = nil, go: String, layout: String,
    limitBytes: Int = .max
) throws -> ScenarioTable {
    var texts = [("type", type), ("entries", "\(entries)"), ("go", go), ("layout", layout)]
    if let hint { texts.append(("hint", "\(hint)")) }
    if let peak { texts.append(("peak", "\(peak)")) }
    return try Scenario.size.run(Arguments(.size, texts: texts), limitBytes: { _ in limitBytes })
}

extension ScenarioTable {
    /// A figure of the map that came about in a way: `hint`, `grown` or `left`.
    fileprivate func figure(_ name: String, _ way: String) -> Int? {
        guard let column = columns.firstIndex(where: { $0.name == name }),
            let row = rows.first(where: { if case .text(let text) = $0[0] { text.hasSuffix(way) } else { false } }),
            case .number(let number) = row[column]
        else { return nil }
        return number
    }

    fileprivate func isMade(_ way: String) -> Bool {
        rows.contains { row in
            guard case .text(let name) = row[0] else { return false }
            return name.hasSuffix(way) && row[1] == .text("made")
        }
    }
}

/// Real Go: HeapAlloc with the map less without, in a programme that makes and fills it.
private struct Measured: Sendable {
    var go: String
    var layout: String
    var bytes: Int
}

@Suite("What a map takes") struct SizeTests {
    @Test(
        "A million map[int]struct{} is 22.3 MB in buckets and 37.8 MB in swiss, as in real Go",
        arguments: [
            Measured(go: "1.19", layout: "bucket", bytes: 22_323_256),
            Measured(go: "1.23", layout: "bucket", bytes: 22_331_456),
            Measured(go: "1.24", layout: "swiss", bytes: 37_721_920),
            Measured(go: "1.27", layout: "swiss", bytes: 37_795_776),
        ])
    private func set(_ real: Measured) throws {
        let table = try size("map[int]struct{}", entries: 1_000_000, go: real.go, layout: real.layout)
        #expect(table.isMade("grown") && table.isMade("hint"))
        // Two tables of the swiss layout more or less are chance.
        let tolerance = real.layout == "bucket" ? 100 : 8 * 18_432
        for way in ["hint", "grown"] {
            let bytes = try #require(table.figure("bytes", way))
            #expect(
                abs(bytes - real.bytes) <= (way == "grown" || real.layout == "bucket" ? tolerance : 200_000),
                "\(way): \(bytes)")
        }
        let left = try size(
            "map[int]struct{}", entries: 1_000, peak: 1_000_000, go: real.go, layout: real.layout)
        #expect(abs(try #require(left.figure("bytes", "left")) - real.bytes) <= tolerance)
    }

    @Test("make(map[string]int, 100): 4,176 bytes in Go 1.9, 4,168 since the 24-byte class, 3,544 in swiss")
    func hintOf100() throws {
        for (go, layout, bytes, objects) in [
            ("1.10", "bucket", 4_176, 3), ("1.14", "bucket", 4_176, 3), ("1.19", "bucket", 4_168, 3),
            ("1.23", "bucket", 4_168, 3), ("1.24", "swiss", 3_544, 4), ("1.27", "swiss", 3_544, 4),
        ] {
            let table = try size("map[string]int", entries: 0, hint: 100, go: go, layout: layout)
            #expect(table.figure("bytes", "hint") == bytes && table.figure("objects", "hint") == objects, "\(go)")
            #expect(table.figure("bytes", "grown") == 48 && table.figure("allocations", "grown") == 1)
        }
    }

    @Test("map[int]bool allocates once more at 9 and at 14 entries; from 1.24 on at 9 and at 15")
    func allocationsByCount() throws {
        for (layout, go, expected) in [
            ("bucket", "1.19", [8: (144, 2), 9: (320, 3), 14: (672, 4)]),
            ("swiss", "1.27", [8: (192, 2), 9: (520, 5), 14: (520, 5), 15: (1_128, 7)]),
        ] {
            for (count, (totalBytes, allocations)) in expected {
                let table = try size("map[int]bool", entries: count, go: go, layout: layout)
                #expect(table.figure("TotalAlloc", "grown") == totalBytes, "\(layout) \(count)")
                #expect(table.figure("allocations", "grown") == allocations, "\(layout) \(count)")
            }
        }
    }

    @Test("What a hint saves in TotalAlloc, as in real Go: a million ints, and 5,000 arrays of 32 bytes")
    func hintSaves() throws {
        // (type, entries, Go, layout, real TotalAlloc with the hint and without, tolerance in percent)
        let cases: [(String, Int, String, String, Int, Int, Double)] = [
            ("map[int]int", 1_000_000, "1.23", "bucket", 40_236_376, 87_600_000, 0.5),
            ("map[int]int", 1_000_000, "1.27", "swiss", 37_832_752, 75_500_000, 0.5),
            ("map[[32]byte][32]byte", 5_000, "1.19", "bucket", 583_051, 1_247_238, 1),
            ("map[[32]byte][32]byte", 5_000, "1.27", "swiss", 590_192, 1_184_520, 1),
        ]
        for (type, entries, go, layout, withHint, without, percent) in cases {
            let table = try size(type, entries: entries, go: go, layout: layout)
            for (way, real) in [("hint", withHint), ("grown", without)] {
                let bytes = try #require(table.figure("TotalAlloc", way))
                #expect(
                    abs(Double(bytes - real)) <= Double(real) * percent / 100, "\(type) \(go) \(way): \(bytes)")
            }
        }
        #expect(
            try size("map[int]int", entries: 1_000_000, go: "1.23", layout: "bucket").figure("allocations", "hint")
                == 20)
    }

    @Test("Beyond what is made it is computed, in each row of its own, with bounds where chance has a say")
    func computed() throws {
        let large = try size("map[int]int", entries: 1_000_000_000, peak: 3_000_000_000, go: "1.23", layout: "bucket")
        #expect(!large.isMade("hint") && !large.isMade("grown") && !large.isMade("left"))
        let bytes = try #require(large.figure("bytes", "left"))
        #expect(try #require(large.figure("bytes, least", "left")) < bytes)
        #expect(try #require(large.figure("bytes, most", "left")) > bytes)
        // What is kept of it is made, but not the peak.
        let mixed = try size("map[int]int", entries: 10, peak: 100_000_000, go: "1.23", layout: "bucket")
        #expect(mixed.isMade("grown") && !mixed.isMade("left"))
        // Nor what there is no room for.
        #expect(
            try !size("map[int]int", entries: 100_000, go: "1.23", layout: "bucket", limitBytes: 1 << 20).isMade(
                "grown"))
        // The most that may be asked.
        for type in ["map[int][65536]byte", "map[[65536]byte][65536]byte", "map[string]*[64]byte"] {
            for go in ["1.10", "1.27"] {
                let table = try size(
                    type, entries: 1_000_000_000_000, hint: .max, peak: 1_000_000_000_000, go: go, layout: "swiss")
                #expect(try #require(table.figure("TotalAlloc", "left")) > 0)
            }
        }
    }

    @Test("All Gos and both layouts stand side by side in 80 columns")
    func sideBySide() throws {
        let table = try Scenario.size.run(
            Arguments(.size, texts: [("type", "map[int]struct{}"), ("entries", "100000"), ("peak", "200000")]))
        #expect(table.rows.count == 6)
        #expect(table.columns.count { $0.name == "bytes" } == 6)
        #expect(table.text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test("What is asked wrongly is said with its name")
    func refused() {
        let bad: [(texts: [(String, String)], name: String)] = [
            ([("type", "map[int]int")], "entries"), ([("entries", "5")], "type"),
            ([("type", "map[float]int"), ("entries", "5")], "type"),
            ([("type", "map[int]int"), ("entries", "-1")], "entries"),
            ([("type", "map[int]int"), ("entries", "1000000000000000000")], "entries"),
            ([("type", "map[int]int"), ("entries", "x")], "entries"),
            ([("type", "map[int]int"), ("entries", "5"), ("hint", "-1")], "hint"),
            ([("type", "map[int]int"), ("entries", "5"), ("hint", "9223372036854775808")], "hint"),
            ([("type", "map[int]int"), ("entries", "5"), ("peak", "4")], "peak"),
            ([("type", "map[int32]int"), ("entries", "5000000000")], "entries"),
            ([("type", "map[int32]int"), ("entries", "5"), ("peak", "5000000000")], "peak"),
            ([("type", "map[int]int"), ("entries", "5"), ("go", "1.11")], "go"),
            ([("type", "map[int]int"), ("entries", "5"), ("go", "all,1.23")], "go"),
            ([("type", "map[int]int"), ("entries", "5"), ("layout", "tree")], "layout"),
            ([("type", "map[int]int"), ("entries", "5"), ("bogus", "1")], "bogus"),
        ]
        for (texts, name) in bad {
            do throws(ScenarioError) {
                _ = try Arguments(.size, texts: texts)
                Issue.record("\(texts) was accepted")
            } catch {
                guard case .badParameter(name, _) = error else {
                    Issue.record("\(texts): \(error)")
                    continue
                }
            }
        }
    }
}
