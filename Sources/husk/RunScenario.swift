// `husk scenario`: one experiment in this process, its table on stdout.
//
// Which flags there are is the scenarios' own declaration (Parameter.swift): they are not declared again here.

import ArgumentParser
import Glibc
import GoHeap
import GoMap
import HuskService
import Scenarios

struct RunScenario: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenario", abstract: "Run one scenario and print its table.",
        usage: "husk scenario NAME [--format FORMAT] [--PARAMETER VALUE ...]\nhusk scenario --list",
        discussion: ScenarioHelp.all)

    @Flag(help: "List the scenarios.")
    var list = false

    @Option(help: "table, json, csv or markdown.")
    var format = TableFormat.table

    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("A scenario's name and parameters.", visibility: .hidden))
    var words: [String] = []

    func run() throws {
        var words = ScenarioWords()
        try words.read(self.words)
        guard let name = words.name else {
            if let flag = words.flags.first {
                throw ValidationError("--\(echoed(flag.name)): of which scenario? Its name is missing")
            }
            return try Output.write(ScenarioHelp.list)
        }
        guard let scenario = Scenario.named(name) else {
            let known = Scenario.all.map(\.name).joined(separator: ", ")
            throw ValidationError("there is no scenario '\(echoed(name))': expected one of \(known)")
        }
        if list { return try Output.write(ScenarioHelp.parameters(of: scenario)) }
        let arguments: Arguments
        do throws(ScenarioError) {
            arguments = try Arguments(scenario, texts: words.flags)
        } catch {
            throw ValidationError(error.description)
        }
        let table = try run(scenario, arguments)
        try Output.write(format.text(of: table))
        // As the kernel's OOM killer does: nothing can be caught, and a shell says 137.
        if table.isKilled { kill(getpid(), SIGKILL) }
    }

    private func run(_ scenario: Scenario, _ arguments: Arguments) throws -> ScenarioTable {
        let progress = TerminalProgress(scenario.name)
        defer { progress.clear() }
        let limitBytes = MemoryCeiling.ofThisProcess.bytes / 4 * 3
        do throws(ScenarioError) {
            return try scenario.run(arguments, limitBytes: { _ in limitBytes }, onStep: progress.show)
        } catch {
            throw Failure(description: "scenario \(scenario.name): \(error)")
        }
    }
}

/// How far a scenario is, in one line on stderr for somebody who looks at it.
struct TerminalProgress {
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

/// The words after `scenario`: a name, and a flag with its value for each parameter, in any order.
private struct ScenarioWords {
    var name: String?
    var flags: [(name: String, text: String)] = []

    mutating func read(_ words: [String]) throws {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-") else {
                if let name {
                    throw ValidationError(
                        "two names, '\(echoed(name))' and '\(echoed(word))': expected one scenario")
                }
                name = word
                continue
            }
            guard word.hasPrefix("--") else {
                throw ValidationError("'\(echoed(word))' is no parameter: those begin with --")
            }
            let parts = word.dropFirst(2).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 {
                flags.append((String(parts[0]), String(parts[1])))
            } else if let text = rest.popFirst() {
                flags.append((String(parts[0]), text))
            } else {
                throw ValidationError("\(echoed(word)): its value is missing")
            }
        }
    }
}
