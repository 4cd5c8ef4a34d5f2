// The options of a lab of a command's own, without a server: which Go, which map. `husk workload`, `husk compare` and `husk
// replay` have them.

import ArgumentParser
import GoHeap
import GoMap
import HuskLab

struct LabOptions: ParsableArguments {
    @Option(help: "The Go to behave as: 1.10, 1.14, 1.19, 1.23, 1.24 or 1.27. (default: 1.23)")
    var go: String?

    @Option(help: "How the map keeps its entries: bucket or swiss. (default: that of the Go)")
    var layout: String?

    @Option(help: "The map's type in Go's syntax. (default: map[string][]byte)")
    var type: String?

    @Option(help: "How many entries to make the map for. (default: 0)")
    var hint: String?

    @Option(help: "How many maps the hash of a key picks from, a power of two up to 4096. (default: 1)")
    var shards: String?

    @Option(help: "How far the heap may grow between collections, in percent, or off. (default: 100)")
    var gogc: String?

    @Option(help: "Go's soft memory limit, as in 268435456, 256MiB, 90% of the memory, or off. (default: off)")
    var memoryLimit: String?

    @Option(help: "Most bytes that the heap may take, as in 4GiB. (default: 3/4 of the memory)")
    var maxMemory: String?

    /// Those that were given, to be passed on to another process.
    var arguments: [String] {
        let texts: KeyValuePairs = [
            "go": go, "layout": layout, "type": type, "hint": hint, "shards": shards, "gogc": gogc,
            "memory-limit": memoryLimit, "max-memory": maxMemory,
        ]
        return texts.flatMap { name, text in text.map { ["--\(name)=\($0)"] } ?? [] }
    }

    /// - Parameter seed: what the hashes of its maps follow from.
    /// - Throws: `ValidationError`, which names the option.
    func configuration(seed: Int) throws -> Lab.Configuration {
        var configuration = Lab.Configuration()
        var change = SettingsChange()
        change.profile = try parsed("go", go, SettingText.profile)
        change.gcPercent = try parsed("gogc", gogc, SettingText.gcPercent)
        change.memoryLimit = try parsed("memory-limit", memoryLimit) { (text) throws(SettingError) in
            try SettingText.memoryLimit(text, of: .ofThisProcess)
        }
        configuration.settings = change.applied(to: LabSettings())
        configuration.layout = try parsed("layout", layout, SettingText.layout)
        if let shards = try parsed("shards", shards, SettingText.shards) { configuration.shards = shards }
        if let type {
            do throws(GoMapError) {
                configuration.type = try MapTypeName(parsing: type)
            } catch {
                throw ValidationError("--type: \(error)")
            }
        }
        if let hint {
            guard let number = Int(hint), (0...KeyRange.countLimit).contains(number) else {
                throw ValidationError("--hint: '\(echoed(hint))' is not a number from 0 to \(KeyRange.countLimit)")
            }
            configuration.hint = number
        }
        if let maxMemory {
            guard let bytes = ByteCount.parse(maxMemory), bytes >= Settings.leastMaxMemoryBytes else {
                throw ValidationError(
                    "--max-memory: '\(echoed(maxMemory))' is not a size of at least 4MiB, as in 512MiB or 4GiB")
            }
            configuration.maxMemoryBytes = bytes
        }
        configuration.seed = UInt64(seed)
        return configuration
    }

    /// - Throws: `ValidationError`, which names the option.
    private func parsed<Value>(
        _ name: String, _ text: String?, _ parse: (String) throws(SettingError) -> Value
    ) throws -> Value? {
        guard let text else { return nil }
        do throws(SettingError) {
            return try parse(text)
        } catch {
            throw ValidationError("--\(name): '\(echoed(text))' is no value of it: \(error.expected)")
        }
    }
}
