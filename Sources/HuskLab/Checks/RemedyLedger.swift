// What has been done, by whom, and what it gave back.

import Synchronization

/// What one kind of remedy has done.
package struct RemedyTotals: Equatable, Sendable {
    /// How often it was applied to its end.
    package var runs: UInt64 = 0
    /// How long that took, in all.
    package var nanoseconds: UInt64 = 0
    /// By how many bytes HeapAlloc fell meanwhile, in all.
    package var freedBytes: UInt64 = 0
    /// By how many bytes HeapReleased rose meanwhile, in all.
    package var releasedBytes: UInt64 = 0

    package init() {}

    mutating func add(_ measured: Measured<Void>) {
        let (before, after) = (measured.before, measured.after)
        runs += 1
        nanoseconds += measured.elapsedNanoseconds
        freedBytes += before.heapAlloc - min(before.heapAlloc, after.heapAlloc)
        releasedBytes += after.heapReleased - min(after.heapReleased, before.heapReleased)
    }
}

/// The totals of each kind of remedy, by who applied it: a check's name, or `workload`. Has a lock of its own.
final class RemedyLedger: Sendable {
    private let totals = Mutex<[String: [Remedy.Kind: RemedyTotals]]>([:])

    func add(_ measured: Measured<Void>, of kind: Remedy.Kind, by name: String) {
        if kind == .none { return }
        totals.withLock { $0[name, default: [:]][kind, default: RemedyTotals()].add(measured) }
    }

    func read() -> [String: [Remedy.Kind: RemedyTotals]] { totals.withLock { $0 } }
}

extension Lab {
    /// What remedies have done, by who applied them and by kind; those of a check's name that is used again are added to
    /// what was done before.
    package func remedyTotals() -> [String: [Remedy.Kind: RemedyTotals]] { remedyLedger.read() }

    /// What those have done that somebody applied.
    package func remedyTotals(by name: String) -> [Remedy.Kind: RemedyTotals] { remedyLedger.read()[name] ?? [:] }
}
