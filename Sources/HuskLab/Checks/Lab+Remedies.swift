// Applying a remedy once. Each works on the live map: other clients go on meanwhile, and lose nothing but what the remedy is
// meant to drop. What a remedy leaves as garbage is collected at once, so that it is seen what the remedy gives back.

import GoHeap
import GoMap
import HuskSystem

extension Lab {
    /// Applies a remedy once, in slices, while other clients go on. A nil map stays nil.
    ///
    /// - Parameters:
    ///   - remedy: what to do.
    ///   - name: who applies it: the check's name, or `workload`; it is counted under that (`remedyTotals`).
    ///   - isCancelled: asked between slices.
    /// - Throws: `LabError.noRoom` when there is no room for what it needs beside the map; then the map stays as it is.
    ///   `LabError.shardsHaveNoGenerations`, `mapReplaced`, `cancelled`.
    package func apply(
        _ remedy: Remedy, by name: String = "workload", isCancelled: () -> Bool = { false }
    ) throws(LabError) -> Measured<Void> {
        let start = monotonicNanoseconds()
        let before = sample()
        if remedy.kind == .incrementalCopy {
            // It has only begun; it is counted when it has ended.
            try beginMigration(remedy, by: name, isCancelled: isCancelled)
            return Measured(
                result: (), before: before, after: sample(), elapsedNanoseconds: monotonicNanoseconds() - start)
        }
        try applyUncounted(remedy, isCancelled: isCancelled)
        let measured = Measured(
            result: (), before: before, after: sample(), elapsedNanoseconds: monotonicNanoseconds() - start)
        remedyLedger.add(measured, of: remedy.kind, by: name)
        return measured
    }

    private func applyUncounted(_ remedy: Remedy, isCancelled: () -> Bool) throws(LabError) {
        switch remedy.kind {
        case .none, .incrementalCopy: return
        case .freeMemory:
            _ = try freeOSMemory(isCancelled: isCancelled)
            return
        case .gc: break
        case .clear: _ = clear()
        case .replace: try replaceWithEmptyMap(isCancelled: isCancelled)
        case .copy: try replaceWithFittingMap(isCancelled: isCancelled)
        case .swiss: try replaceWithSwissMap(isCancelled: isCancelled)
        case .shards: try rebuildShards(remedy, isCancelled: isCancelled)
        case .twoGenerations: try endGeneration(remedy, isCancelled: isCancelled)
        }
        _ = try collect(isCancelled: isCancelled)
    }

    /// Turns the map into what a remedy works on, its entries kept: so many shards, or two generations, all entries young.
    ///
    /// - Returns: whether it was another before.
    /// - Throws: as for `replace`; `LabError.mapIsNil`, `shardsHaveNoGenerations`.
    @discardableResult
    package func prepare(for remedy: Remedy, isCancelled: () -> Bool = { false }) throws(LabError) -> Bool {
        try whileNobodyCopies(isCancelled: isCancelled) { () throws(LabError) in
            try prepareMap(for: remedy, isCancelled: isCancelled)
        }
    }

    /// The same, called with `copying` held.
    private func prepareMap(for remedy: Remedy, isCancelled: () -> Bool) throws(LabError) -> Bool {
        lock.lock()
        let report = state.pointee.report()
        let identity = mapIdentity
        lock.unlock()
        var replacement = Replacement()
        switch remedy.kind {
        case .shards where report.shards != remedy.shards:
            replacement.shards = remedy.shards
            replacement.isGenerational = false
        case .twoGenerations where report.generations == 1: replacement.isGenerational = true
        default: return false
        }
        if report.statistics.isNil { throw .mapIsNil }
        replacement.hint = report.statistics.count
        replacement.copy = true
        _ = try exchangeMap(for: replacement, of: identity, isCancelled: isCancelled)
        return true
    }

    // MARK: Kinds

    /// The fresh one is made for as many entries as there are: so it holds the least that a map can hold for them, and no
    /// smaller arrays that it outgrows while it is filled are left behind. Nothing is done when the map retains nothing.
    private func replaceWithFittingMap(isCancelled: () -> Bool) throws(LabError) {
        try replaceWithCopy(isCancelled: isCancelled) { $0.retainedBytes > 0 }
    }

    private func replaceWithSwissMap(isCancelled: () -> Bool) throws(LabError) {
        try replaceWithCopy(layout: .swiss, isCancelled: isCancelled) { !$0.isNil && $0.layout != .swiss }
    }

    private func replaceWithCopy(
        layout: MapLayout? = nil, isCancelled: () -> Bool, if isWorthIt: (MapStatistics) -> Bool
    ) throws(LabError) {
        try whileNobodyCopies(isCancelled: isCancelled) { () throws(LabError) in
            lock.lock()
            let statistics = state.pointee.report().statistics
            let identity = mapIdentity
            lock.unlock()
            // Somebody else may have replaced the map, or set it to nil, before it was this operation's turn.
            guard isWorthIt(statistics) else { return }
            var replacement = Replacement()
            replacement.hint = statistics.count
            replacement.layout = layout
            replacement.copy = true
            _ = try exchangeMap(for: replacement, of: identity, isCancelled: isCancelled)
        }
    }

    /// The first time it is copied into as many.
    private func rebuildShards(_ remedy: Remedy, isCancelled: () -> Bool) throws(LabError) {
        if report().statistics.isNil { return }
        try whileNobodyCopies(isCancelled: isCancelled) { () throws(LabError) in
            if try prepareMap(for: remedy, isCancelled: isCancelled) { return }
            try rebuildShards(isCancelled: isCancelled)
        }
    }

    /// The first time all entries become young.
    private func endGeneration(_ remedy: Remedy, isCancelled: () -> Bool) throws(LabError) {
        if report().statistics.isNil { return }
        try whileNobodyCopies(isCancelled: isCancelled) { () throws(LabError) in
            if try prepareMap(for: remedy, isCancelled: isCancelled) { return }
            rotateGenerations()
        }
    }

    /// Who works on the map goes on, as after `clear`: to him it is the same map, and was emptied.
    private func replaceWithEmptyMap(isCancelled: () -> Bool) throws(LabError) {
        try whileNobodyCopies(isCancelled: isCancelled) { () throws(LabError) in
            lock.lock()
            defer { unlock() }
            let fresh = try makingRoom { () throws(LabError) -> ShardedMap? in
                state.pointee.map.isNil ? nil : try state.pointee.makeFresh(Replacement())
            }
            guard let fresh else { return }
            state.pointee.endMigration(.cancelled)
            state.pointee.exchangeMap(for: fresh, hint: nil)
        }
    }
}
