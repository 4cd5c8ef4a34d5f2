// `husk size`: what a map[K]V takes, as a table on stdout.
//
// What the options may be is the declaration of `Scenario.size`: it reads their texts.

import ArgumentParser
import GoHeap
import GoMap
import Scenarios

struct PrintSize: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "size", abstract: "Print what a map takes: bytes, objects and allocations.",
        usage: "husk size TYPE --entries N [--hint H] [--peak P] [--go all|1.23,…] [--layout L] [--format F]",
        discussion: """
            For each Go and each layout: a map made with the hint, one grown from nothing, and one that a \
            peak of entries has left behind. bytes and objects are what the map holds once the garbage is \
            gone, each object with all that its size class takes; allocations and TotalAlloc also count what \
            it has outgrown. What strings, slices and pointers lead to is not the map's.

            Up to \(MapSize.madeEntryLimit) entries and \(MapSize.madeByteLimit >> 20) MiB a real map is made on a heap of \
            its own. Beyond that it is arithmetic: what is expected, and where it hangs on the seed of the hash, \
            the least and the most. The table's column "by" says which.

              husk size 'map[int]struct{}' --entries 1000000
              husk size 'map[string]int' --entries 0 --hint 100 --go 1.10,1.19,1.24
              husk size 'map[[32]byte][32]byte' --entries 5000 --peak 100000 --format csv
            """)

    @Argument(help: "The map's type in Go's syntax, as in 'map[string][]byte'.")
    var type: String

    @Option(help: "How many entries it has, 0 to 1,000,000,000,000.")
    var entries: String

    @Option(help: "What it is made with; by default as many as there are entries.")
    var hint: String?

    @Option(help: "How many entries there have been, of which the others were deleted.")
    var peak: String?

    @Option(help: "Releases of Go, separated by commas, or all.")
    var go = "all"

    @Option(help: "bucket or swiss; by default both.")
    var layout: String?

    @Option(help: "table, json, csv or markdown.")
    var format = TableFormat.table

    func run() throws {
        let given = [
            ("type", type), ("entries", entries), ("hint", hint), ("peak", peak), ("go", go), ("layout", layout),
        ]
        let arguments: Arguments
        do throws(ScenarioError) {
            arguments = try Arguments(.size, texts: given.compactMap { name, text in text.map { (name, $0) } })
        } catch {
            throw ValidationError(error.description)
        }
        try Output.write(format.text(of: try table(arguments)))
    }

    private func table(_ arguments: Arguments) throws -> ScenarioTable {
        let progress = TerminalProgress("size")
        defer { progress.clear() }
        let limitBytes = MemoryCeiling.ofThisProcess.bytes / 4 * 3
        do throws(ScenarioError) {
            return try Scenario.size.run(arguments, limitBytes: { _ in limitBytes }, onStep: progress.show)
        } catch {
            throw Failure(description: "size: \(error)")
        }
    }
}
