// A workload in this process, over a map of its own, from its start to what is printed of it.

import Glibc
import GoHeap
import HuskLab
import HuskService
import Workloads

enum WorkloadSession {
    /// Runs a workload and prints its report; ends the process with 130 when a signal has ended it.
    ///
    /// - Parameters:
    ///   - name: of the command, for what it says of a failure.
    ///   - json: whether to print samples, marks and the report as lines of JSON instead of a table.
    ///   - source: where the operations come from, over the lab that it is given; nil is the workload's own.
    static func run(
        _ name: String, _ workload: Workload, _ configuration: Lab.Configuration, json: Bool,
        source: (Lab) throws -> (any OperationSource)? = { _ in nil }
    ) throws {
        // Before any thread starts, so that all of them leave these signals to one.
        let signals = Signals()
        let interruption = Interruption(signals)
        let run: WorkloadRun
        do {
            let lab = try Lab(configuration)
            run = try WorkloadRun(lab, workload, source: try source(lab))
        } catch {
            throw Failure(description: "\(name): \(error)")
        }
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
        case .failed: throw Failure(description: "\(name): \(report.detail ?? "failed")")
        case .stopped: Glibc.exit(128 + SIGINT)
        case .running, .done: break
        }
    }
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
