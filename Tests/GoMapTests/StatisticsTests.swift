import GoHeap
import GoMap
import TestSupport
import Testing

@Suite struct StatisticsTests {
    /// What the heap holds for a map, measured: live bytes after a collection, less those before the map
    /// was made.
    private func measuredBytes(_ heap: Heap, _ body: () throws -> ShardedMap) rethrows -> (
        map: ShardedMap, bytes: Int
    ) {
        heap.collect()
        let before = heap.readMemStats().heapAlloc
        let map = try body()
        heap.collect()
        return (map, Int(heap.readMemStats().heapAlloc) - Int(before))
    }

    @Test(
        "The bytes that a map says it holds are the bytes that the heap holds for it",
        arguments: [
            "map[int]int", "map[int32]int32", "map[int64][128]byte", "map[int64][129]byte",
            "map[[200]byte]int",
            "map[uint64]struct{}", "map[[129]byte][300]byte",
        ], mapProfiles)
    func bytesAreTheHeaps(type: String, profile: GoProfile) throws {
        let name = try MapTypeName(parsing: type)
        for count in [0, 5, 9, 110, 420, 1000, 6600, 6657, 6700, 7500] {
            try withHeap(configuration: HeapConfiguration(profile: profile)) { heap in
                let (map, bytes) = measuredBytes(heap) {
                    let map = ShardedMap.make(MapType.interned(name), heap: heap, seed: UInt32(count))
                    var pair = Pair(map)
                    for number in 0..<count { pair.insert(number, value: number) }
                    for number in stride(from: 0, to: count, by: 3) { pair.delete(pair.key(number)) }
                    return map
                }
                #expect(map.statistics().bytes.total == bytes, "\(count) entries")
                map.destroy()
            }
        }
    }

    /// The figures of Go 1.23.9: 48 for the header, 24 for its extra part, 39 pages; with the first
    /// overflow buckets, 24 for a slice's header and 512 for its elements.
    @Test("map[int]int made for 8192 allocates Go's bytes and objects")
    func goExact() throws {
        try withHeap { heap in
            let before = heap.readMemStats()
            var map = ShardedMap.make(
                MapType.interned(key: .int, value: .int), hint: 8192, heap: heap, seed: 1)
            defer { map.destroy() }
            let made = heap.readMemStats()
            #expect(made.heapAlloc - before.heapAlloc == 319_560)
            #expect(made.mallocs - before.mallocs == 3)
            for key in 0..<8192 { map.insert(Datum(integer: key), Datum(integer: key)) }
            let filled = heap.readMemStats()
            #expect(filled.totalAlloc - before.totalAlloc == 320_600)
            #expect(filled.mallocs - before.mallocs == 11)
            heap.collect()
            let collected = heap.readMemStats()
            #expect(collected.heapAlloc - before.heapAlloc == 320_096)
            #expect(collected.heapObjects - before.heapObjects == 5)
            for key in 0..<8192 { map.delete(Datum(integer: key)) }
            heap.collect()
            #expect(heap.readMemStats().heapAlloc == collected.heapAlloc, "deleting gives nothing back")
            map.setNil()
            heap.collect()
            #expect(heap.readMemStats().heapAlloc == before.heapAlloc, "nil gives it all back")
        }
    }

    @Test(
        "A map filled to its hint retains next to nothing; half deleted, what its entries had",
        arguments: mapProfiles)
    func retained(profile: GoProfile) throws {
        for (type, count) in [
            ("map[int]int", 8192), ("map[string][]byte", 10_000), ("map[int64][200]byte", 3000),
        ] {
            try withMap(type, hint: count, profile: profile) { map in
                var pair = Pair(map)
                for number in 0..<count { pair.insert(number, value: number) }
                let full = map.statistics()
                #expect(full.retainedBytes <= full.bytes.total / 50)
                #expect(full.loadFactor > 3 && full.loadFactor <= 6.5)
                for number in 0..<(count - 10) { pair.delete(pair.key(number)) }
                let left = map.statistics()
                #expect(left.retainedBytes > left.bytes.total * 9 / 10)
                #expect(left.slots == full.slots)
                #expect(
                    left.retainedBytes
                        == left.bytes.total - ShardedMap.freshBytes(map.type, count: 10, heap: map.heap).total
                )
            }
        }
    }
}
