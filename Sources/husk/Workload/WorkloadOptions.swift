// The fields of a workload as options. What values they take is written where they are read (WorkloadFields.swift).

import ArgumentParser
import GoMap
import Workloads

struct WorkloadOptions: ParsableArguments {
    @Option(help: "Keys that live; of leak, before it begins. (default: 100000; of leak 0)")
    var live: String?

    @Option(help: "The share of them that a round replaces, over 0 to 1. (default: 0.2)")
    var updateFraction: String?

    @Option(help: "The share of those replaced whose key is new, 0 to 1; the others are overwritten. (default: 1)")
    var drift: String?

    @Option(help: "Which keys are replaced: oldest or random. (default: oldest)")
    var victim: String?

    @Option(help: "Reads of live keys for each write; one that misses loads the entry. (default: 0)")
    var readsPerWrite: String?

    @Option(help: "Which keys are read: uniform or zipf. (default: uniform)")
    var reads: String?

    @Option(help: "How long a key lives. A round is a tenth of it. (default: 1h0m0s)")
    var ttl: String?

    @Option(help: "How long a day is. (default: 24h0m0s)")
    var day: String?

    @Option(help: "How far arrivals rise and fall around their mean in a day, 0 to 1. (default: 0)")
    var wave: String?

    @Option(help: "Keys that a leak ends with; a round is 10,000 inserts. (default: 1000000)")
    var size: String?

    @Option(help: "Ends after so many rounds. (default: 20, of ttl a day's, unless there is a duration)")
    var rounds: String?

    @Option(help: "Ends after so long, as in 1m30s, or after the rounds, whichever is first.")
    var duration: String?

    @Option(
        help: """
            Operations a second; of ttl arrivals a second, and its clock is then the wall's. (default: as fast as it goes)
            """)
    var rate: String?

    @Option(help: "The least time from the start of a round to that of the next, as in 500ms. (default: 0s)")
    var interval: String?

    @Option(help: "What is random follows from it. (default: 1)")
    var seed: String?

    @Option(help: "Bytes of each string or []byte value. (default: 16)")
    var valueBytes: String?

    @Option(help: "Stands before the number in string and [N]byte keys. (default: k)")
    var prefix: String?

    @Option(help: "Digits of that number at least: zeros stand before it. (default: 0)")
    var keyDigits: String?

    /// The workload of a kind, `partial-update` or another.
    ///
    /// - Parameter path: of `replay`: the file of the stream.
    /// - Throws: `ValidationError`, which names the option.
    func workload(_ kind: String, path: String? = nil) throws -> Workload {
        var given: [(name: String, value: WorkloadValue)] = [("kind", .text(kind))]
        if let path { given.append(("path", .text(path))) }
        for (name, text) in texts {
            guard let text, let field = WorkloadField.named(name) else { continue }
            given.append((name, field.given(text)))
        }
        do throws(WorkloadError) {
            return try Workload(given: given)
        } catch {
            let name = error.field == "kind" ? "the workload's kind" : "--" + Self.optionName(error.field)
            throw ValidationError("\(name) \(error.problem)")
        }
    }

    /// Those that were given, to be passed on to another process.
    var arguments: [String] {
        texts.flatMap { name, text in text.map { ["--\(Self.optionName(name))=\($0)"] } ?? [] }
    }

    private var texts: KeyValuePairs<String, String?> {
        [
            "live": live, "updateFraction": updateFraction, "drift": drift, "victim": victim,
            "readsPerWrite": readsPerWrite, "reads": reads, "ttl": ttl, "day": day, "wave": wave, "size": size,
            "rounds": rounds, "duration": duration, "rate": rate, "interval": interval, "seed": seed,
            "valueBytes": valueBytes, "prefix": prefix, "keyDigits": keyDigits,
        ]
    }

    /// `updateFraction` as `update-fraction`.
    private static func optionName(_ field: String) -> String {
        field.reduce(into: "") { name, character in
            name += character.isUppercase ? "-" + character.lowercased() : String(character)
        }
    }
}
