import GoHeap
import GoMap
import MapSamples
import TestSupport
import Testing

@Suite struct ShardedMapTests {
    /// A sharded map for one test.
    private func withShards<Result>(
        _ type: String, _ count: Int, hint: Int = 0, seed: UInt32 = 1, layout: MapLayout = .bucket,
        _ body: (ShardedMap) throws -> Result
    ) throws -> Result {
        let type = MapType.interned(try MapTypeName(parsing: type))
        return try withHeap { heap in
            let map = ShardedMap.make(type, hint: hint, heap: heap, seed: seed, layout: layout, count: count)
            defer { map.destroy() }
            return try body(map)
        }
    }

    /// The samples of an entry that an iterator has reached.
    private func read(_ entry: MapEntry, of map: ShardedMap) -> (key: Sample, value: Sample) {
        let name = map.type.name
        return (
            Sample(map.key(at: entry.key), of: name.key), Sample(map.value(at: entry.value)!, of: name.value)
        )
    }

    private func fill(_ map: ShardedMap, _ keys: Range<Int>) {
        for key in keys {
            Sample(key, of: map.type.name.key).withDatum { datum in
                _ = map.insert(datum, Datum(integer: key))
            }
            map.heap.collectIfDue()
        }
    }

    private static let kinds: [(type: String, count: Int)] = [
        ("map[int]int", 1), ("map[int]int", 2), ("map[int32]*int32", 64), ("map[string][]byte", 16),
        ("map[string]string", 512), ("map[int64][200]byte", 8), ("map[[200]byte]int32", 32),
        ("map[uint32]struct{}", 4096),
    ]

    @Test(
        "Under 100,000 random operations a map with shards behaves as a Dictionary", arguments: kinds,
        MapLayout.allCases)
    func randomOperations(kind: (type: String, count: Int), layout: MapLayout) throws {
        let (type, count) = kind
        print("\(type), \(count) shards: HUSK_TEST_SEED=\(testSeed)")
        var random = SeededGenerator()
        let mapType = MapType.interned(try MapTypeName(parsing: type))
        let name = mapType.name
        try withHeap { heap in
            var map = ShardedMap.make(
                mapType, heap: heap, seed: UInt32(truncatingIfNeeded: testSeed), layout: layout, count: count)
            defer { map.destroy() }
            var model: [Sample: Sample] = [:]

            func insert(_ number: Int) {
                let key = Sample(number, of: name.key)
                let value = Sample(random.below(1 << 20), of: name.value)
                let isNew = key.withDatum { key in
                    let budget = map.bytesNeededToInsert(key)
                    #expect(
                        budget <= map.bytesNeededToInsert(entryCount: 1), "no key needs more than any key may"
                    )
                    return value.withDatum { value in
                        random.below(2) == 0
                            ? map.insert(key, value) : map.insert(key, hash: map.hash(key), value)
                    }
                }
                #expect(isNew == (model.updateValue(value, forKey: key) == nil))
            }
            func delete(_ number: Int) {
                let key = Sample(number, of: name.key)
                let wasThere = key.withDatum { key in
                    random.below(2) == 0 ? map.delete(key) : map.delete(key, hash: map.hash(key))
                }
                #expect(wasThere == (model.removeValue(forKey: key) != nil))
            }
            /// Goes over the map while it changes.
            func iterate() {
                var throughout = Set(model.keys)
                var deleted: Set<Sample> = []
                var seen: [Sample: Int] = [:]
                let iterator = ShardedIterator(map)
                defer { iterator.destroy() }
                while let entry = iterator.next() {
                    let (key, value) = read(entry, of: map)
                    #expect(model[key] == value, "an iterator gives what the map has at that moment")
                    seen[key, default: 0] += 1
                    let number = random.below(3000)
                    if random.below(2) == 0 {
                        insert(number)
                    } else {
                        throughout.remove(Sample(number, of: name.key))
                        deleted.insert(Sample(number, of: name.key))
                        delete(number)
                    }
                }
                #expect(throughout.allSatisfy { seen[$0] == 1 }, "what is there throughout comes once")
                #expect(seen.allSatisfy { $0.value == 1 || deleted.contains($0.key) })
            }

            var inserting = 60
            for step in 0..<100_000 {
                if step % 5000 == 0 { inserting = [20, 50, 70, 90][random.below(4)] }
                switch random.below(10_000) {
                case 0:
                    map.clear()
                    model = [:]
                case 1: iterate()
                case 2: heap.collect()
                case 3: heap.startForcedCycle()
                case 4...300: _ = heap.collectSlice(budgetBytes: 500)
                default:
                    let number = random.below(3000)
                    if random.below(100) < inserting { insert(number) } else { delete(number) }
                }
                if step % 10_000 == 0 {
                    #expect(map.count == model.count)
                    map.checkInvariants()
                    heap.checkInvariants()
                }
            }
            heap.collect()
            map.checkInvariants()
            #expect(map.count == model.count)
            for (key, value) in model {
                let slot = key.withDatum { map.access($0) }
                #expect(slot.map { Sample(map.value(at: $0)!, of: name.value) } == value)
            }
            map.setNil()
            #expect(map.isNil && map.shardCount == count && map.count == 0)
            map.checkInvariants()
            heap.collect()
            #expect(heap.readMemStats().heapObjects == 0, "nil maps hold nothing")
        }
    }

    @Test("Shards are filled evenly", arguments: ["map[int]int", "map[string]int", "map[[16]byte]int"])
    func evenly(type: String) throws {
        try withShards(type, 64) { map in
            fill(map, 0..<64_000)
            // Counts around 1,000 with a standard deviation of 31.
            for shard in countRows(map) { #expect((814...1186).contains(shard.entries), "\(shard)") }
        }
    }

    @Test(
        "In a shard entries are spread as well as in a map alone: as many overflow buckets, no longer chains")
    func spread() throws {
        // An average of five entries a chain on both sides.
        let alone = try withShards("map[int]int", 1) { map in
            fill(map, 0..<40_960)
            return map.statistics().bucket!
        }
        let sharded = try withShards("map[int]int", 64) { map in
            fill(map, 0..<40_960)
            for shard in countRows(map) { #expect(shard.rows == 128) }
            return map.statistics().bucket!
        }
        #expect(alone.chains == 8192 && sharded.chains == 8192)
        // One chain in 15 has more than eight entries: 558 ± 24 of 8,192.
        for found in [alone, sharded] { #expect((440...700).contains(found.overflowBuckets), "\(found)") }
        #expect(sharded.longestChain <= 3)
    }

    @Test("In a shard tables split as evenly as in a map alone")
    func spreadOverTables() throws {
        // 16 tables of 1,024 slots on both sides, filled to 5/8.
        let alone = try withShards("map[int]int", 1, layout: .swiss) { map in
            fill(map, 0..<10_240)
            return map.statistics().swiss!
        }
        let sharded = try withShards("map[int]int", 8, layout: .swiss) { map in
            fill(map, 0..<81_920)
            for shard in countRows(map) { #expect((14...18).contains(shard.tables) && shard.depth <= 5, "\(shard)") }
            return map.statistics().swiss!
        }
        #expect((14...18).contains(alone.tables) && (15 * 8...17 * 8).contains(sharded.tables))
        #expect(sharded.groups == sharded.tables * 128)
    }

    @Test(
        "The shards keep their seed when they become empty, so that a hash stays good",
        arguments: MapLayout.allCases)
    func seedStays(layout: MapLayout) throws {
        try withShards("map[int]int", 4, layout: layout) { map in
            let hashes = (0..<100).map { map.hash(Datum(integer: $0)) }
            for round in 0..<3 {
                for key in 0..<100 { map.insert(Datum(integer: key), hash: hashes[key], Datum(integer: key)) }
                for key in 0..<100 { #expect(map.access(Datum(integer: key)) != nil) }
                if round == 0 { map.clear() }
                if round == 1 {
                    for key in 0..<100 { #expect(map.delete(Datum(integer: key), hash: hashes[key])) }
                }
                map.checkInvariants()
            }
            #expect(map.count == 100)
        }
    }

    @Test(
        "Iterations begin at different shards, and give every entry once, one at a time or several",
        arguments: MapLayout.allCases)
    func iterationOrder(layout: MapLayout) throws {
        try withShards("map[int]int", 16, layout: layout) { map in
            fill(map, 0..<500)
            var firstKeys: Set<Int> = []
            for batch in [1, 1, 1, 1, 1, 1, 7, 16, 600] {
                let iterator = ShardedIterator(map)
                defer { iterator.destroy() }
                let entries = UnsafeMutableBufferPointer<MapEntry>.allocate(capacity: batch)
                defer { entries.deallocate() }
                var keys: [Int] = []
                while true {
                    let count = batch == 1 ? 0 : iterator.next(into: entries)
                    if batch == 1 {
                        guard let entry = iterator.next() else { break }
                        keys.append(Int(map.key(at: entry.key).word))
                    }
                    keys += entries[..<count].map { Int(map.key(at: $0.key).word) }
                    if batch > 1 && count < batch { break }
                }
                #expect(Set(keys) == Set(0..<500) && keys.count == 500)
                #expect(iterator.next() == nil && iterator.next(into: entries) == 0)
                firstKeys.insert(keys[0])
            }
            #expect(firstKeys.count > 4)
        }
    }

    @Test(
        "An iteration goes on over what a map had when it is set to nil or destroyed", arguments: [1, 16],
        MapLayout.allCases)
    func iterationOutlivesMap(count: Int, layout: MapLayout) throws {
        let type = MapType.interned(key: .int, value: .int)
        try withHeap { heap in
            for destroys in [false, true] {
                var map = ShardedMap.make(type, heap: heap, seed: 3, layout: layout, count: count)
                fill(map, 0..<2000)
                let iterator = ShardedIterator(map)
                var seen: Set<UInt64> = []
                for _ in 0..<10 { seen.insert(type.key(at: iterator.next()!.key).word) }
                if destroys { map.destroy() } else { map.setNil() }
                heap.collect()
                while let entry = iterator.next() { seen.insert(type.key(at: entry.key).word) }
                #expect(seen.count == 2000)
                iterator.destroy()
                if !destroys { map.destroy() }
                heap.collect()
                #expect(heap.readMemStats().heapObjects == 0)
            }
        }
    }

    @Test(
        "Statistics are sums over the shards, and the bytes are all that the heap holds for the map",
        arguments: MapLayout.allCases)
    func statistics(layout: MapLayout) throws {
        for (count, hint) in [(1, 0), (8, 0), (8, 1000), (256, 10_000)] {
            try withShards("map[int]int", count, hint: hint, layout: layout) { map in
                fill(map, 0..<20_000)
                for key in 0..<19_000 { map.delete(Datum(integer: key)) }
                map.heap.collect()
                let found = map.statistics()
                let each = countRows(map)
                func sum(_ figure: (ShardRows) -> Int) -> Int { each.reduce(0) { $0 + figure($1) } }
                #expect(each.count == count && sum(\.entries) == 1000)
                #expect(found.count == 1000 && found.bytes.total == Int(map.heap.readMemStats().heapAlloc))
                #expect(found.slots == sum(\.slots))
                let rows = sum(\.rows)
                #expect(found.loadFactor == 1000 / Double(rows))
                if let bucket = found.bucket {
                    #expect(bucket.chains == rows && bucket.overflowBuckets == sum(\.overflowBuckets))
                    #expect(1 << bucket.B == each.map(\.rows).max())
                    #expect(bucket.longestChain == each.map(\.longestChain).max())
                }
                if let swiss = found.swiss {
                    #expect(swiss.groups == rows && swiss.tables == sum(\.tables))
                    #expect(swiss.tombstones == sum(\.deleted))
                    // Tables grow when they are full to seven eighths.
                    #expect(swiss.growthLeft == sum { $0.slots / 8 * 7 - $0.entries - $0.deleted })
                    #expect(swiss.globalDepth == each.map(\.depth).max())
                }
                let fresh = ShardedMap.freshBytes(
                    map.type, count: 1000, heap: map.heap, layout: layout, shardCount: count)
                #expect(
                    found.retainedBytes == max(0, found.bytes.total - fresh.total) && found.retainedBytes > 0)
            }
        }
    }

    @Test("A hint is shared out over the shards, rounded up")
    func hint() throws {
        try withShards("map[int]int", 4, hint: 33) { map in
            // Nine each, which is one more than fits into a bucket.
            #expect(countRows(map).map(\.rows) == [2, 2, 2, 2])
        }
        try withShards("map[int]int", 4, hint: 32) { map in
            #expect(countRows(map).allSatisfy { $0.rows <= 1 })
        }
    }

    @Test(
        "A copy into another number of shards or the other layout has every entry",
        arguments: [(1, 64), (64, 1), (16, 4096), (64, 64)], MapLayout.allCases)
    func copies(shards: (from: Int, to: Int), layout: MapLayout) throws {
        try withShards("map[string]int", shards.from, layout: layout == .bucket ? .swiss : .bucket) { map in
            fill(map, 0..<5000)
            let fresh = ShardedMap.make(map.type, heap: map.heap, seed: 9, layout: layout, count: shards.to)
            defer { fresh.destroy() }
            let iterator = ShardedIterator(map)
            defer { iterator.destroy() }
            let entries = UnsafeMutableBufferPointer<MapEntry>.allocate(capacity: 16)
            defer { entries.deallocate() }
            var count = entries.count
            while count == entries.count {
                count = iterator.next(into: entries)
                fresh.copyEntries(UnsafeBufferPointer(rebasing: entries[..<count]), from: map)
            }
            #expect(fresh.count == 5000)
            for key in 0..<5000 {
                let slot = Sample(key, of: .string).withDatum { fresh.access($0) }
                #expect(slot.map { fresh.value(at: $0)!.word } == UInt64(key))
            }
            fresh.checkInvariants()
        }
    }

    @Test("A number of shards is a power of two up to 4,096")
    func counts() {
        #expect((-1...10_000).filter(ShardedMap.isCount) == (0...12).map { 1 << $0 })
        #expect(!ShardedMap.isCount(.min) && !ShardedMap.isCount(.max))
    }
}
