// When a remedy is due: figures of the map and the heap, and what has happened since it was applied last.

import GoHeap

/// All that are given must hold; without any, a remedy is due whenever it is looked at.
package struct Conditions: Equatable, Sendable {
    /// HeapIdle − HeapReleased is over so many bytes.
    package var idleBytes: Int?
    /// What the map retains (`MapStatistics.retainedBytes`) is over so many bytes.
    package var retainedBytes: Int?
    /// `len` is less than this share of the slots. A map without slots, or of one bucket or group, has no less.
    package var loadBelow: Double?
    /// So many entries have been deleted or cleared since the map was made or the remedy applied.
    package var deletesSinceRebuild: Int?
    /// The collector took more than this share of the processors' time (GOMAXPROCS of them) since it was looked at last.
    package var gcCPUAbove: Double?
    /// So many rounds of a workload have passed since the remedy was applied.
    package var everyRounds: Int?
    /// So many nanoseconds of the runtime's clock have passed since the remedy was applied.
    package var everyNanoseconds: UInt64?

    package init() {}

    /// The conditions by their names in settings, in the order in which they are written.
    package enum Name: String, CaseIterable, Sendable {
        case idleBytes, retainedBytes, loadBelow, deletesSinceRebuild, gcCPUAbove, everyRounds, every
    }

    /// Those that are given.
    package var names: [Name] {
        Name.allCases.filter {
            switch $0 {
            case .idleBytes: idleBytes != nil
            case .retainedBytes: retainedBytes != nil
            case .loadBelow: loadBelow != nil
            case .deletesSinceRebuild: deletesSinceRebuild != nil
            case .gcCPUAbove: gcCPUAbove != nil
            case .everyRounds: everyRounds != nil
            case .every: everyNanoseconds != nil
            }
        }
    }

    /// With those that `other` gives in place of these.
    package func merged(with other: Conditions) -> Conditions {
        var merged = self
        if let idleBytes = other.idleBytes { merged.idleBytes = idleBytes }
        if let retainedBytes = other.retainedBytes { merged.retainedBytes = retainedBytes }
        if let loadBelow = other.loadBelow { merged.loadBelow = loadBelow }
        if let deletes = other.deletesSinceRebuild { merged.deletesSinceRebuild = deletes }
        if let gcCPUAbove = other.gcCPUAbove { merged.gcCPUAbove = gcCPUAbove }
        if let everyRounds = other.everyRounds { merged.everyRounds = everyRounds }
        if let everyNanoseconds = other.everyNanoseconds { merged.everyNanoseconds = everyNanoseconds }
        return merged
    }

    // MARK: What they may be

    package static let bytesRange = 0...Int.max
    /// Counts of deletes and of rounds.
    package static let countRange = 1...1_000_000_000_000
    /// Shares: over 0, and at most 1.
    package static func isShare(_ number: Double) -> Bool { number > 0 && number <= 1 }
    package static let expectedShare = "expected a number over 0 and at most 1, as in 0.25"
}
