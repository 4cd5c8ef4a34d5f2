// The built binary, run as a user runs it.

import Foundation
import TestSupport

struct Finished {
    var status: Int32
    var output: String
    var errors: String
    var errorLines: Int { errors.split(separator: "\n").count }
}

enum HuskBinary {
    /// Beside the tests' own bundle.
    static let url: URL? = {
        let candidates = CommandLine.arguments.compactMap { argument -> URL? in
            guard argument.hasSuffix(".xctest") else { return nil }
            return URL(fileURLWithPath: argument).deletingLastPathComponent()
        }
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        return (candidates + [own]).map { $0.appending(path: "husk") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }()

    static func start(_ arguments: [String], environment: [String: String] = [:]) throws -> (
        Process, Pipe, Pipe
    ) {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no"].merging(environment) {
            $1
        }
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return (process, output, errors)
    }

    static func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Finished {
        try run(arguments, environment: environment)
    }

    static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Finished {
        let (process, output, errors) = try start(arguments, environment: environment)
        let said = output.fileHandleForReading.readDataToEndOfFile()
        let complained = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Finished(
            status: process.terminationStatus, output: String(decoding: said, as: UTF8.self),
            errors: String(decoding: complained, as: UTF8.self))
    }

    /// Serves on a free port for as long as `body` runs, then sends `signal`; answers the exit status.
    static func serve(
        _ arguments: [String] = [], environment: [String: String] = [:], signal: Int32 = SIGTERM,
        _ body: (_ port: Int) throws -> Void
    ) throws -> Int32 {
        try serve(arguments, environment: environment, signal: signal) { port, _ in try body(port) }
    }

    /// The same for a body that looks at the process too.
    static func serve(
        _ arguments: [String] = [], environment: [String: String] = [:], signal: Int32 = SIGTERM,
        _ body: (_ port: Int, _ process: Int32) throws -> Void
    ) throws -> Int32 {
        let log = try serveWithLog(arguments, environment: environment, signal: signal, body)
        return log.status
    }

    /// The same, with what it had logged when it was ready.
    static func serveWithLog(
        _ arguments: [String] = [], environment: [String: String] = [:], signal: Int32 = SIGTERM,
        _ body: (_ port: Int, _ process: Int32) throws -> Void
    ) throws -> (log: String, status: Int32) {
        let (process, _, errors) = try start(
            ["serve", "--port", "0"] + arguments, environment: environment)
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        let log = try readLog(errors, until: "http://127.0.0.1:")
        let digits = log.split(separator: "http://127.0.0.1:")[1].prefix { $0.isNumber }
        try body(Int(digits)!, process.processIdentifier)
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return (log, process.terminationStatus)
    }

    /// Serves on a free port until `body` is done; answers all that the server logs.
    ///
    /// - Parameter body: is given the log until the line that says where it listens.
    static func log(
        _ arguments: [String] = [], environment: [String: String] = [:],
        _ body: (_ start: String) throws -> Void = { _ in }
    ) throws -> String {
        let (process, _, errors) = try start(["serve", "--port", "0"] + arguments, environment: environment)
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        var log = try readLog(errors, until: " serves a ")
        try body(log)
        kill(process.processIdentifier, SIGTERM)
        log += String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return log
    }

    /// Reads what a server logs until there is a line with `mark`.
    static func readLog(_ errors: Pipe, until mark: String) throws -> String {
        var log = ""
        while !log.contains(mark) || !log.hasSuffix("\n") {
            let piece = errors.fileHandleForReading.availableData
            if piece.isEmpty { throw ClientFailure(description: "the server ended: \(log)") }
            log += String(decoding: piece, as: UTF8.self)
        }
        return log
    }

    /// The port at the end of the line that says where a server listens.
    static func port(in log: String) -> Int {
        Int(log.split(separator: " serves a ").last!.prefix { $0 != "\n" }.split(separator: ":").last!)!
    }
}
