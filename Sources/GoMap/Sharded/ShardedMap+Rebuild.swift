// Copying one shard at a time: while it is copied every change goes to the shard and to the copy, which then takes its place.
// What that needs on the way is one shard's bytes.
//
//     map.beginCopy(ofShard: 3)
//     let iterator = ShardedIterator(map, shard: 3)
//     … map.copyToShard(entries)                          // a few at a time; anything may be done to the map in between
//     map.finishCopyOfShard()
//     iterator.destroy()
//
// Iterations over the shard go on over what it was, as a Go loop does when `shards[3]` is assigned to.

import GoHeap

extension ShardedMap {
    /// Begins a copy of a shard, made for as many entries as it has.
    ///
    /// - Precondition: there are several shards, which are not nil, and no copy of one is being made.
    package func beginCopy(ofShard index: Int) {
        guard let shards, !isGenerational, !isNil else { preconditionFailure("there are shards") }
        ShardTable.beginCopy(shards, of: index, hint: self[index].count)
    }

    /// Copies entries of the shard; what strings, slices and pointers lead to is shared.
    ///
    /// - Parameter entries: a few, as an iterator over the shard gave them, with nothing changed since.
    package func copyToShard(_ entries: UnsafeBufferPointer<MapEntry>) {
        guard let copy = shards?.pointee.copy?.map else { preconditionFailure("a copy has begun") }
        // PERF: a shard's copy has the seed of the shard, so neighbours go to neighbours: nothing to prefetch.
        for entry in entries {
            let key = key(at: entry.key)
            let slot = copy.assign(key, hash: hash(key)).slot
            heap.moveTyped(type.pointee.valueObjectType, from: entry.value, to: slot)
        }
    }

    /// Puts the copy in the shard's place.
    package func finishCopyOfShard() { if let shards { ShardTable.finishCopy(shards) } }

    /// Gives the copy up, if there is one.
    package func dropCopyOfShard() { if let shards { ShardTable.dropCopy(shards) } }

    /// The copy that is being made of the shard that has the keys of a hash.
    @inline(__always)
    func copy(ofShardOf hash: KeyHash) -> GoMap? {
        guard let shards, let copy = shards.pointee.copy, copy.index == shards.pointee.index(of: hash) else {
            return nil
        }
        return copy.map
    }

    /// What a shard holds, and what it would hold made anew, in bytes; and how many entries it has. O(1).
    package func weight(ofShard index: Int) -> (bytes: Int, freshBytes: Int, count: Int) {
        let map = self[index]
        let fresh = GoMap.freshBytes(type, count: map.count, heap: heap, layout: layout)
        return (map.bytes().total, fresh.total, map.count)
    }
}
