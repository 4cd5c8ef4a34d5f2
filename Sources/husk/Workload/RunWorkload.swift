// `husk workload`: one workload in this process, over a map of its own.

import ArgumentParser
import HuskLab
import Workloads

struct RunWorkload: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workload", abstract: "Run one workload over a map of this process's own and print what it cost.",
        discussion: """
            Kinds:
              partial-update  each round replaces a part of the live keys: new ones are inserted, as many old ones deleted,
                              the rest overwritten
              churn           a delete and an insert of a new key in turn, so that the size never changes
              ttl             keys arrive at a rate that follows the day, live for so long, and are deleted; without --rate
                              the clock is that of the operations, simulated
              leak            keys are inserted until there are so many

            The map is filled with the live keys and collected first; costs are those of the rounds that follow. The same
            seed makes the same operations.

              husk workload partial-update --type 'map[int]int' --live 1000000 --rounds 50
              husk workload churn --victim random --layout swiss --duration 10s
              husk workload ttl --ttl 1h --wave 0.8 --reads-per-write 4 --reads zipf
              husk workload leak --size 5000000 --rate 100000 --gogc 50

            SIGINT ends it with what it has done so far, and exit status 130.
            """)

    @Argument(help: "partial-update, churn, ttl or leak.")
    var kind: String

    @OptionGroup(title: "Workload options")
    var workload: WorkloadOptions

    @OptionGroup(title: "Map and runtime options")
    var lab: LabOptions

    @Option(
        help: """
            What is done about what the map retains, looked at between two rounds: none, gc, free-memory, clear, replace, \
            copy, incremental-copy, shards, two-generations or swiss, and when: all of idleBytes, retainedBytes, loadBelow, \
            deletesSinceRebuild, gcCPUAbove, everyRounds, every that are given, as in copy,loadBelow=0.25,everyRounds=5. \
            (default: none)
            """)
    var remedy: String?

    @Flag(help: "Print samples, marks and the report as lines of JSON instead of a table.")
    var json = false

    func run() throws {
        var workload = try workload.workload(kind)
        if let remedy { workload.remedy = try Self.policy(remedy) }
        let configuration = try lab.configuration(seed: workload.seed)
        try WorkloadSession.run("workload", workload, configuration, json: json)
    }
}

extension RunWorkload {
    /// What `--remedy` says.
    ///
    /// - Throws: `ValidationError`, which names the option.
    static func policy(_ text: String) throws -> RemedyPolicy {
        do throws(SettingError) {
            return try RemedyPolicy(parsing: text)
        } catch {
            throw ValidationError("--remedy: \(error.expected)")
        }
    }
}
