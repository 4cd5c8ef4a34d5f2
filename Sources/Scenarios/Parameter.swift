// What may be set of a scenario. Each is declared once, in the scenario's file or below, and that declaration is what the
// command line's help, `GET /scenarios`, and the reading of flags and of JSON go by.

import GoHeap
import GoMap

/// One parameter of a scenario.
package struct Parameter: Sendable {
    package enum Kind: Sendable {
        /// Releases of Go, as each of which the scenario runs.
        case goReleases
        case layout
        case mapType
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        case choice([String])
    }

    /// What it is called in JSON; on the command line, after `--`.
    package internal(set) var name: String
    /// Another name that is taken for it.
    package var alias: String?
    package let kind: Kind
    /// What it is when it is left out; nil when that is for each run to say.
    package let standard: ParameterValue?
    /// One line on what it is.
    package let help: String
    /// Whether `husk scenario` takes it and no server does.
    package var isOfCommandLineOnly = false
}

/// What a parameter was set to.
package enum ParameterValue: Equatable, Sendable, CustomStringConvertible {
    case goReleases([GoProfile])
    case layout(MapLayout)
    case mapType(MapTypeName)
    case integer(Int)
    case number(Double)
    case choice(String)

    /// As the command line takes it.
    package var description: String {
        switch self {
        case .goReleases(let releases): releases.map(\.rawValue).joined(separator: ",")
        case .layout(let layout): layout.rawValue
        case .mapType(let type): "\(type)"
        case .integer(let number): "\(number)"
        case .number(let number): shown(number)
        case .choice(let choice): choice
        }
    }
}

/// A number without the `.0` of a whole one.
private func shown(_ number: Double) -> String {
    number.magnitude < 1e15 && number == number.rounded() ? "\(Int(number))" : "\(number)"
}

// MARK: What scenarios have in common

extension Parameter {
    static func go(_ releases: [GoProfile] = [.go1_23]) -> Parameter {
        Parameter(
            name: "go", kind: .goReleases, standard: .goReleases(releases),
            help: "the Go to behave as; with several, their columns stand side by side")
    }

    static let layout = Parameter(
        name: "layout", kind: .layout, standard: nil,
        help: "how the map keeps its entries; by default as that Go does")

    static func type(_ text: String) -> Parameter {
        guard let type = try? MapTypeName(parsing: text) else {
            preconditionFailure("\(text) is no map's type")
        }
        return Parameter(
            name: "type", kind: .mapType, standard: .mapType(type),
            help: "the types of the map's keys and values")
    }

    static func rounds(_ count: Int) -> Parameter {
        Parameter(name: "rounds", kind: .integer(0...1_000), standard: .integer(count), help: "how many rounds")
    }

    /// - Parameter limit: the most that it takes; ten million entries of the largest usual types fit a usual machine.
    static func count(_ count: Int?, upTo limit: Int = 10_000_000) -> Parameter {
        Parameter(
            name: "count", kind: .integer(1...limit), standard: count.map { .integer($0) },
            help: "how many entries")
    }
}

// MARK: Reading

/// A value as it was given, before anything is known of it.
package enum GivenValue: Equatable, Sendable {
    case text(String)
    case integer(Int)
    case number(Double)
    case list([GivenValue])
    /// Something that no parameter takes, in words.
    case other(String)

    /// For an error.
    fileprivate var shown: String {
        switch self {
        case .text(let text): "'\(echoed(text))'"
        case .integer(let number): "\(number)"
        case .number(let number): Scenarios.shown(number)
        case .list: "a list"
        case .other(let what): what
        }
    }
}

extension Parameter {
    /// What a flag's text gives, read as far as the parameter's kind says how.
    func given(_ text: String) -> GivenValue {
        switch kind {
        case .goReleases:
            return .list(
                text.split(separator: ",", omittingEmptySubsequences: false).map { .text(String($0)) })
        case .integer:
            return text.hasPrefix("+") ? .text(text) : Int(text).map { .integer($0) } ?? .text(text)
        case .number: return Double(text).map { .number($0) } ?? .text(text)
        case .layout, .mapType, .choice: return .text(text)
        }
    }

    /// Checks a value.
    /// - Throws: `ScenarioError.badParameter` with what was wrong and what was expected, under the parameter's name.
    func value(_ given: GivenValue) throws(ScenarioError) -> ParameterValue {
        switch (kind, given) {
        case (.goReleases, .list(let list)): return .goReleases(try releases(list))
        case (.goReleases, _): return .goReleases(try releases([given]))
        case (.layout, .text(let text)):
            guard let layout = MapLayout(rawValue: text) else { break }
            return .layout(layout)
        case (.mapType, .text(let text)): return .mapType(try mapType(text))
        case (.integer(let range), .integer(let number)) where range.contains(number): return .integer(number)
        case (.number(let range), .integer(let number)) where range.contains(Double(number)):
            return .number(Double(number))
        case (.number(let range), .number(let number)) where range.contains(number): return .number(number)
        case (.choice(let choices), .text(let text)) where choices.contains(text): return .choice(text)
        default: break
        }
        throw wrong("is \(given.shown), expected \(expected)")
    }

    /// What it takes, in words.
    package var expected: String {
        switch kind {
        case .goReleases: "one or several of \(GoProfile.allCases.map(\.rawValue).joined(separator: ", ")), or all"
        case .layout: MapLayout.allCases.map(\.rawValue).joined(separator: " or ")
        case .mapType: "a map's type, as in map[string]int"
        case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            "a number from \(shown(range.lowerBound)) to \(shown(range.upperBound))"
        case .choice(let choices): "one of \(choices.joined(separator: ", "))"
        }
    }

    private func releases(_ list: [GivenValue]) throws(ScenarioError) -> [GoProfile] {
        if list == [.text("all")] { return GoProfile.allCases }
        var releases: [GoProfile] = []
        for given in list {
            guard case .text(let text) = given, let release = GoProfile(rawValue: text) else {
                throw wrong("is \(given.shown), expected \(expected)")
            }
            if releases.contains(release) { throw wrong("names \(text) twice") }
            releases.append(release)
        }
        if releases.isEmpty { throw wrong("is an empty list, expected \(expected)") }
        return releases
    }

    private func mapType(_ text: String) throws(ScenarioError) -> MapTypeName {
        let type: MapTypeName
        do throws(GoMapError) {
            type = try MapTypeName(parsing: text)
        } catch {
            throw wrong("is no map's type: \(error)")
        }
        if case .array(let count) = type.key, count < EntrySource.leastKeyBytes {
            throw wrong(
                "is \(type), whose keys are too few: expected [N]byte keys of \(EntrySource.leastKeyBytes) bytes or more"
            )
        }
        return type
    }

    func wrong(_ problem: String) -> ScenarioError { .badParameter(name: name, problem: problem) }
}
