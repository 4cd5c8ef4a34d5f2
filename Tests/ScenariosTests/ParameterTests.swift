// What scenarios take, and what they refuse.

import GoHeap
import GoMap
import Scenarios
import Testing

@Suite struct ParameterTests {
    @Test("Every scenario takes a Go and a layout, a count unless it fills a limit, and a type unless it fixes one")
    func declared() {
        let typed = ["channel-and-map", "gc-time", "memory-limit", "public-case"]
        for scenario in Scenario.all {
            let names = scenario.parameters.flatMap { [$0.name] + ($0.alias.map { [$0] } ?? []) }
            #expect(Set(names).isSuperset(of: ["go", "layout"]), "\(scenario.name)")
            #expect(scenario.takesCount == (scenario.name != "memory-limit"))
            #expect(names.contains("type") == !typed.contains(scenario.name))
            #expect(scenario.parameters.allSatisfy { !$0.help.isEmpty && !$0.expected.isEmpty })
        }
        let own = Scenario.named("partial-update")!.parameters.map(\.name)
        #expect(Set(own).isSuperset(of: ["live", "share", "rounds", "drift"]))
        #expect(Scenario.named("none") == nil)
    }

    @Test(
        "Every scenario runs as each layout with a small count, and says what it ran with",
        arguments: quickScenarios)
    func small(name: String) throws {
        for layout in MapLayout.allCases {
            let table = try smallTable(name, count: 300, ["go": "1.19", "layout": layout.rawValue])
            #expect(!table.rows.isEmpty && table.rows.allSatisfy { $0.count == table.columns.count })
            #expect(table.name == name)
            let parameters = Dictionary(uniqueKeysWithValues: table.parameters.map { ($0.name, $0.value) })
            #expect(parameters["go"] == .goReleases([.go1_19]))
            #expect(parameters["layout"] == .layout(layout))
            let count = name == "memory-limit" ? nil : ParameterValue.integer(300)
            #expect(parameters["count"] ?? parameters["live"] == count)
        }
        // One entry is the least.
        #expect(try !smallTable(name, count: 1).rows.isEmpty)
    }

    @Test(
        "A scenario that takes a type runs with every key and value that a map may have",
        arguments: ["int", "int32", "int64", "uint32", "uint64", "string", "[8]byte", "[200]byte"])
    func types(key: String) throws {
        for value in [
            "int", "bool", "struct{}", "string", "[]byte", "[1]byte", "[300]byte", "*int", "*string",
            "*[40]byte",
        ] {
            for name in ["global-delete", "reuse", "partial-update"] {
                let table = try table(
                    name, ["type": "map[\(key)]\(value)", "count": "500", "go": "1.23,1.27"])
                let lens = table.numbers("len")
                #expect(lens.contains(500), "\(name) map[\(key)]\(value): \(lens)")
            }
        }
    }

    /// A parameter, its text on the command line, the same in JSON, and what is said of both.
    private static let bad: [(name: String, text: String, given: GivenValue, problem: String)] = [
        (
            "go", "1.11", .text("1.11"),
            "is '1.11', expected one or several of 1.10, 1.14, 1.19, 1.23, 1.24, 1.27, or all"
        ),
        (
            "go", "1.10,x", .list([.text("1.10"), .text("x")]),
            "is 'x', expected one or several of 1.10, 1.14, 1.19, 1.23, 1.24, 1.27, or all"
        ),
        ("go", "1.10,1.23,1.10", .list([.text("1.10"), .text("1.23"), .text("1.10")]), "names 1.10 twice"),
        ("layout", "tree", .text("tree"), "is 'tree', expected bucket or swiss"),
        (
            "type", "map[bool]int", .text("map[bool]int"),
            "is no map's type: in the type 'map[bool]int', at byte 4: a key may be int, int32, int64, uint32, uint64, string or [N]byte, not bool"
        ),
        (
            "type", "map[[7]byte]int", .text("map[[7]byte]int"),
            "is map[[7]byte]int, whose keys are too few: expected [N]byte keys of 8 bytes or more"
        ),
        ("count", "0", .integer(0), "is 0, expected an integer from 1 to 10000000"),
        ("count", "10000001", .integer(10_000_001), "is 10000001, expected an integer from 1 to 10000000"),
        ("count", "-1", .integer(-1), "is -1, expected an integer from 1 to 10000000"),
        ("count", "many", .text("many"), "is 'many', expected an integer from 1 to 10000000"),
        ("bogus", "1", .integer(1), "is not a parameter of reuse, which takes go, layout, type, count"),
        ("live", "1", .integer(1), "is not a parameter of reuse, which takes go, layout, type, count"),
    ]

    @Test(
        "A bad value is named, with the same words on the command line and in JSON", arguments: 0..<bad.count)
    func refused(index: Int) throws {
        let (name, text, given, problem) = Self.bad[index]
        let expected = ScenarioError.badParameter(name: name, problem: problem)
        let scenario = try named("reuse")
        #expect(throws: expected) { try Arguments(scenario, texts: [(name, text)]) }
        #expect(throws: expected) { try Arguments(scenario, given: [(name, given)]) }
        #expect(expected.description == "\(name) \(problem)")
    }

    @Test("Numbers, other kinds of JSON and endless numbers are refused too")
    func kinds() throws {
        let scenario = try named("partial-update")
        func problem(_ name: String, _ given: GivenValue) -> String? {
            do throws(ScenarioError) {
                _ = try Arguments(scenario, given: [(name, given)])
                return nil
            } catch {
                return error.description
            }
        }
        #expect(problem("share", .integer(2)) == "share is 2, expected a number from 0 to 1")
        #expect(problem("share", .number(1.5)) == "share is 1.5, expected a number from 0 to 1")
        #expect(problem("share", .number(.nan))?.hasPrefix("share is nan") == true)
        #expect(problem("share", .number(1e300))?.hasPrefix("share is 1e+300") == true)
        #expect(problem("share", .integer(1)) == nil && problem("share", .number(0.25)) == nil)
        #expect(problem("rounds", .number(0.5)) == "rounds is 0.5, expected an integer from 0 to 1000")
        #expect(problem("rounds", .text("20")) == "rounds is '20', expected an integer from 0 to 1000")
        #expect(problem("go", .integer(1))?.hasPrefix("go is 1, expected") == true)
        #expect(problem("go", .list([]))?.hasPrefix("go is an empty list") == true)
        #expect(
            problem("type", .other("null")) == "type is null, expected a map's type, as in map[string]int")
        #expect(problem("layout", .list([.text("bucket")])) == "layout is a list, expected bucket or swiss")
        let long = String(repeating: "x", count: 500)
        #expect(problem(long, .integer(1))!.count < 250 && problem("layout", .text(long))!.count < 150)
    }

    @Test("A parameter comes once, by one of its names")
    func twice() throws {
        let scenario = try named("partial-update")
        #expect(throws: ScenarioError.badParameter(name: "live", problem: "is given twice")) {
            try Arguments(scenario, texts: [("live", "1"), ("live", "2")])
        }
        #expect(
            throws: ScenarioError.badParameter(
                name: "count", problem: "and live are the same: give one of them")
        ) {
            try Arguments(scenario, texts: [("live", "1"), ("count", "2")])
        }
        #expect(
            try Arguments(scenario, texts: [("count", "7")]) == Arguments(scenario, texts: [("live", "7")]))
    }
}
