// What the tests of this target share.

import GoHeap
import Scenarios

/// Runs a scenario with parameters as the command line has them.
func table(_ name: String, _ texts: KeyValuePairs<String, String> = [:]) throws -> ScenarioTable {
    let scenario = try named(name)
    return try scenario.run(Arguments(scenario, texts: texts.map { ($0.key, $0.value) }))
}

/// Runs a scenario with less to do than by default.
func smallTable(_ name: String, count: Int, _ texts: KeyValuePairs<String, String> = [:]) throws -> ScenarioTable {
    let scenario = try named(name)
    let texts = texts.map { ($0.key, $0.value) } + smallSize(of: scenario, count: count)
    return try scenario.run(Arguments(scenario, texts: texts))
}

/// A count; of the scenario that has none, a small limit and a few steps.
func smallSize(of scenario: Scenario, count: Int) -> [(String, String)] {
    scenario.takesCount ? [("count", "\(count)")] : [("limit", "16777216"), ("steps", "3")]
}

extension Scenario {
    var takesCount: Bool { parameters.contains { $0.name == "count" || $0.alias == "count" } }
}

func named(_ name: String) throws -> Scenario {
    guard let scenario = Scenario.named(name) else { throw NoSuchScenario(name: name) }
    return scenario
}

struct NoSuchScenario: Error {
    var name: String
}

extension ScenarioTable {
    /// The numbers of a column, by its place; nil where there is none.
    func numbers(_ column: Int) -> [Int?] {
        rows.map { row in
            switch row[column] {
            case .number(let number), .change(let number): number
            case .text, .none: nil
            }
        }
    }

    /// The numbers of a column, by its name and whose figures it has.
    func numbers(_ name: String, go: GoProfile? = nil, published: String? = nil) -> [Int?] {
        columns.firstIndex { $0.name == name && $0.go == go && $0.published == published }.map(numbers) ?? []
    }
}

/// Every name but one: the scenario of fifteen minutes takes as many seconds for
/// each Go.
let quickScenarios = Scenario.all.map(\.name).filter { $0 != "fifteen-minutes" }
