// What can be done about memory that is held and not used: when a client asks, by
// the checks that Husk makes of itself (Check.swift), or by whoever else has reason to.

import GoHeap
import HuskSystem

/// What to do. When is another matter: `Check`.
package enum Remedy: String, CaseIterable, Sendable {
    /// Nothing.
    case none
    /// `runtime.GC()`. It frees garbage; what a map retains is none.
    case gc
    /// `debug.FreeOSMemory()`. It gives idle pages back too; what a map retains is not idle.
    case freeMemory = "free-memory"
    /// A fresh map with the same entries in the map's place, and a collection.
    ///
    /// The fresh one is made for as many entries as there are: so it holds the least that a map can hold for them, and no
    /// smaller arrays that it outgrows while it is filled are left behind. The old map is garbage then, and the collection
    /// frees it at once instead of when the heap next asks for one. Its pages are the scavenger's, or the watchdog's.
    case replaceWithFresh = "replace-with-fresh"
}

extension Lab {
    /// Applies a remedy once, in slices, while other clients go on.
    ///
    /// - Throws: `LabError.noRoom` when there is no room for a fresh map beside the old one; the old map stays.
    package func apply(_ remedy: Remedy) throws(LabError) -> Measured<Void> {
        let start = monotonicNanoseconds()
        let before = sample()
        switch remedy {
        case .none: break
        case .gc: _ = collect()
        case .freeMemory: _ = freeOSMemory()
        case .replaceWithFresh:
            try replaceWithFittingMap()
            _ = collect()
        }
        return Measured(
            result: (), before: before, after: sample(),
            elapsedNanoseconds: monotonicNanoseconds() - start)
    }

    private func replaceWithFittingMap() throws(LabError) {
        try copying.withLock { (_) throws(LabError) in
            lock.lock()
            let statistics = state.pointee.report().statistics
            let identity = mapIdentity
            lock.unlock()
            // Somebody else may have replaced the map, or set it to nil, before it was this operation's turn.
            guard statistics.retainedBytes > 0 else { return }
            var replacement = Replacement()
            replacement.hint = statistics.count
            replacement.copy = true
            _ = try exchangeMap(for: replacement, of: identity, isCancelled: { false })
        }
    }
}
