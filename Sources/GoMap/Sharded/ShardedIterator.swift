// An iteration over a map that may have shards, which may change meanwhile.

import GoHeap

/// `for k, v := range m`, or that over each shard, from a random one on round to the one before it, or over the old generation
/// and then over the young one: every entry that is there throughout comes once, as with `MapIterator`.
///
/// Goes on over the map that it began with when the handle is destroyed or set to nil, as a Go loop does.
package struct ShardedIterator {
    private struct Position {
        /// The iteration over the present shard; nil after the last one.
        var iterator: MapIterator?
        /// That over the young generation, which comes after the old one: begun with it, for the two may be exchanged.
        var young: MapIterator?
        var shard: Int
        /// How many shards come after it.
        var shardsLeft: Int
    }

    /// The shards; nil for one map. Not asked of the map's handle, which may be destroyed meanwhile.
    private let shards: UnsafeMutablePointer<ShardTable>?
    private let position: UnsafeMutablePointer<Position>

    /// Begins an iteration; it must be destroyed.
    package init(_ map: ShardedMap) {
        if map.isGenerational {
            self.init(map, from: 1, shardsLeft: 0)
            position.pointee.young = MapIterator(map[0])
            return
        }
        let random = map.shards == nil ? 0 : map.first.state.pointee.random.next()
        let shard = Int(truncatingIfNeeded: random) & (map.mapCount - 1)
        self.init(map, from: shard, shardsLeft: map.mapCount - 1)
    }

    /// Begins an iteration over one shard.
    package init(_ map: ShardedMap, shard: Int) { self.init(map, from: shard, shardsLeft: 0) }

    private init(_ map: ShardedMap, from shard: Int, shardsLeft: Int) {
        shards = map.shards
        if let shards { ShardTable.retain(shards) }
        position = .allocate(capacity: 1)
        position.initialize(
            to: Position(iterator: MapIterator(map[shard]), shard: shard, shardsLeft: shardsLeft))
    }

    /// Goes to the next entry.
    ///
    /// - Returns: the entry; nil after the last one, and from then on.
    /// - Complexity: O(1) amortised over the shards and their buckets.
    package func next() -> MapEntry? {
        guard let iterator = position.pointee.iterator else { return nil }
        return iterator.next() ?? nextShardsEntry(after: iterator)
    }

    /// The first entry of the shards that come after an iterator's.
    ///
    /// PERF: apart, so that the usual step saves few registers.
    @inline(never)
    private func nextShardsEntry(after done: MapIterator) -> MapEntry? {
        advance(from: done)
        while let iterator = position.pointee.iterator {
            if let entry = iterator.next() { return entry }
            advance(from: iterator)
        }
        return nil
    }

    /// Goes over several entries at once, for callers that change nothing in between.
    ///
    /// - Parameter entries: where to put them.
    /// - Returns: how many there are; less than there is room for only at the end.
    package func next(into entries: UnsafeMutableBufferPointer<MapEntry>) -> Int {
        var count = 0
        while let iterator = position.pointee.iterator {
            count += iterator.next(into: UnsafeMutableBufferPointer(rebasing: entries[count...]))
            if count == entries.count { break }
            advance(from: iterator)
        }
        return count
    }

    /// Goes on to the next shard.
    private func advance(from iterator: MapIterator) {
        iterator.destroy()
        position.pointee.iterator = position.pointee.young
        position.pointee.young = nil
        guard position.pointee.iterator == nil, let shards, position.pointee.shardsLeft > 0 else { return }
        position.pointee.shardsLeft -= 1
        position.pointee.shard = (position.pointee.shard + 1) & (shards.pointee.count - 1)
        position.pointee.iterator = MapIterator(shards.pointee.maps[position.pointee.shard])
    }

    /// Ends the iteration.
    package func destroy() {
        position.pointee.iterator?.destroy()
        position.pointee.young?.destroy()
        position.deinitialize(count: 1)
        position.deallocate()
        if let shards { ShardTable.release(shards) }
    }
}

// SAFETY: as for `ShardedMap`.
extension ShardedIterator: @unchecked Sendable {}
