// Public reports on the memory of Go's maps, each run again: what the report publishes and what real Go gave stand beside
// what Husk gives.
//
// The figures of real Go are those of Tests/ScenariosTests/go/cases.go, which does the same steps, on linux/amd64. They are
// figures of the report's own count and of the Go's own layout; with others they are left out.

import GoHeap
import GoMap

/// One report.
package struct PublicCase: Sendable {
    /// How near a figure comes to real Go's.
    package enum Tolerance: Equatable, Sendable {
        /// By so much of the greatest figure of the column, in these rows or in all.
        case share(Double, rows: Range<Int>? = nil)
        /// In which row, and in which Go, it is greater: the figure itself depends on chance or on time.
        case order
    }

    package struct Figure: Sendable {
        package var name: String
        package var unit = ""
        package var tolerance: Tolerance
    }

    /// What a programme built with real Go printed: a row for each of the case's, with its first figures.
    package struct Measured: Sendable {
        var profile: GoProfile
        /// As in `1.23.9`.
        var go: String
        var rows: [[Int]]
    }

    package let name: String
    package let title: String
    /// Where it was published.
    package let source: String
    /// Entries, as the report has them.
    package let count: Int
    package let figures: [Figure]
    /// What the report has for each row, in its own words; fewer, or empty, where it has nothing.
    package let published: [String]
    package let measured: [Measured]
    let note: String
    let perform: @Sendable (CaseRun) throws(ScenarioError) -> Void

    package static let all: [PublicCase] = [
        .juicefs4491, .lcw45, .goGotchas, .go70886, .inlineValues, .go78962, .go58106, .gogc300, .otel47337,
        .utreexod195,
    ]
}

extension Parameter {
    static let publicCase = Parameter(
        name: "case", kind: .choice(PublicCase.all.map(\.name)), standard: .choice(PublicCase.all[0].name),
        help: "which report")
}

extension Scenario {
    static let publicCase = Scenario(
        name: "public-case", title: "A public report on the memory of maps, beside its figures and real Go's",
        parameters: [.go(), .layout, .publicCase, .count(nil)]
    ) { (run) throws(ScenarioError) in
        let name = run.choice(.publicCase)
        guard let report = PublicCase.all.first(where: { $0.name == name }) else {
            preconditionFailure("the choices are the cases' names")
        }
        let caseRun = CaseRun(run, count: run.integerIfGiven(.count(nil)) ?? report.count)
        try report.perform(caseRun)
        return report.table(caseRun, run)
    }
}

/// One run of a case: it reads a row after each step.
final class CaseRun {
    let run: ScenarioRun
    let count: Int
    fileprivate private(set) var rows: [(step: String, figures: [Int])] = []

    init(_ run: ScenarioRun, count: Int) {
        self.run = run
        self.count = count
    }

    func scenario(_ type: String, shape: EntryShape = EntryShape()) throws(ScenarioError) -> ScenarioHeap {
        guard let type = try? MapTypeName(parsing: type) else { preconditionFailure("\(type) is no map's type") }
        return try ScenarioHeap(run, type: type, shape: shape)
    }

    func row(_ step: String, _ figures: Int...) throws(ScenarioError) {
        try run.checkpoint()
        rows.append((step, figures))
    }
}

extension ScenarioHeap {
    var heapAlloc: Int { Int(readMemStats().heapAlloc) }
}

extension PublicCase {
    fileprivate func table(_ caseRun: CaseRun, _ run: ScenarioRun) -> ScenarioTable {
        let isTheirs = caseRun.count == count && run.layout == nil
        let beside = isTheirs ? measured.filter { run.releases.contains($0.profile) } : []
        var columns: [ScenarioTable.Column] = [.init(name: "step", role: .label)]
        var rows: [[ScenarioTable.Cell]] = caseRun.rows.map { [.text($0.step)] }
        for (index, figure) in figures.enumerated() {
            columns.append(.init(name: figure.name, unit: figure.unit))
            for row in rows.indices { rows[row].append(.number(caseRun.rows[row].figures[index])) }
            for go in beside where index < go.rows[0].count {
                columns.append(.init(name: figure.name, unit: figure.unit, published: go.go))
                for row in rows.indices { rows[row].append(.number(go.rows[row][index])) }
            }
        }
        if isTheirs {
            columns.append(.init(name: "published", role: .common))
            for row in rows.indices {
                let text = row < published.count ? published[row] : ""
                rows[row].append(text.isEmpty ? .none : .text(text))
            }
        }
        return ScenarioTable(columns: columns, rows: rows, note: "\(title): \(source) \(note)")
    }
}
