// What all shards hold together, and what must hold of them.

import GoHeap

extension ShardedMap {
    /// Everything about the map: counts and bytes are sums over the shards; B, depth and chain those of the largest.
    ///
    /// - Complexity: O(shards).
    package func statistics() -> MapStatistics {
        var part = PartialStatistics()
        add(to: &part, atMost: .max)
        return statistics(part)
    }

    /// What some of the shards hold together.
    package struct PartialStatistics {
        fileprivate var table: UnsafeMutablePointer<ShardTable>?
        fileprivate var layout: MapLayout?
        fileprivate var nextShard = 0
        fileprivate var count = 0
        fileprivate var bytes = MapBytes()
        fileprivate var ofLayout: LayoutStatistics?

        package init() {}
    }

    /// Adds the next shards up, for whoever must not be busy with all of them at once. Begins again if what there is was of
    /// another map.
    ///
    /// - Returns: whether there are more.
    @discardableResult
    package func add(to part: inout PartialStatistics, atMost limit: Int) -> Bool {
        if part.table != shards || part.layout != layout {
            part = PartialStatistics()
            part.table = shards
            part.layout = layout
        }
        let end = limit < mapCount - part.nextShard ? part.nextShard + limit : mapCount
        for index in part.nextShard..<end {
            let map = self[index]
            part.count += map.count
            part.bytes.add(map.bytes())
            guard let more = map.layoutStatistics() else { continue }
            if part.ofLayout == nil { part.ofLayout = more } else { part.ofLayout?.add(more) }
        }
        part.nextShard = end
        return end < mapCount
    }

    /// Everything about the map, once all shards are added up.
    package func statistics(_ part: PartialStatistics) -> MapStatistics {
        guard shards != nil else { return first.statistics() }
        var bytes = part.bytes
        let ofLayout = part.ofLayout
        let count = part.count
        if !isNil { bytes.header += Self.tableByteCount(mapCount, heap) }
        let fresh = Self.freshBytes(
            type, count: count, heap: heap, layout: layout, shardCount: shardCount, isGenerational: isGenerational)
        return MapStatistics(
            type: type.name, layout: layout, isNil: isNil, count: count, bytes: bytes,
            freshBytes: fresh, ofLayout: ofLayout)
    }

    /// What a fresh map made with hint = `count` holds once it has `count` entries, spread evenly over the shards, or all of
    /// them young.
    ///
    /// - Parameter layout: nil for that of the heap's profile.
    package static func freshBytes(
        _ type: MapTypeRef, count: Int, heap: Heap, layout: MapLayout? = nil, shardCount: Int = 1,
        isGenerational: Bool = false
    ) -> MapBytes {
        if isGenerational {
            var bytes = GoMap.freshBytes(type, count: count, heap: heap, layout: layout)
            bytes.add(GoMap.freshBytes(type, count: 0, heap: heap, layout: layout))
            bytes.header += tableByteCount(2, heap)
            return bytes
        }
        let (each, more) = count.quotientAndRemainder(dividingBy: shardCount)
        var bytes = GoMap.freshBytes(type, count: each, heap: heap, layout: layout)
        bytes.multiply(by: shardCount - more)
        if more > 0 {
            var larger = GoMap.freshBytes(type, count: each + 1, heap: heap, layout: layout)
            larger.multiply(by: more)
            bytes.add(larger)
        }
        bytes.header += tableByteCount(shardCount, heap)
        return bytes
    }

    /// What a fresh map holds that has no entries yet.
    ///
    /// - Parameters:
    ///   - hint: for how many entries it is made, in all shards together; of generations it is the young one's.
    ///   - isGenerational: whether it has two generations; then `shardCount` is 1.
    package static func emptyBytes(
        _ type: MapTypeRef, hint: Int, heap: Heap, layout: MapLayout, shardCount: Int, isGenerational: Bool
    ) -> Int {
        func empty(_ hint: Int) -> Int {
            MapEstimate(type, hint: hint, peak: 0, kept: 0, heap: heap, layout: layout).bytes.expected
        }
        if isGenerational { return empty(hint) + empty(0) + tableByteCount(2, heap) }
        return empty(shardHint(hint, count: shardCount)) * shardCount + tableByteCount(shardCount, heap)
    }

    /// Bytes that the table of the shards' headers takes.
    private static func tableByteCount(_ shardCount: Int, _ heap: Heap) -> Int {
        shardCount == 1 ? 0 : heap.heldByteCount(shardCount * 8, hasPointers: true)
    }

    /// An upper bound of the bytes that the map itself allocates when a key is inserted: not the bytes of a string key, nor
    /// what the value leads to. 0 for a nil map. O(1).
    package func bytesNeededToInsert(_ key: Datum) -> Int {
        guard shards != nil else { return first.bytesNeededToInsert() }
        let hash = hash(key)
        return map(of: hash).bytesNeededToInsert() + (copy(ofShardOf: hash)?.bytesNeededToInsert() ?? 0)
    }

    /// An upper bound of the bytes that the growth of whichever maps may take when `entryCount` keys are inserted. O(shards).
    package func bytesNeededToInsert(entryCount: Int) -> Int {
        let most = (0..<mapCount).reduce(0) { max($0, self[$1].bytesNeededToInsert()) }
        return min(entryCount, mapCount) * most
    }

    /// Checks all shards against their invariants, and those that they share; traps when one does not hold.
    package func checkInvariants() {
        guard let shards else { return first.checkInvariants() }
        for index in 0..<mapCount {
            let map = self[index]
            precondition(map.state.pointee.shards == shards, "a shard knows what it is one of")
            precondition(
                map.type == type && map.layout == layout && map.isNil == isNil, "all shards are of one kind")
            precondition(map.hashSeed == first.hashSeed, "all shards have one seed")
            precondition(
                shards.pointee.header(index) == map.rootWord.pointee,
                "the table leads to the header of shard \(index)")
            map.checkInvariants()
        }
        shards.pointee.copy?.map.checkInvariants()
        if isGenerational { checkDisjoint() }
    }

    /// Checks that no key is in both generations.
    private func checkDisjoint() {
        let iterator = MapIterator(self[1])
        defer { iterator.destroy() }
        while let entry = iterator.next() {
            precondition(first.access(key(at: entry.key)) == nil, "a key is in one generation")
        }
    }
}
