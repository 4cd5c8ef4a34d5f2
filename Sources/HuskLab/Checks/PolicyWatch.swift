// Whether a policy's remedy is due: its conditions, and what they are counted from.

import GoHeap
import HuskSystem

/// Watches one policy for one thread: the checks' own, or a workload's between two rounds.
package struct PolicyWatch: Sendable {
    package let policy: RemedyPolicy
    /// What the conditions count from: when the remedy was applied last, or the watch began. Deletes count from when the map was
    /// made, if that was later, whoever has watched meanwhile.
    private var sinceNanoseconds: UInt64
    private var sinceRound = 0
    private var sinceDeletes: UInt64 = 0
    /// The collector's work until the last look, and when that was.
    private var collectorNanoseconds: UInt64
    private var lookNanoseconds: UInt64

    /// Begins to watch.
    package init(_ policy: RemedyPolicy, _ lab: Lab) {
        self.policy = policy
        sinceNanoseconds = monotonicNanoseconds()
        lookNanoseconds = sinceNanoseconds
        collectorNanoseconds = lab.watchedFigures().collectorNanoseconds
    }

    /// Looks whether all conditions hold now.
    ///
    /// - Parameters:
    ///   - lab: always the same.
    ///   - round: how many rounds have ended; nil where there are none, and then a condition on them does not hold.
    /// - Complexity: O(shards).
    package mutating func isDue(_ lab: Lab, round: Int?) -> Bool {
        if policy.does.kind == .none { return false }
        let when = policy.when
        let figures = lab.watchedFigures()
        let now = monotonicNanoseconds()
        // One that has begun goes on by itself.
        if policy.does.kind == .incrementalCopy, figures.isMigrating { return false }
        let collectorShare = share(of: figures, now)
        if let rounds = when.everyRounds {
            guard let round, round - sinceRound >= rounds else { return false }
        }
        if let period = when.everyNanoseconds, Double(now - sinceNanoseconds) * lab.timeScale < Double(period) {
            return false
        }
        if let limit = when.deletesSinceRebuild {
            let since = max(sinceDeletes, figures.deletesAtRebuild)
            if figures.deleteCount < since + UInt64(limit) { return false }
        }
        if let limit = when.gcCPUAbove, collectorShare <= limit { return false }
        if let limit = when.retainedBytes, figures.report.statistics.retainedBytes <= limit { return false }
        if let limit = when.loadBelow, !figures.isLoadBelow(limit) { return false }
        if let limit = when.idleBytes, Conditions.idleBytes(lab.readMemStats()) <= limit { return false }
        return true
    }

    /// The remedy has been applied: rounds, time and deletes count from now.
    package mutating func didApply(_ lab: Lab, round: Int?) {
        sinceNanoseconds = monotonicNanoseconds()
        sinceRound = round ?? 0
        sinceDeletes = lab.watchedFigures().deleteCount
    }

    /// The collector's share of the processors' time since the last look.
    private mutating func share(of figures: WatchedFigures, _ now: UInt64) -> Double {
        defer {
            collectorNanoseconds = figures.collectorNanoseconds
            lookNanoseconds = now
        }
        // Another heap has begun from 0.
        let work = figures.collectorNanoseconds - min(collectorNanoseconds, figures.collectorNanoseconds)
        return Double(work) / (Double(max(1, now - lookNanoseconds)) * Double(figures.maxProcs))
    }
}

/// What conditions look at, of one moment.
struct WatchedFigures {
    var report: MapReport
    var isMigrating: Bool
    /// Entries deleted or cleared, in all, and by when the map was made.
    var deleteCount: UInt64
    var deletesAtRebuild: UInt64
    var collectorNanoseconds: UInt64
    var maxProcs: Int

    /// Whether `len` is less than a share of the slots, in a map that could have fewer.
    func isLoadBelow(_ share: Double) -> Bool {
        let statistics = report.statistics
        return statistics.slots > 8 * report.shards && Double(statistics.count) < share * Double(statistics.slots)
    }
}

extension Conditions {
    static func idleBytes(_ stats: MemStats) -> Int { Int(stats.heapIdle - stats.heapReleased) }
}

extension Lab {
    func watchedFigures() -> WatchedFigures {
        lock.lock()
        defer { lock.unlock() }
        return WatchedFigures(
            report: state.pointee.report(), isMigrating: state.pointee.migration != nil,
            deleteCount: state.pointee.deleteCount,
            deletesAtRebuild: state.pointee.deletesAtRebuild,
            collectorNanoseconds: state.pointee.heap.collectorNanoseconds,
            maxProcs: state.pointee.settings.runtime.maxProcs)
    }
}
