// `husk workload`: one workload in this process, over a map of its own.

import ArgumentParser
import Glibc
import GoHeap
import HuskLab
import HuskService
import HuskSystem
import Synchronization
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
        var workload = try workload.workload()
        if let remedy { workload.remedy = try Self.policy(remedy) }
        let configuration = try lab.configuration(seed: workload.seed)
        // Before any thread starts, so that all of them leave these signals to one.
        let signals = Signals()
        let interruption = Interruption(signals)
        let run = try Self.makeRun(configuration, workload)
        let progress = WorkloadProgress(run, isShown: !json)
        var outputFailure: Failure?
        let report = run.run(isCancelled: { interruption.hasCome || outputFailure != nil }) { event in
            progress.show()
            if !json { return }
            do throws(Failure) { try Output.write(bytes: event.jsonLine) } catch { outputFailure = error }
        }
        progress.clear()
        if let outputFailure { throw outputFailure }
        try Output.write(bytes: json ? report.jsonLine : Array(report.table.utf8))
        switch report.state {
        case .failed: throw Failure(description: "workload: \(report.detail ?? "failed")")
        case .stopped: Glibc.exit(128 + SIGINT)
        case .running, .done: break
        }
    }
}

extension RunWorkload {
    /// A run over a lab of its own.
    ///
    /// - Throws: `Failure`.
    private static func makeRun(_ configuration: Lab.Configuration, _ workload: Workload) throws -> WorkloadRun {
        let lab: Lab
        do throws(HeapError) {
            lab = try Lab(configuration)
        } catch {
            throw Failure(description: "workload: \(error)")
        }
        do throws(LabError) {
            return try WorkloadRun(lab, workload)
        } catch {
            throw Failure(description: "workload: \(error)")
        }
    }

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

/// Whether SIGINT or SIGTERM has come; the second one ends the process.
private final class Interruption: Sendable {
    private let flag = Atomic(false)

    init(_ signals: Signals) {
        let thread = OwnedThread(name: "husk-signals") { [self] in
            while signals.wait() == .freeMemory {}
            flag.store(true, ordering: .relaxed)
            signals.exitAtNext()
        }
        thread.letGo()
    }

    var hasCome: Bool { flag.load(ordering: .relaxed) }
}

/// How far a run is, in one line on stderr for somebody who looks at it.
private struct WorkloadProgress {
    private let run: WorkloadRun
    private let isShown: Bool

    init(_ run: WorkloadRun, isShown: Bool) {
        self.run = run
        self.isShown = isShown && isatty(STDERR_FILENO) == 1
    }

    func show() {
        guard isShown else { return }
        let report = run.report
        let rounds = report.rounds.map { " of \($0)" } ?? ""
        let left = report.secondsLeft.map { ", \(Int($0.rounded(.up))) s left" } ?? ""
        write("\r\u{1B}[K\(report.workload.kind.rawValue): round \(report.round)\(rounds)\(left)")
    }

    /// Takes the line back.
    func clear() { write("\r\u{1B}[K") }

    private func write(_ text: String) {
        if isShown { _ = Glibc.write(STDERR_FILENO, text, text.utf8.count) }
    }
}
