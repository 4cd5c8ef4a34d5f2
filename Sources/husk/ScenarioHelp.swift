// `husk scenario --list` and `--help`: what the scenarios declare, for people.

import Scenarios

enum ScenarioHelp {
    /// Every scenario with its title.
    static var list: String { columns(Scenario.all.map { ($0.name, $0.title) }) }

    /// The parameters of one scenario, with what they take.
    static func parameters(of scenario: Scenario) -> String {
        "\(scenario.name): \(scenario.title)\n\n"
            + columns(
                scenario.parameters.map { parameter in
                    let standard = parameter.standard.map { "; by default \($0)" } ?? ""
                    return (flag(parameter), "\(parameter.help) (\(parameter.expected)\(standard))")
                })
    }

    /// Every scenario with the names and defaults of its parameters, and what each parameter is.
    static var all: String {
        let scenarios = Scenario.all.map { scenario in
            let parameters = scenario.parameters.map { parameter in
                parameter.standard.map { "--\(parameter.name) \($0)" } ?? "--\(parameter.name)"
            }
            return (scenario.name, parameters.joined(separator: " "))
        }
        var parameters: [(String, String)] = []
        for parameter in Scenario.all.flatMap(\.parameters)
        where !parameters.contains(where: { $0.0 == flag(parameter) }) {
            parameters.append((flag(parameter), "\(parameter.help) (\(parameter.expected))"))
        }
        return "SCENARIOS, each with its parameters and their defaults:\n" + columns(scenarios)
            + "\nPARAMETERS:\n" + columns(parameters)
    }

    private static func flag(_ parameter: Parameter) -> String {
        ([parameter.name] + (parameter.alias.map { [$0] } ?? [])).map { "--\($0)" }.joined(separator: ", ")
    }

    /// Two columns, the second wrapped to a terminal's width.
    private static func columns(_ lines: [(String, String)]) -> String {
        let indent = 2
        let width = indent + lines.reduce(0) { max($0, $1.0.count) } + 2
        return lines.map { name, text in
            let first = String(repeating: " ", count: indent) + name
            let wrapped = ScenarioTable.wrapped(text, width: ScenarioTable.lineWidth - width)
            return zip([first] + wrapped.dropFirst().map { _ in "" }, wrapped).map { left, right in
                left + String(repeating: " ", count: width - left.count) + right + "\n"
            }.joined()
        }.joined()
    }
}
