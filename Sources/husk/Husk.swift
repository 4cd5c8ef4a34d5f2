// The command line. Every error is one line on stderr: 64 for what was asked wrongly, 1 for what went wrong.

import ArgumentParser
import Glibc
import HuskService

@main
struct Husk: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "husk",
        abstract: "One shared Go-style map on a Go-style heap, over HTTP.",
        discussion: "husk --generate-completion-script bash (or zsh or fish) prints completions for it.",
        version: "husk \(Version.husk) (Swift \(Version.swift), libmicrohttpd \(Version.libmicrohttpd))",
        subcommands: [
            Serve.self, Top.self, RunWorkload.self, Compare.self, Replay.self, RunScenario.self, PrintSize.self,
            HealthCheck.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot(joiningNegativeNumbers(CommandLine.arguments.dropFirst()))
            try command.run()
        } catch let failure as Failure {
            report(failure.description)
            Glibc.exit(1)
        } catch {
            let code = exitCode(for: error)
            // Help, versions and completions are no errors; of a wrong flag, one line says enough.
            if code == .success { finish(printing: fullMessage(for: error)) }
            report(message(for: error))
            Glibc.exit(code.rawValue)
        }
    }

    private static func finish(printing text: String) -> Never {
        do throws(Failure) {
            try Output.write(text + "\n")
        } catch {
            report(error.description)
            Glibc.exit(1)
        }
        Glibc.exit(0)
    }

    /// `--hint -1` as `--hint=-1`. What begins with a hyphen is an option to ArgumentParser, which would then say that
    /// `--hint` has no value, instead of which values it may have.
    private static func joiningNegativeNumbers(_ arguments: some Sequence<String>) -> [String] {
        var joined: [String] = []
        for argument in arguments {
            let isNumber = argument.hasPrefix("-") && argument.dropFirst().first?.isNumber == true
            if isNumber, let option = joined.last, option.hasPrefix("--"), option != "--",
                !option.contains("=")
            {
                joined[joined.count - 1] = "\(option)=\(argument)"
            } else {
                joined.append(argument)
            }
        }
        return joined
    }

    private static func report(_ message: String) {
        let line = message.split(separator: "\n").joined(separator: " ")
        let text = "husk: \(line)\n"
        _ = write(STDERR_FILENO, text, text.utf8.count)
    }
}

/// Something went wrong that the command line is not to blame for: exit status 1.
struct Failure: Error, CustomStringConvertible {
    var description: String
}
