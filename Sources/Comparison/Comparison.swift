// Runs of one workload, one after the other, each in a process of its own: what one leaves behind, the next does not find.

import HuskSystem
import Reports
import Synchronization

package final class Comparison: Sendable {
    /// How far it is.
    package struct Progress: Equatable, Sendable {
        /// The run under way, from 0 on.
        package var index: Int
        package var count: Int
        package var name: String
        /// Of all runs, from 0 to 1.
        package var share: Double
        /// Nil as long as nothing tells.
        package var secondsLeft: Double?
    }

    /// How much a run has to do: so many rounds, so many seconds, or what is first of both.
    package struct Extent: Equatable, Sendable {
        package var rounds: Int?
        package var seconds: Double?

        package init(rounds: Int?, seconds: Double?) {
            self.rounds = rounds
            self.seconds = seconds
        }

        /// What part of it is done, from 0 to 1; 0 if there is no saying.
        func share(_ sample: ReportSample) -> Double {
            let rounds = rounds.map { Double(sample.round) / Double(max(1, $0)) } ?? 0
            let seconds = seconds.map { sample.seconds / max(1e-9, $0) } ?? 0
            return min(1, max(rounds, seconds))
        }
    }

    private let executable: String
    private let extent: Extent
    private let limitSeconds: Double?
    private let isCancelled = Atomic<Bool>(false)

    /// - Parameters:
    ///   - executable: the path of husk.
    ///   - extent: of each run.
    ///   - limitSeconds: after which a run is told to stop, if there is such a time.
    package init(executable: String, extent: Extent, limitSeconds: Double? = nil) {
        self.executable = executable
        self.extent = extent
        self.limitSeconds = limitSeconds
    }

    /// Ends the run under way and lets no other begin. Any thread.
    package func cancel() { isCancelled.store(true, ordering: .releasing) }

    package var wasCancelled: Bool { isCancelled.load(ordering: .acquiring) }

    /// Runs them.
    ///
    /// - Parameters:
    ///   - onProgress: is called a few times a second.
    ///   - afterEach: is called with all runs after each of them, those to come included; what it throws ends it.
    /// - Returns: all runs, in their order.
    package func run<Failure: Error>(
        _ planned: [PlannedRun], onProgress: (Progress) -> Void, afterEach: ([RunReader]) throws(Failure) -> Void
    ) throws(Failure) -> [RunReader] {
        var readers = planned.map { RunReader($0) }
        var timing = Timing(count: planned.count, extent: extent)
        for index in planned.indices where !wasCancelled {
            timing.begin()
            let child: ChildProcess
            do throws(ChildProcess.StartFailure) {
                child = try ChildProcess(executable: executable, arguments: planned[index].arguments)
            } catch {
                readers[index].fail(error.description)
                continue
            }
            var whyStopped: String? {
                if wasCancelled { return "the comparison was broken off" }
                return limitSeconds.map { timing.runSeconds > $0 } ?? false ? "its time was up" : nil
            }
            func show() {
                onProgress(timing.progress(index, planned[index].remedy, readers[index].run.samples.last))
            }
            let end = child.run(
                isStopping: {
                    show()
                    return whyStopped != nil
                }, onLine: { readers[index].read($0) })
            readers[index].finish(end, wasStopped: whyStopped)
            timing.end()
            try afterEach(readers)
        }
        return readers
    }
}

/// How far a comparison is and how long it will go on, from how long it took so far.
private struct Timing {
    let count: Int
    let extent: Comparison.Extent
    private var beganNanoseconds: UInt64 = 0
    private var finishedSeconds: [Double] = []

    init(count: Int, extent: Comparison.Extent) {
        self.count = count
        self.extent = extent
    }

    var runSeconds: Double { Double(monotonicNanoseconds() - beganNanoseconds) / 1e9 }

    mutating func begin() { beganNanoseconds = monotonicNanoseconds() }
    mutating func end() { finishedSeconds.append(runSeconds) }

    func progress(_ index: Int, _ name: String, _ sample: ReportSample?) -> Comparison.Progress {
        let share = sample.map(extent.share) ?? 0
        let here = runSeconds
        // A run takes as long as the part that is done lets expect, or as the others took.
        let expected = share > 0.02 ? here / share : mean
        let left = expected.map { max(0, $0 - here) + (mean ?? $0) * Double(count - index - 1) }
        return Comparison.Progress(
            index: index, count: count, name: name, share: (Double(index) + share) / Double(count), secondsLeft: left)
    }

    private var mean: Double? {
        finishedSeconds.isEmpty ? nil : finishedSeconds.reduce(0, +) / Double(finishedSeconds.count)
    }
}
