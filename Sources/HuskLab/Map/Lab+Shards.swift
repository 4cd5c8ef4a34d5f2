// Rebuilding a map of several shards one after the other: what it takes on the way is one shard, and what has become garbage
// since the last collection.

import GoHeap
import GoMap
import HuskSystem

extension Lab {
    /// Of the map's bytes, how much copies and garbage may take together before there is a collection. Of 64 shards two are
    /// copied between two collections.
    static let shareOfGarbage = 24

    /// Copies each shard that retains something to one made for its entries, in slices, and collects. Called with `copying` held.
    func rebuildShards(isCancelled: () -> Bool) throws(LabError) {
        lock.lock()
        state.pointee.endMigration(.cancelled)
        let identity = mapIdentity
        let shardCount = state.pointee.map.shardCount
        let limit = state.pointee.report().statistics.bytes.total / Self.shareOfGarbage
        lock.unlock()
        // Another client may have replaced the map with one of one shard before it was this operation's turn.
        guard shardCount > 1 else { return }
        var garbageBytes = 0
        for index in 0..<shardCount {
            let weight = try shardWeight(index, of: identity)
            guard weight.bytes > weight.freshBytes else { continue }
            if garbageBytes > 0 && garbageBytes + weight.freshBytes > limit {
                _ = try collect(isCancelled: isCancelled)
                garbageBytes = 0
            }
            try rebuildShard(index, of: identity, freshBytes: weight.freshBytes, isCancelled: isCancelled)
            garbageBytes += weight.bytes
        }
        lock.lock()
        // Those that have not been copied retained nothing.
        if identity.isOf(state) { state.pointee.deletesAtRebuild = state.pointee.deleteCount }
        lock.unlock()
    }

    private func shardWeight(
        _ index: Int, of identity: MapIdentity
    ) throws(LabError) -> (bytes: Int, freshBytes: Int, count: Int) {
        lock.lock()
        defer { lock.unlock() }
        try requireMap(identity)
        return state.pointee.map.weight(ofShard: index)
    }

    private func rebuildShard(
        _ index: Int, of identity: MapIdentity, freshBytes: Int, isCancelled: () -> Bool
    ) throws(LabError) {
        lock.lock()
        defer { unlock() }
        try makingRoom { () throws(LabError) in
            try requireMap(identity)
            try requireRoom(bytes: freshBytes)
        }
        // Held on to: another client may exchange the heap while entries are copied.
        let owned = state.pointee.ownedHeap
        defer { withExtendedLifetime(owned) {} }
        let map = state.pointee.map
        let iterator = ShardedIterator(map, shard: index)
        map.beginCopy(ofShard: index)
        let entries = UnsafeMutableBufferPointer<MapEntry>.allocate(capacity: 16)
        defer {
            // Of a map that is gone it is dropped; the iterator is the last that holds on to that.
            map.dropCopyOfShard()
            iterator.destroy()
            entries.deallocate()
            state.pointee.otherChangeCount &+= 1
        }
        var count = 0
        repeat {
            let sliceEnd = monotonicNanoseconds() + Self.sliceNanoseconds
            repeat {
                count = iterator.next(into: entries)
                map.copyToShard(UnsafeBufferPointer(rebasing: entries[..<count]))
                collectIfDue()
            } while count == entries.count && monotonicNanoseconds() < sliceEnd
            if count == entries.count {
                unlock()
                let stops = isCancelled()
                lock.letOthersIn()
                lock.lock()
                if stops { throw .cancelled }
                try requireMap(identity)
                // Where the copy has to grow after all.
                try requireRoom(bytes: 0)
            }
        } while count == entries.count
        map.finishCopyOfShard()
    }
}
