// Options and environment variables as settings: the option wins, then the variable, then the default.

import ArgumentParser
import Glibc
import GoMap
import HuskLab
import HuskService
import Logging
import MicroHTTP

final class Settings {
    /// What is worth telling of what was found, one sentence each.
    private(set) var warnings: [String] = []
    /// Where settings come from that were left to be found out, one sentence each.
    private(set) var notices: [String] = []
    /// Husk's variables: those that have been looked for.
    private var variables: Set<String> = []

    func serverConfiguration(_ options: Serve) throws -> HuskServer.Configuration {
        var configuration = HuskServer.Configuration()
        if let (host, _) = setting(options.host, "host") { configuration.host = HostAddress(host).bare }
        if let port = try integer(options.port, "port", in: 0...65_535) { configuration.port = port }
        if let (text, name) = setting(options.type, "type") {
            do throws(GoMapError) {
                configuration.type = try MapTypeName(parsing: text)
            } catch {
                throw ValidationError("\(name): \(error)")
            }
        }
        if let hint = try integer(options.hint, "hint", in: 0...1_000_000_000) { configuration.hint = hint }
        configuration.layout = try parsed(setting(options.layout, "layout"), SettingText.layout)
        if let shards = try parsed(setting(options.shards, "shards"), SettingText.shards) {
            configuration.shards = shards
        }
        configuration.threads = try integer(options.threads, "threads", in: 1...1024)
        if let (text, name) = setting(options.headLimit, "head-limit") {
            guard let bytes = ByteCount.parse(text), HTTPServer.Configuration.headLimits.contains(bytes) else {
                throw ValidationError("\(name): '\(text)' is not a size from 2KiB to 256KiB, as in 16384 or 16KiB")
            }
            configuration.headLimitBytes = bytes
        }
        configuration.headTimeoutSeconds = try integer(options.headTimeout, "head-timeout", in: 1...3600)
        configuration.requestTimeoutSeconds = try integer(
            options.requestTimeout, "request-timeout", in: 1...86_400)
        if let (text, name) = setting(options.minRate, "min-rate") {
            guard let bytes = ByteCount.parse(text), bytes <= 1 << 30 else {
                throw ValidationError("\(name): '\(text)' is not a size of at most 1GiB, as in 4096 or 4KiB")
            }
            configuration.minimumBytesPerSecond = bytes
        }
        if let (text, name) = setting(options.maxMemory, "max-memory") {
            guard let bytes = ByteCount.parse(text), bytes >= Self.leastMaxMemoryBytes else {
                throw ValidationError(
                    "\(name): '\(text)' is not a size of at least 4MiB, as in 4294967296, 512MiB or 4GiB")
            }
            configuration.maxMemoryBytes = bytes
        }
        configuration.timelineSize = try integer(options.timelineSize, "timeline-size", in: 60...1_000_000)
        if let (text, name) = setting(options.timelinePeriod, "timeline-period") {
            guard let period = GoDuration(parsing: text), Self.timelinePeriods.contains(period.nanoseconds) else {
                throw ValidationError("\(name): '\(text)' is not a time from 10ms to 1h, as in 500ms or 10s")
            }
            configuration.timelinePeriodNanoseconds = UInt64(period.nanoseconds)
        }
        configuration.corsOrigins = try corsOrigins(options)
        configuration.replayDirectory = setting(options.replayDir, "replay-dir")?.text
        configuration.settings = try runtimeSettings(options.runtime)
        configuration.timeScale = try timeScale(options.runtime)
        return configuration
    }

    private func corsOrigins(_ options: Serve) throws -> [WebOrigin] {
        let option = options.corsOrigin.isEmpty ? nil : options.corsOrigin.joined(separator: ",")
        guard let (text, name) = setting(option, "cors-origin") else { return [] }
        return try text.split(separator: ",").map { item in
            let item = item.trimmingPrefix(while: \.isWhitespace)
            guard let origin = WebOrigin(parsing: String(item)) else {
                throw ValidationError(
                    "\(name): '\(item)' is no origin: expected http:// or https://, a host and perhaps a port"
                )
            }
            return origin
        }
    }

    /// How long `/readyz` is 503 before the server stops, in seconds.
    func drainSeconds(_ option: String?) throws -> Int { try integer(option, "drain", in: 0...3600) ?? 0 }

    func logLevel(_ option: String?) throws -> Logger.Level {
        guard let (text, name) = setting(option, "log-level") else { return .info }
        guard let level = Logger.Level(rawValue: text.lowercased()) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\(name): '\(text)' is none of \(known)")
        }
        return level
    }

    /// Where a server with the environment's settings can be reached from this machine, as in `127.0.0.1:8080`.
    static func environmentAddress() -> String {
        let host = HostAddress(environment("HUSK_HOST") ?? "127.0.0.1").reachable
        return "\(host.inURL):\(environment("HUSK_PORT") ?? "8080")"
    }

    /// Warns of variables that are Husk's by their name and that nothing has looked for; to be called when all settings have
    /// been read.
    func warnOfUnknownVariables() { warnings += unknownVariables(known: variables) }

    func inform(_ sentence: String) { notices.append(sentence) }

    func warn(_ sentences: [String]) { warnings += sentences }

    private static let timelinePeriods: ClosedRange<Int64> = 10_000_000...3_600_000_000_000

    /// Less than this, and the heap cannot take its first steps.
    static let leastMaxMemoryBytes = 4 << 20

    /// What is set, and what to call it in an error.
    ///
    /// - Parameters:
    ///   - option: the flag's value, if it was given.
    ///   - name: the flag's name; Husk's variable is called after it.
    func setting(_ option: String?, _ name: String) -> (text: String, name: String)? {
        let variable = "HUSK_" + name.uppercased().replacing("-", with: "_")
        variables.insert(variable)
        if let option { return (option, "--\(name)") }
        return Self.environment(variable).map { ($0, variable) }
    }

    /// An environment variable; one that is empty counts as not set.
    static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// A setting read, or nil when it is not set.
    func parsed<Value>(
        _ setting: (text: String, name: String)?, _ parse: (String) throws(SettingError) -> Value
    ) throws -> Value? {
        guard let setting else { return nil }
        do throws(SettingError) {
            return try parse(setting.text)
        } catch {
            throw ValidationError(
                "\(setting.name): '\(echoed(setting.text))' is no value of it: \(error.expected)")
        }
    }

    private func integer(_ option: String?, _ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let (text, name) = setting(option, name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw ValidationError(
                "\(name): '\(text)' is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
