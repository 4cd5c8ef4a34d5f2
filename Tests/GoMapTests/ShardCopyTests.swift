import GoHeap
import GoMap
import MapSamples
import TestSupport
import Testing

@Suite("Copies of one shard") struct ShardCopyTests {
    private func withShards<Result>(
        _ type: String, _ count: Int, layout: MapLayout, _ body: (inout Pair) throws -> Result
    ) throws -> Result {
        let type = MapType.interned(try MapTypeName(parsing: type))
        return try withHeap { heap in
            let map = ShardedMap.make(type, heap: heap, seed: 3, layout: layout, count: count)
            var pair = Pair(map)
            let result = try body(&pair)
            map.destroy()
            heap.collect()
            #expect(heap.readMemStats().heapObjects == 0, "nothing is left")
            return result
        }
    }

    /// Copies a shard, a few entries at a time, and does `between` in between.
    private func rebuild(_ shard: Int, of map: ShardedMap, _ between: () -> Void) {
        map.beginCopy(ofShard: shard)
        let iterator = ShardedIterator(map, shard: shard)
        withUnsafeTemporaryAllocation(of: MapEntry.self, capacity: 7) { entries in
            var count = 0
            repeat {
                count = iterator.next(into: entries)
                map.copyToShard(UnsafeBufferPointer(rebasing: entries[..<count]))
                between()
                map.heap.collectIfDue()
            } while count == entries.count
        }
        map.finishCopyOfShard()
        iterator.destroy()
    }

    @Test(
        "A shard's copy has what the shard has, whatever is done to the map while it is made",
        arguments: ["map[int]int", "map[string]string", "map[int32]*int32", "map[[200]byte][200]byte"],
        MapLayout.allCases)
    func changesMeanwhile(type: String, layout: MapLayout) throws {
        print("\(type), copies of shards: HUSK_TEST_SEED=\(testSeed)")
        var random = SeededGenerator()
        try withShards(type, 4, layout: layout) { pair in
            for number in 0..<3_000 { pair.insert(number, value: number) }
            for round in 0..<12 {
                // Not captured: the closure changes it.
                var changed = pair
                rebuild(round % 4, of: pair.map) {
                    for _ in 0..<3 {
                        let number = random.below(4_000)
                        if random.below(2) == 0 {
                            changed.insert(number, value: round)
                        } else {
                            changed.delete(changed.key(number))
                        }
                    }
                    if random.below(2_000) == 0 { changed.clear() }
                    if random.below(20) == 0 { _ = changed.map.heap.collectSlice(budgetBytes: 500) }
                }
                pair = changed
                pair.compare()
            }
        }
    }

    @Test("Copying every shard gives back what deletes have left", arguments: MapLayout.allCases)
    func givesBack(layout: MapLayout) throws {
        try withShards("map[int]int", 16, layout: layout) { pair in
            for number in 0..<50_000 { pair.insert(number, value: number) }
            for number in 0..<48_000 { pair.delete(pair.key(number)) }
            #expect(pair.map.statistics().retainedBytes > 1 << 20)
            for shard in 0..<16 {
                let weight = pair.map.weight(ofShard: shard)
                #expect(weight.bytes > weight.freshBytes)
                rebuild(shard, of: pair.map) {}
                // But for overflow buckets, which depend on the seed.
                let bytes = pair.map.weight(ofShard: shard).bytes
                #expect((weight.freshBytes..<weight.freshBytes * 9 / 8).contains(bytes))
            }
            pair.compare()
            pair.map.heap.collect()
            #expect(pair.map.statistics().retainedBytes <= 64 << 10)
        }
    }

    @Test(
        "An iteration over all shards goes on over what a copied shard was, and a copy that is dropped leaves nothing",
        arguments: MapLayout.allCases)
    func iterationAndDrop(layout: MapLayout) throws {
        try withShards("map[string]string", 8, layout: layout) { pair in
            for number in 0..<5_000 { pair.insert(number, value: number) }
            let iterator = ShardedIterator(pair.map)
            var seen: Set<Sample> = []
            while let entry = iterator.next() {
                #expect(seen.insert(pair.read(entry).key).inserted)
                if seen.count % 500 == 250 {
                    for shard in 0..<8 { rebuild(shard, of: pair.map) {} }
                    pair.map.heap.collect()
                }
            }
            iterator.destroy()
            #expect(seen.count == 5_000)
            pair.map.beginCopy(ofShard: 2)
            pair.insert(1, value: 99)
            pair.map.dropCopyOfShard()
            pair.compare()
            // And one that is under way when the map goes.
            pair.map.beginCopy(ofShard: 3)
        }
    }
}
