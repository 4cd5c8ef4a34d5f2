// A copy that nobody makes by himself: each insert and each delete moves a few entries to it, as a Go programme does that
// rebuilds its map without making anybody wait.
//
// As with every copy, what is changed meanwhile is changed in both (`LabState.copyTarget`). The operation that moves the last
// entry puts the copy in the map's place. All that costs something at once is the array of the fresh map, which is made by
// whoever begins, and the collection after it, which the thread of the checks makes.

import GoHeap
import GoMap
import HuskSystem

/// A copy under way. Guarded by the lab's lock.
final class Migration {
    let iterator: ShardedIterator
    let entries: UnsafeMutableBufferPointer<MapEntry>
    /// What the copy was made with.
    let hint: Int
    /// Who is told of its end, and counted under.
    let name: String
    let before: MemorySample
    let startNanoseconds = monotonicNanoseconds()
    /// Called with the lock held when it has ended.
    let ended: () -> Void

    init(
        of map: ShardedMap, entriesPerOperation: Int, hint: Int, by name: String, before: MemorySample,
        ended: @escaping () -> Void
    ) {
        iterator = ShardedIterator(map)
        entries = .allocate(capacity: entriesPerOperation)
        self.hint = hint
        self.name = name
        self.before = before
        self.ended = ended
    }

    /// The iterator is destroyed by whoever ends the migration, while its heap is there.
    deinit { entries.deallocate() }
}

/// A migration that is over, and has not been counted yet.
struct EndedMigration {
    var name: String
    var before: MemorySample
    var elapsedNanoseconds: UInt64
    /// Why the map stayed as it was; nil if the copy took its place.
    var failure: LabError?
}

extension LabState {
    /// Moves the next few entries, if entries are to be moved; perhaps the map is another one then, which a hash of the old one
    /// is good for too.
    @inline(__always)
    mutating func migrate() {
        if migration != nil { migrateSome() }
    }

    @inline(never)
    private mutating func migrateSome() {
        guard let migration, let copyTarget else { return }
        if let failure = lackOfRoom(for: migration) { return endMigration(failure) }
        let count = migration.iterator.next(into: migration.entries)
        copyTarget.copyEntries(UnsafeBufferPointer(rebasing: migration.entries[..<count]), from: map)
        guard count < migration.entries.count else { return }
        self.copyTarget = nil
        // Before the map goes: an iterator holds on to its shards.
        migration.iterator.destroy()
        exchangeMap(for: copyTarget, hint: migration.hint)
        end(migration, nil)
    }

    /// The copy was made for as many entries as there were: it grows only if many have come since.
    private func lackOfRoom(for migration: Migration) -> LabError? {
        let inUseBytes = heap.inUseBytes
        if inUseBytes &* 4 <= heapLimitBytes { return nil }
        let neededBytes = copyTarget!.bytesNeededToInsert(entryCount: migration.entries.count) + 64 << 10
        if inUseBytes + neededBytes <= heapLimitBytes { return nil }
        return .noRoom(neededBytes: neededBytes, inUseBytes: inUseBytes, limitBytes: heapLimitBytes)
    }

    /// Gives the migration up, if there is one; the map stays.
    mutating func endMigration(_ failure: LabError) {
        guard let migration else { return }
        copyTarget?.destroy()
        copyTarget = nil
        migration.iterator.destroy()
        otherChangeCount &+= 1
        end(migration, failure)
    }

    private mutating func end(_ migration: Migration, _ failure: LabError?) {
        self.migration = nil
        endedMigrations.append(
            EndedMigration(
                name: migration.name, before: migration.before,
                elapsedNanoseconds: monotonicNanoseconds() - migration.startNanoseconds, failure: failure))
        migration.ended()
    }
}

extension Lab {
    /// Whether operations move entries to a copy now.
    package var isMigrating: Bool {
        lock.lock()
        defer { lock.unlock() }
        return state.pointee.migration != nil
    }

    /// Begins to move the map to a copy, unless it is being moved already, or retains nothing.
    func beginMigration(_ remedy: Remedy, by name: String, isCancelled: () -> Bool) throws(LabError) {
        try whileNobodyCopies(isCancelled: isCancelled) { () throws(LabError) in
            lock.lock()
            defer { unlock() }
            if state.pointee.migration != nil { return }
            let before = MemorySample(state.pointee.heap.readMemStats())
            let fresh = try makingRoom { () throws(LabError) -> ShardedMap? in
                let statistics = state.pointee.report().statistics
                guard statistics.retainedBytes > 0 else { return nil }
                var replacement = Replacement()
                replacement.hint = statistics.count
                return try state.pointee.makeFresh(replacement)
            }
            guard let fresh else { return }
            let hint = state.pointee.map.count
            let checks = checks
            state.pointee.copyTarget = fresh
            state.pointee.migration = Migration(
                of: state.pointee.map, entriesPerOperation: remedy.entriesPerOperation, hint: hint, by: name,
                before: before, ended: { checks.wake() })
        }
    }

    /// Collects what migrations that are over have left, and counts them. Called without the lock.
    ///
    /// - Returns: those that came to nothing, and why.
    @discardableResult
    package func settleMigrations() -> [(name: String, failure: LabError)] {
        lock.lock()
        let ended = state.pointee.endedMigrations
        state.pointee.endedMigrations = []
        lock.unlock()
        var failures: [(name: String, failure: LabError)] = []
        for migration in ended {
            if let failure = migration.failure {
                failures.append((migration.name, failure))
                continue
            }
            let collection = collect()
            let measured = Measured(
                result: (), before: migration.before, after: collection.after,
                elapsedNanoseconds: migration.elapsedNanoseconds + collection.elapsedNanoseconds)
            remedyLedger.add(measured, of: .incrementalCopy, by: migration.name)
        }
        return failures
    }
}
