// `husk replay`: a recorded stream over a map of this process's own.

import ArgumentParser
import KeyStreams
import Workloads

struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Replay a recorded stream of keys over a map of this process's own and print what it cost.",
        discussion: """
            Formats, seen by the lines:
              monitor    what redis-cli MONITOR prints
              twitter    the CSV of Twitter's cache traces: timestamp,key,key size,value size,client,operation,TTL
              memcached  what memcached prints to: watch mutations fetchers
              ndjson     {"key":"k","value":"v"} as GET /map/entries writes it; "op", "time", "ttl", "valueBytes" beside

            Plain, gzip or Zstandard, seen by the first bytes. A get that misses loads the entry, as a cache does, with the
            size that was last seen of the key. A remedy is looked at every 100,000 operations.

              redis-cli monitor | husk replay -
              husk replay cluster52.sort.zst --ttl --limit 10000000 --remedy copy,loadBelow=0.25
              husk replay monitor.log.gz --type 'map[string]string' --layout swiss --speed 10
              husk replay monitor.log --check

            SIGINT ends it with what it has done so far, and exit status 130.
            """)

    @Argument(help: "The file of the stream; - is standard input.")
    var file: String

    @Option(help: "monitor, twitter, memcached or ndjson. (default: seen by the lines)")
    var format: String?

    @Flag(help: "Delete keys when they expire, by the stream's clock.")
    var ttl = false

    @Flag(help: "Count gets that miss, and load nothing: what the stream sets is all that there is.")
    var noLoads = false

    @Option(help: "How many times as fast as it was recorded, as in 1 or 0.5. (default: as fast as it goes)")
    var speed: String?

    @Option(help: "Ends after so many operations of the stream.")
    var limit: String?

    @Flag(help: "Stop at the first bad line instead of counting it.")
    var strict = false

    @Flag(help: "Only read the stream, and print its format, its lines and the first bad ones.")
    var check = false

    @Option(help: "Ends after so many rounds of 100,000 operations.")
    var rounds: String?

    @Option(help: "Ends after so long, as in 1m30s.")
    var duration: String?

    @Option(help: "Operations a second. (default: as fast as it goes)")
    var rate: String?

    @OptionGroup(title: "Map and runtime options")
    var lab: LabOptions

    @Option(
        help: "What is done about what the map retains, between two rounds, as in copy,loadBelow=0.25. (default: none)")
    var remedy: String?

    @Flag(help: "Print samples, marks and the report as lines of JSON instead of a table.")
    var json = false

    func run() throws {
        var workload = try workload()
        if let remedy { workload.remedy = try RunWorkload.policy(remedy) }
        let settings = workload.replay
        let configuration = try lab.configuration(seed: workload.seed)
        guard configuration.type.key == .string else {
            throw ValidationError("--type: a replay's keys are strings, and those of a \(configuration.type) are not")
        }
        let stream: KeyStream
        do throws(KeyStreamError) {
            stream = try KeyStream(path: settings.path, format: settings.format, isStrict: settings.isStrict)
        } catch {
            throw Failure(description: "replay: \(error)")
        }
        if check { return try read(stream) }
        try WorkloadSession.run("replay", workload, configuration, json: json) { lab in
            try ReplaySource(lab, stream, settings)
        }
    }

    /// - Throws: `ValidationError`, which names the option.
    private func workload() throws -> Workload {
        var given: [(name: String, value: WorkloadValue)] = [
            ("kind", .text(Workload.Kind.replay.rawValue)), ("path", .text(file)), ("expire", .boolean(ttl)),
            ("loadMisses", .boolean(!noLoads)), ("strict", .boolean(strict)),
        ]
        let texts = [
            ("format", format), ("speed", speed), ("limit", limit), ("rounds", rounds), ("duration", duration),
            ("rate", rate),
        ]
        for (name, text) in texts {
            if let text, let field = WorkloadField.named(name) { given.append((name, field.given(text))) }
        }
        do throws(WorkloadError) {
            return try Workload(given: given)
        } catch {
            throw ValidationError("\(error.field == "path" ? "the file's name" : "--" + error.field) \(error.problem)")
        }
    }

    /// Reads all of a stream, and says what there is.
    private func read(_ stream: KeyStream) throws {
        var operations: [KeyOperation] = []
        var failure: KeyStreamError?
        do throws(KeyStreamError) {
            while try stream.next(into: &operations) {}
        } catch {
            failure = error
        }
        let tally = stream.tally
        let format = tally.format.map { "\($0.rawValue), \($0.title)" } ?? "of no known format"
        try Output.write(
            """
            \(format)\(tally.packing == .plain ? "" : ", packed by \(tally.packing.rawValue)")
            \(tally.lines) lines: \(tally.operations) operations, \(tally.skippedLines) lines skipped, \(tally.badLines) bad
            \(tally.badLineList)
            """)
        if let failure { throw Failure(description: "replay: \(failure)") }
    }
}
