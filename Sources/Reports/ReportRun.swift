// What one workload did under one remedy, as Go of one release: what the charts, the tables and the advice are made of.

package struct ReportRun: Equatable, Sendable {
    package enum State: String, Sendable {
        /// It came to its end.
        case done
        /// It was ended before; what it has is true up to there.
        case stopped
        /// It ended by itself, for a reason that `detail` has.
        case failed
        /// It came to no round: the map's type, or something else, does not allow it.
        case refused
        /// Its turn did not come.
        case missing
    }

    /// The remedy with its policy, as it is written: `copy,loadBelow=0.25`.
    package var remedy: String
    /// Whether it is the one that does nothing, which the others are compared with.
    package var isBaseline: Bool
    /// The release that it ran as: `1.23`.
    package var go: String
    package var state: State
    /// Why it is not done.
    package var detail: String?
    /// In the order of time.
    package var samples: [ReportSample] = []
    package var marks: [ReportMark] = []
    /// Of a run that was done, or was stopped and told them.
    package var costs: ReportCosts?

    package init(remedy: String, isBaseline: Bool, go: String, state: State, detail: String? = nil) {
        self.remedy = remedy
        self.isBaseline = isBaseline
        self.go = go
        self.state = state
        self.detail = detail
    }
}

/// How things stood at one moment. Sizes in bytes.
package struct ReportSample: Equatable, Sendable {
    /// Since the workload began.
    package var seconds: Double
    package var round: Int
    package var operations: Int
    package var heapAlloc: Int
    package var heapInuse: Int
    package var heapIdle: Int
    package var heapReleased: Int
    package var heapSys: Int
    package var rss: Int
    package var collections: Int
    package var retained: Int
    package var len: Int
    package var slots: Int

    package init(
        seconds: Double, round: Int, operations: Int, heapAlloc: Int, heapInuse: Int, heapIdle: Int, heapReleased: Int,
        heapSys: Int, rss: Int, collections: Int, retained: Int, len: Int, slots: Int
    ) {
        self.seconds = seconds
        self.round = round
        self.operations = operations
        self.heapAlloc = heapAlloc
        self.heapInuse = heapInuse
        self.heapIdle = heapIdle
        self.heapReleased = heapReleased
        self.heapSys = heapSys
        self.rss = rss
        self.collections = collections
        self.retained = retained
        self.len = len
        self.slots = slots
    }
}

/// Something that happened: the remedy ran.
package struct ReportMark: Equatable, Sendable {
    package var seconds: Double
    package var name: String

    package init(seconds: Double, name: String) {
        self.seconds = seconds
        self.name = name
    }
}

/// What a run took, and what it left behind when it had ended and all garbage was collected. Sizes in bytes.
package struct ReportCosts: Equatable, Sendable {
    package struct Waits: Equatable, Sendable {
        package var p50 = 0
        package var p99 = 0
        package var p999 = 0
        package var max = 0

        package init(p50: Int, p99: Int, p999: Int, max: Int) {
            self.p50 = p50
            self.p99 = p99
            self.p999 = p999
            self.max = max
        }
    }

    package var peakHeapAlloc: Int
    package var peakRSS: Int
    package var heapAlloc: Int
    package var rss: Int
    package var retained: Int
    package var operationsPerSecond: Double
    /// Reads that found nothing, and what they load then.
    package var misses: Int
    /// How long operations took, the wait for the remedy included, in nanoseconds.
    package var waitNanoseconds: Waits
    package var cpuSeconds: Double
    /// Collections.
    package var cycles: Int
    package var remedyRuns: Int
    package var remedySeconds: Double
    package var givenBack: Int

    package init(
        peakHeapAlloc: Int, peakRSS: Int, heapAlloc: Int, rss: Int, retained: Int,
        operationsPerSecond: Double,
        misses: Int, waitNanoseconds: Waits, cpuSeconds: Double, cycles: Int, remedyRuns: Int, remedySeconds: Double,
        givenBack: Int
    ) {
        self.peakHeapAlloc = peakHeapAlloc
        self.peakRSS = peakRSS
        self.heapAlloc = heapAlloc
        self.rss = rss
        self.retained = retained
        self.operationsPerSecond = operationsPerSecond
        self.misses = misses
        self.waitNanoseconds = waitNanoseconds
        self.cpuSeconds = cpuSeconds
        self.cycles = cycles
        self.remedyRuns = remedyRuns
        self.remedySeconds = remedySeconds
        self.givenBack = givenBack
    }
}
