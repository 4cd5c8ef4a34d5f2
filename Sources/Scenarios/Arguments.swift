// What a scenario is run with: a value for each of its parameters, checked.

import GoHeap
import GoMap

package struct Arguments: Equatable, Sendable {
    private var values: [String: ParameterValue] = [:]

    /// Reads what was given in JSON, say; what was left out has the scenario's default.
    ///
    /// - Throws: `ScenarioError.badParameter`.
    package init(
        _ scenario: Scenario, given: [(name: String, value: GivenValue)] = [], ofCommandLine: Bool = false
    ) throws(ScenarioError) {
        for parameter in scenario.parameters { values[parameter.name] = parameter.standard }
        var seen: [String: String] = [:]
        for (name, value) in given {
            var parameter = try Self.parameter(name, of: scenario)
            if let earlier = seen.updateValue(name, forKey: parameter.name) {
                throw .badParameter(
                    name: name,
                    problem: earlier == name
                        ? "is given twice" : "and \(earlier) are the same: give one of them")
            }
            if parameter.isOfCommandLineOnly && !ofCommandLine {
                throw .badParameter(
                    name: name, problem: "is taken by `husk scenario` alone: it ends the process")
            }
            let canonicalName = parameter.name
            // Errors call it what the client did.
            parameter.name = name
            values[canonicalName] = try parameter.value(value)
        }
        try scenario.check(self)
    }

    /// Reads what the command line gave, as text.
    ///
    /// - Throws: `ScenarioError.badParameter`.
    package init(_ scenario: Scenario, texts: [(name: String, text: String)]) throws(ScenarioError) {
        var given: [(name: String, value: GivenValue)] = []
        for (name, text) in texts { given.append((name, try Self.parameter(name, of: scenario).given(text))) }
        try self.init(scenario, given: given, ofCommandLine: true)
    }

    private static func parameter(_ name: String, of scenario: Scenario) throws(ScenarioError) -> Parameter {
        if let parameter = scenario.parameters.first(where: { $0.name == name || $0.alias == name }) {
            return parameter
        }
        let known = scenario.parameters.filter { !$0.isOfCommandLineOnly }.map(\.name).joined(separator: ", ")
        throw .badParameter(
            name: echoed(name), problem: "is not a parameter of \(scenario.name), which takes \(known)")
    }

    /// The value of a parameter; nil when it was left out and has no default.
    package subscript(_ parameter: Parameter) -> ParameterValue? { values[parameter.name] }

    /// An integer; nil when it was left out and has no default.
    func integer(_ parameter: Parameter) -> Int? {
        if case .integer(let number)? = self[parameter] { number } else { nil }
    }

    /// The releases to run as.
    var releases: [GoProfile] {
        guard case .goReleases(let releases)? = values["go"] else {
            preconditionFailure("every scenario has a go")
        }
        return releases
    }
}
