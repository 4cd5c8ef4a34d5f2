// An iteration over a map that may have shards, which may change meanwhile.

import GoHeap

/// `for k, v := range m`, or that over each shard, from a random one on round to the one before it: every entry that is
/// there throughout comes once, as with `MapIterator`.
///
/// Goes on over the map that it began with when the handle is destroyed or set to nil, as a Go loop does.
package struct ShardedIterator {
    private struct Position {
        /// The iteration over the present shard; nil after the last one.
        var iterator: MapIterator?
        var shard: Int
        /// How many shards come after it.
        var shardsLeft: Int
    }

    /// The shards; nil for one map. Not asked of the map's handle, which may be destroyed meanwhile.
    private let shards: UnsafeMutablePointer<ShardTable>?
    private let position: UnsafeMutablePointer<Position>

    /// Begins an iteration; it must be destroyed.
    package init(_ map: ShardedMap) {
        shards = map.shards
        var shard = 0
        if let shards {
            ShardTable.retain(shards)
            shard = Int(truncatingIfNeeded: map.first.state.pointee.random.next()) & (map.shardCount - 1)
        }
        position = .allocate(capacity: 1)
        position.initialize(
            to: Position(iterator: MapIterator(map[shard]), shard: shard, shardsLeft: map.shardCount - 1))
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
        position.pointee.iterator = nil
        guard let shards, position.pointee.shardsLeft > 0 else { return }
        position.pointee.shardsLeft -= 1
        position.pointee.shard = (position.pointee.shard + 1) & (shards.pointee.count - 1)
        position.pointee.iterator = MapIterator(shards.pointee.maps[position.pointee.shard])
    }

    /// Ends the iteration.
    package func destroy() {
        position.pointee.iterator?.destroy()
        position.deinitialize(count: 1)
        position.deallocate()
        if let shards { ShardTable.release(shards) }
    }
}

// SAFETY: as for `ShardedMap`.
extension ShardedIterator: @unchecked Sendable {}
