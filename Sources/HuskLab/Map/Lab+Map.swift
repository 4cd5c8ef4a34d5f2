// The map as a whole: what it is, clear, nil, and a fresh one in its place.

import Glibc
import GoHeap
import GoMap
import HuskSystem

extension Lab {
    /// What the map is and what it holds. O(shards).
    package func report() -> MapReport {
        lock.lock()
        defer { lock.unlock() }
        return state.pointee.report()
    }

    /// `clear(m)`, which is also what Go makes of the loop that deletes every key.
    ///
    /// Inserts and copies that are under way go on: what they insert from then on is in the map.
    ///
    /// - Returns: how many entries there were.
    package func clear() -> Measured<Int> {
        measured { state in
            let count = state.pointee.map.count
            state.pointee.map.clear()
            state.pointee.copyTarget?.clear()
            state.pointee.deleteCount &+= UInt64(count)
            state.pointee.otherChangeCount &+= 1
            return count
        }
    }

    /// `m = nil`. Ranges, imports and copies that are under way end with `LabError.mapReplaced`.
    package func setNil() -> Measured<Void> {
        measured { state in
            state.pointee.endWorkOnMap()
            state.pointee.map.setNil()
            state.pointee.hint = 0
            state.pointee.otherChangeCount &+= 1
            state.pointee.deletesAtRebuild = state.pointee.deleteCount
        }
    }

    /// `m = make(map[K]V, hint)`, with the old entries copied over first if that is asked for.
    ///
    /// While entries are copied other clients go on, and what they change is changed in the copy too. Without a copy, ranges,
    /// imports and copies that are under way end with `LabError.mapReplaced`.
    ///
    /// - Parameters:
    ///   - replacement: what the fresh map is.
    ///   - isCancelled: asked between slices; then the old map stays.
    ///   - progress: told between slices how many entries are copied.
    /// - Throws: `LabError`; the old map stays.
    package func replace(
        with replacement: Replacement, isCancelled: () -> Bool = { false }, progress: (Int) -> Void = { _ in }
    ) throws(LabError) -> Measured<ReplaceResult> {
        guard replacement.copy else { return try exchangeMap(for: replacement, isCancelled: isCancelled) }
        return try whileNobodyCopies(isCancelled: isCancelled) { () throws(LabError) in
            try exchangeMap(for: replacement, isCancelled: isCancelled, progress: progress)
        }
    }

    /// Does what must not be done while the map is copied. One that waits for a copy is cancelled while it waits too.
    func whileNobodyCopies<Result>(
        isCancelled: () -> Bool, _ body: () throws(LabError) -> Result
    ) throws(LabError) -> Result {
        while true {
            let result = try copying.withLockIfAvailable { (_) throws(LabError) in try body() }
            if let result { return result }
            if isCancelled() { throw .cancelled }
            usleep(5_000)
        }
    }

    /// The same, called with `copying` held if entries are to be copied.
    ///
    /// - Parameter old: the map that is to be replaced; nil is whichever there is.
    func exchangeMap(
        for replacement: Replacement, of old: MapIdentity? = nil, isCancelled: () -> Bool,
        progress: (Int) -> Void = { _ in }
    ) throws(LabError) -> Measured<ReplaceResult> {
        let start = monotonicNanoseconds()
        lock.lock()
        let before = MemorySample(state.pointee.heap.readMemStats())
        let fresh: ShardedMap
        do throws(LabError) {
            fresh = try makingRoom(isCancelled: isCancelled) { () throws(LabError) in
                if let old { try requireMap(old) }
                return try state.pointee.makeFresh(replacement)
            }
        } catch {
            unlock()
            throw error
        }
        // Held on to: another client may exchange the heap while entries are copied.
        let owned = state.pointee.ownedHeap
        defer { withExtendedLifetime(owned) {} }
        var copied = 0
        if replacement.copy {
            do throws(LabError) {
                copied = try copyEntries(to: fresh, isCancelled: isCancelled, progress: progress)
            } catch {
                fresh.destroy()
                state.pointee.otherChangeCount &+= 1
                unlock()
                throw error
            }
        } else {
            state.pointee.endWorkOnMap()
        }
        state.pointee.exchangeMap(for: fresh, hint: replacement.hint)
        let result = ReplaceResult(report: state.pointee.report(), copied: copied)
        let after = MemorySample(state.pointee.heap.readMemStats())
        unlock()
        return Measured(
            result: result, before: before, after: after,
            elapsedNanoseconds: monotonicNanoseconds() - start)
    }

    /// `for k, v := range m { fresh[k] = v }`, in slices. Called, and returns, with the lock held.
    private func copyEntries(
        to fresh: ShardedMap, isCancelled: () -> Bool, progress: (Int) -> Void
    ) throws(LabError) -> Int {
        state.pointee.endMigration(.cancelled)
        let map = state.pointee.map
        let identity = mapIdentity
        let iterator = ShardedIterator(map)
        let entries = UnsafeMutableBufferPointer<MapEntry>.allocate(capacity: 16)
        state.pointee.copyTarget = fresh
        defer {
            state.pointee.copyTarget = nil
            iterator.destroy()
            entries.deallocate()
        }
        // How much room there must be is asked of every shard: so for more entries at once, the more shards there are.
        let entriesPerCheck = max(entries.count, fresh.shardCount / 4)
        var copied = 0
        while true {
            var left = 0
            let sliceEnd = monotonicNanoseconds() + Self.sliceNanoseconds
            repeat {
                if left < entries.count {
                    left = entriesPerCheck
                    try makingRoom(isCancelled: isCancelled) { () throws(LabError) in
                        try requireMap(identity)
                        try requireRoomToCopy(entryCount: left)
                    }
                }
                let count = iterator.next(into: entries)
                left -= count
                fresh.copyEntries(UnsafeBufferPointer(rebasing: entries[..<count]), from: map)
                copied += count
                collectIfDue()
                if count < entries.count { return copied }
            } while monotonicNanoseconds() < sliceEnd
            unlock()
            progress(copied)
            let stops = isCancelled()
            lock.letOthersIn()
            lock.lock()
            if stops { throw .cancelled }
            try requireMap(identity)
        }
    }

    /// Runs one operation with the lock held, and measures it.
    private func measured<Result>(
        _ operation: (UnsafeMutablePointer<LabState>) -> Result
    ) -> Measured<Result> {
        let start = monotonicNanoseconds()
        lock.lock()
        let before = MemorySample(state.pointee.heap.readMemStats())
        let result = operation(state)
        let after = MemorySample(state.pointee.heap.readMemStats())
        unlock()
        return Measured(
            result: result, before: before, after: after,
            elapsedNanoseconds: monotonicNanoseconds() - start)
    }
}

/// Which map it is that an operation works on in slices.
package struct MapIdentity: Sendable {
    fileprivate let number: UInt64
    package let type: MapTypeName

    /// Called with the lock held.
    func isOf(_ state: UnsafeMutablePointer<LabState>) -> Bool { state.pointee.mapNumber == number }
}

extension Lab {
    /// The map that there is. Called with the lock held.
    var mapIdentity: MapIdentity { MapIdentity(number: state.pointee.mapNumber, type: state.pointee.map.type.name) }

    /// - Throws: `LabError.mapReplaced` when the map is another one. Called with the lock held.
    @inline(__always)
    func requireMap(_ identity: MapIdentity) throws(LabError) {
        if identity.number != state.pointee.mapNumber { throw replacement(of: identity) }
    }

    @inline(never)
    private func replacement(of identity: MapIdentity) -> LabError {
        let map = state.pointee.map
        return .mapReplaced(from: "\(identity.type)", to: map.isNil ? nil : "\(map.type.name)")
    }
}

extension LabState {
    /// Another map is about to take the map's place, without its entries: whoever works on it ends.
    mutating func endWorkOnMap() {
        mapNumber &+= 1
        endMigration(.cancelled)
        copyTarget = nil
    }

    /// Puts a fresh map in the old one's place.
    ///
    /// - Parameter hint: what it was made with; nil is what the old one was made with.
    mutating func exchangeMap(for fresh: ShardedMap, hint: Int?) {
        map.destroy()
        map = fresh
        if let hint { self.hint = hint }
        otherChangeCount &+= 1
        deletesAtRebuild = deleteCount
    }

    func report() -> MapReport { report(map.statistics()) }

    /// The same, once the statistics are there.
    func report(_ statistics: MapStatistics) -> MapReport {
        MapReport(
            statistics: statistics, hint: hint, shards: map.shardCount, generations: map.isGenerational ? 2 : 1)
    }

    /// A fresh map, not yet in the old one's place.
    mutating func makeFresh(_ replacement: Replacement) throws(LabError) -> ShardedMap {
        let old = map.type.name
        let name = replacement.type ?? old
        if replacement.copy && name != old { throw .copyNeedsSameTypes(from: "\(old)", to: "\(name)") }
        let type = MapType.interned(name)
        let hint = replacement.hint ?? hint
        let layout = replacement.layout ?? map.layout
        let shards = replacement.shards ?? map.shardCount
        let isGenerational = replacement.isGenerational ?? (shards == 1 && map.isGenerational)
        if isGenerational && shards > 1 { throw .shardsHaveNoGenerations(shards: shards) }
        let neededBytes = ShardedMap.freshBytes(
            type, count: hint, heap: heap, layout: layout, shardCount: shards, isGenerational: isGenerational
        ).total
        if neededBytes > 64 << 10 && heap.inUseBytes + neededBytes > heapLimitBytes {
            throw .noRoom(
                neededBytes: neededBytes, inUseBytes: heap.inUseBytes, limitBytes: heapLimitBytes)
        }
        return ShardedMap.make(
            type, hint: hint, heap: heap, seed: nextSeed(), layout: layout, count: shards,
            isGenerational: isGenerational)
    }
}
