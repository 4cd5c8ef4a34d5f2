// `husk scenario`: one experiment in this process, its table on stdout.

import ArgumentParser
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
                print("\(scenario.rawValue)\(space)  \(scenario.title)")
            }
            return
        }
        guard let scenario = Scenario(rawValue: name) else {
            let known = Scenario.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no scenario '\(name)': expected one of \(known)")
        }
        do {
            print(try scenario.run().text, terminator: "")
        } catch {
            throw Failure(description: "scenario \(name): \(error)")
        }
    }
}
