// What a run tells of itself: while it runs, and at its end.

import GoHeap
import GoMap
import HuskLab
import KeyStreams

/// Where a run is.
package struct WorkloadReport: Equatable, Sendable {
    package enum State: String, Sendable {
        case running, done
        /// Somebody ended it early.
        case stopped
        /// It could not go on: `detail` says why.
        case failed
    }

    package var workload: Workload
    package var profile: GoProfile
    package var layout: MapLayout
    package var type: MapTypeName
    package var state = State.running
    package var detail: String?
    /// Rounds that are over.
    package var round = 0
    /// All that there will be; nil when that is not known.
    package var rounds: Int?
    /// Since the start, the fill included, and since the map was filled.
    package var elapsedSeconds = 0.0
    package var roundSeconds = 0.0
    /// A guess; nil when nothing is known.
    package var secondsLeft: Double?
    /// Of the workload's own clock, where that is not the wall's.
    package var simulatedSeconds: Double?
    /// The fill included.
    package var counts = OperationCounts()
    /// Operations of the rounds a second.
    package var operationsPerSecond = 0.0
    package var costs = WorkloadCosts()
    /// What was read of a stream.
    package var stream: StreamTally?
}

/// What the rounds cost, the fill not included.
package struct WorkloadCosts: Equatable, Sendable {
    package var peakHeapAllocBytes = 0
    package var peakResidentBytes = 0
    /// At the end, after two collections; until then, and of a run that was stopped, as it is.
    package var heapAllocBytes = 0
    package var residentBytes = 0
    package var retainedBytes = 0
    /// Reads of keys that were not there.
    package var misses = 0
    /// How long operations took, each from the end of the one before it.
    package var waits = WaitPercentiles()
    /// CPU time of the whole process.
    package var cpuSeconds = 0.0
    /// Collections.
    package var cycles = 0
    /// What the remedy did.
    package var remedyRuns = 0
    package var remedySeconds = 0.0
    /// By how many bytes HeapAlloc fell in all; of `free-memory`, by how many HeapReleased rose.
    package var givenBackBytes = 0

    mutating func add(_ measured: Measured<Void>, of remedy: Remedy) {
        let (before, after) = (measured.before, measured.after)
        remedyRuns += 1
        remedySeconds += Double(measured.elapsedNanoseconds) / 1e9
        givenBackBytes += max(
            0,
            remedy.kind == .freeMemory
                ? Int(after.heapReleased) - Int(before.heapReleased) : Int(before.heapAlloc) - Int(after.heapAlloc))
    }

    /// What has been done since there were these totals.
    mutating func add(_ totals: RemedyTotals, since before: RemedyTotals) {
        remedyRuns += Int(totals.runs - before.runs)
        remedySeconds += Double(totals.nanoseconds - before.nanoseconds) / 1e9
        givenBackBytes += Int(totals.freedBytes - before.freedBytes)
    }
}

/// Nanoseconds, to about three percent.
package struct WaitPercentiles: Equatable, Sendable {
    package var p50: UInt64 = 0
    package var p99: UInt64 = 0
    package var p999: UInt64 = 0
    package var longest: UInt64 = 0
}

/// What a run tells as it goes.
package enum WorkloadEvent: Sendable {
    /// The figures at a moment: at the end of a round, and now and then in between.
    case sample(WorkloadSample)
    /// Something was done.
    case mark(WorkloadMark)
}

package struct WorkloadSample: Equatable, Sendable {
    /// Since the start.
    package var seconds: Double
    /// Rounds that are over.
    package var round: Int
    package var operations: Int
    package var figures: HeapFigures
}

package struct WorkloadMark: Equatable, Sendable {
    package var seconds: Double
    package var name: String
    package var text: String
}
