// `husk scenario`: one experiment in this process, its table on stdout.

import ArgumentParser
import Glibc
import GoMap
import HuskLab

struct RunScenario: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenario", abstract: "Run one scenario and print its table; without a name, list them.")

    @Argument(help: "A scenario's name.")
    var name: String?

    func run() throws {
        guard let name else {
            let width = Scenario.allCases.reduce(0) { max($0, $1.rawValue.count) }
            for scenario in Scenario.allCases {
                let space = String(repeating: " ", count: width - scenario.rawValue.count)
                try Output.write("\(scenario.rawValue)\(space)  \(scenario.title)\n")
            }
            return
        }
        guard let scenario = Scenario(rawValue: name) else {
            let known = Scenario.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no scenario '\(echoed(name))': expected one of \(known)")
        }
        let table: ScenarioTable
        do {
            let progress = TerminalProgress(name)
            defer { progress.clear() }
            table = try scenario.run(onStep: progress.show)
        } catch {
            throw Failure(description: "scenario \(name): \(error)")
        }
        try Output.write(table.text)
    }
}

/// How far a scenario is, in one line on stderr for somebody who looks at it.
private struct TerminalProgress {
    private let name: String
    private let isShown = isatty(STDERR_FILENO) == 1

    init(_ name: String) { self.name = name }

    func show(done: Int, of all: Int) { write("\r\(name): \(done) of \(all)") }

    /// Takes the line back.
    func clear() { write("\r\u{1B}[K") }

    private func write(_ text: String) {
        if isShown { _ = Glibc.write(STDERR_FILENO, text, text.utf8.count) }
    }
}
