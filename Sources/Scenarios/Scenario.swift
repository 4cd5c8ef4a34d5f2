// The scenarios of the source documents, each on a heap of its own, so that its figures are its own.
//
//     let scenario = Scenario.named("reuse")!
//     let arguments = try Arguments(scenario, texts: [("go", "1.23,1.27"), ("count", "1000")])
//     print(try scenario.run(arguments).text)
//
// What is measured is real: objects on a Go heap, collections, pages. RSS is the whole process's. Each scenario is one file
// of Experiments: its name, its parameters, and a function that does it as one Go and answers a table.

import GoHeap
import GoMap

/// A scenario: a name, what may be set of it, and how it is done.
package struct Scenario: Sendable {
    package let name: String
    /// One line on what it shows.
    package let title: String
    package let parameters: [Parameter]
    /// Refuses what no parameter is by itself: `ScenarioError.badParameter`.
    var check: @Sendable (Arguments) throws(ScenarioError) -> Void = { _ in }
    /// Does it as one Go.
    let perform: @Sendable (ScenarioRun) throws(ScenarioError) -> ScenarioTable

    package static let all: [Scenario] = [
        .globalDelete, .globalNil, .functionDelete, .functionNil, .local, .partialUpdate, .hint, .reuse,
        .fifteenMinutes, .channelAndMap, .gcTime, .clearIdiom, .fragmentation, .remedies, .versions, .memoryLimit,
        .publicCase,
    ]

    package static func named(_ name: String) -> Scenario? { all.first { $0.name == name } }

    /// Runs it, once for each Go that is asked for.
    ///
    /// - Parameters:
    ///   - arguments: made for this scenario.
    ///   - limitBytes: asked when the heap has grown past its last answer: the most that it may have in use, being given
    ///     what it has.
    ///   - loan: kept until the last heap's memory has been given back, which of a cancelled scenario may be later than the
    ///     return.
    ///   - isCancelled: asked between steps and every few entries.
    ///   - onStep: told after each step of those that take long, how many are done of how many.
    /// - Returns: its table; of several Gos, with their columns side by side.
    /// - Throws: anything of `ScenarioError` but `badParameter`.
    package func run(
        _ arguments: Arguments, limitBytes: @escaping (_ inUseBytes: Int) -> Int = { _ in .max },
        loan: AnyObject? = nil, isCancelled: @escaping () -> Bool = { false },
        onStep: @escaping (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) throws(ScenarioError) -> ScenarioTable {
        var tables: [ScenarioTable] = []
        let releases = arguments.releases
        for (index, release) in releases.enumerated() {
            let run = ScenarioRun(
                profile: release, arguments: arguments, limitBytes: limitBytes, loan: loan,
                isCancelled: isCancelled
            ) { done, all in
                onStep(index * all + done, releases.count * all)
            }
            tables.append(try perform(run))
        }
        var table = ScenarioTable.sideBySide(tables, of: releases).withoutEmptyColumns
        table.name = name
        table.title = title
        table.parameters = parameters.compactMap { parameter in
            arguments[parameter].map { (parameter.name, $0) }
        }
        return table
    }
}

/// One run of a scenario, as one Go.
struct ScenarioRun {
    let profile: GoProfile
    private let arguments: Arguments
    let limitBytes: (_ inUseBytes: Int) -> Int
    let loan: AnyObject?
    let isCancelled: () -> Bool
    /// To be told of steps that are done: how many, of how many.
    let onStep: (_ done: Int, _ all: Int) -> Void

    init(
        profile: GoProfile, arguments: Arguments, limitBytes: @escaping (Int) -> Int,
        loan: AnyObject?, isCancelled: @escaping () -> Bool, onStep: @escaping (Int, Int) -> Void
    ) {
        self.onStep = onStep
        self.profile = profile
        self.arguments = arguments
        self.limitBytes = limitBytes
        self.loan = loan
        self.isCancelled = isCancelled
    }

    /// The same as another Go.
    func with(profile: GoProfile) -> ScenarioRun {
        ScenarioRun(
            profile: profile, arguments: arguments, limitBytes: limitBytes, loan: loan,
            isCancelled: isCancelled, onStep: onStep)
    }

    /// To be called now and then: ends the run when nobody waits for it.
    func checkpoint() throws(ScenarioError) {
        if isCancelled() { throw .cancelled }
    }

    var count: Int { integer(.count(0)) }

    var type: MapTypeName {
        guard case .mapType(let type)? = arguments[.type("map[int]int")] else {
            preconditionFailure("this scenario takes no type")
        }
        return type
    }

    /// Nil for the layout of the Go.
    var layout: MapLayout? {
        if case .layout(let layout)? = arguments[.layout] { layout } else { nil }
    }

    func integer(_ parameter: Parameter) -> Int {
        guard let number = arguments.integer(parameter) else {
            preconditionFailure("this scenario takes no \(parameter.name)")
        }
        return number
    }

    /// Nil when it was left out and has no default.
    func integerIfGiven(_ parameter: Parameter) -> Int? { arguments.integer(parameter) }

    func choice(_ parameter: Parameter) -> String {
        guard case .choice(let choice)? = arguments[parameter] else {
            preconditionFailure("this scenario takes no \(parameter.name)")
        }
        return choice
    }

    /// All releases that it runs as, one after the other.
    var releases: [GoProfile] { arguments.releases }

    func number(_ parameter: Parameter) -> Double {
        guard case .number(let number)? = arguments[parameter] else {
            preconditionFailure("this scenario takes no \(parameter.name)")
        }
        return number
    }
}
