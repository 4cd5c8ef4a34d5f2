// What the tests of this target share.

import GoHeap
import Scenarios

/// Runs a scenario with parameters as the command line has them.
func table(_ name: String, _ texts: KeyValuePairs<String, String> = [:]) throws -> ScenarioTable {
    let scenario = try named(name)
    return try scenario.run(Arguments(scenario, texts: texts.map { ($0.key, $0.value) }))
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

/// Every name that has a count, with one small enough for a test; the scenario of fifteen minutes takes as many seconds for
/// each Go.
let quickScenarios = Scenario.all.map(\.name).filter { $0 != "fifteen-minutes" }
