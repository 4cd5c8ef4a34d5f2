import GoHeap
import GoMap
import MapSamples
import TestSupport
import Testing

@Suite struct DeleteAndClearTests {
    @Test("Deleting every key gives nothing back, and takes a new hash seed", arguments: mapProfiles)
    func deleteKeepsBuckets(profile: GoProfile) throws {
        try withMap("map[int]int", profile: profile) { map in
            for key in 0..<5000 { map.insert(Datum(integer: key), Datum(integer: key)) }
            while map.statistics().bucket?.growing == true { map.delete(Datum(integer: -1)) }
            let full = map.statistics()
            let hash = map.hash(Datum(integer: 1))
            for key in 0..<5000 {
                #expect(map.hash(Datum(integer: 1)) == hash)
                #expect(map.delete(Datum(integer: key)))
            }
            let empty = map.statistics()
            #expect(empty.count == 0)
            #expect(empty.bytes == full.bytes)
            #expect(empty.retainedBytes == full.bytes.total - 48)
            #expect(map.hash(Datum(integer: 1)) != hash)
            map.checkInvariants()
        }
    }

    @Test("A slot that was deleted is used again", arguments: [GoProfile.go1_23, .go1_27])
    func reuse(profile: GoProfile) throws {
        try withMap("map[int]int", hint: 1000, profile: profile) { map in
            for key in 0..<1000 { map.insert(Datum(integer: key), Datum(integer: key)) }
            let before = map.statistics().bytes
            for _ in 0..<20 {
                for key in 0..<1000 { map.delete(Datum(integer: key)) }
                for key in 0..<1000 { map.insert(Datum(integer: key), Datum(integer: key)) }
            }
            // A new hash seed each time spreads the keys anew: some chains get an overflow bucket more.
            #expect(map.statistics().bytes.buckets == before.buckets)
            map.checkInvariants()
        }
    }

    @Test("Clearing keeps the array, and drops overflow buckets and what an iterator does not need")
    func clear() throws {
        for type in ["map[int]int", "map[string]string"] {
            try withMap(type) { map in
                var pair = Pair(map)
                for number in 0..<6600 { pair.insert(number, value: number) }
                let full = map.statistics()
                #expect(full.bytes.overflow > 0)
                pair.clear()
                let cleared = map.statistics()
                #expect(cleared.bytes.buckets == full.bytes.buckets)
                #expect(cleared.bytes.overflow == 0 && cleared.bytes.oldBuckets == 0)
                #expect(cleared.bucket?.overflowBuckets == 0 && cleared.bucket?.longestChain == 1)
                pair.compare()
                for number in 0..<6600 { pair.insert(number, value: -number) }
                #expect(map.statistics().bytes.buckets == full.bytes.buckets)
                pair.compare()
            }
        }
    }

    @Test("Clearing keeps the tables, and tombstones go", arguments: [GoProfile.go1_24, .go1_27])
    func clearSwiss(profile: GoProfile) throws {
        for type in ["map[int]int", "map[string]string"] {
            try withMap(type, profile: profile) { map in
                var pair = Pair(map)
                for number in 0..<6600 { pair.insert(number, value: number) }
                for number in 0..<1000 { pair.delete(pair.key(number)) }
                let full = try #require(map.statistics().swiss)
                let bytes = map.statistics().bytes
                #expect(full.tombstones > 0)
                pair.clear()
                let cleared = try #require(map.statistics().swiss)
                #expect(map.statistics().bytes == bytes)
                #expect(cleared.tombstones == 0 && cleared.growthLeft == cleared.groups * 7)
                pair.compare()
            }
        }
    }

    @Test("Clearing in the middle of a growth drops the old array")
    func clearWhileGrowing() throws {
        try withMap("map[string]int") { map in
            var pair = Pair(map)
            for number in 0..<6657 { pair.insert(number, value: number) }
            #expect(map.statistics().bucket?.growing == true)
            pair.clear()
            #expect(map.statistics().bucket?.growing == false)
            for number in 0..<100 { pair.insert(number, value: number) }
            pair.compare()
        }
    }

    @Test(
        "The value of a deleted entry is cleared, so that nothing lives for its sake", arguments: mapProfiles)
    func deletedValuesAreCleared(profile: GoProfile) throws {
        for type in [
            "map[int]int", "map[int32][]byte", "map[int64]string", "map[string][100]byte", "map[int]bool",
            "map[int]uint32", "map[uint64]*int",
        ] {
            try withMap(type, profile: profile) { map in
                let value = map.type.name.value
                Sample(300, of: map.type.name.key).withDatum { key in
                    for _ in 0..<3 {
                        #expect(Sample(255, of: value).withDatum { map.insert(key, $0) })
                        let slot = UnsafeRawBufferPointer(start: map.access(key), count: value.byteCount)
                        #expect(slot.contains { $0 != 0 })
                        #expect(map.delete(key))
                        #expect(slot.allSatisfy { $0 == 0 })
                    }
                }
            }
        }
    }

    @Test("A nil map finds nothing, deletes nothing and has no entries", arguments: mapProfiles)
    func nilMap(profile: GoProfile) throws {
        try withHeap(configuration: HeapConfiguration(profile: profile)) { heap in
            let map = ShardedMap.makeNil(MapType.interned(key: .string, value: .int), heap: heap, seed: 1)
            defer { map.destroy() }
            let key = Sample(5, of: .string)
            key.withDatum { #expect(map.access($0) == nil) }
            key.withDatum { #expect(!map.delete($0)) }
            map.clear()
            #expect(map.isNil && map.count == 0 && map.bytesNeededToInsert(entryCount: 1) == 0)
            let iterator = ShardedIterator(map)
            #expect(iterator.next() == nil)
            iterator.destroy()
            let statistics = map.statistics()
            #expect(statistics.isNil && statistics.bytes.total == 0)
            #expect(statistics.bucket == nil && statistics.swiss == nil)
            map.checkInvariants()
        }
    }

    @Test("Setting a map to nil makes everything garbage", arguments: mapProfiles)
    func setNil(profile: GoProfile) throws {
        try withHeap(configuration: HeapConfiguration(profile: profile)) { heap in
            heap.collect()
            let before = heap.readMemStats().heapObjects
            var map = ShardedMap.make(
                MapType.interned(key: .string, value: .pointer(.int32)), heap: heap, seed: 3)
            defer { map.destroy() }
            var pair = Pair(map)
            for number in 0..<1000 { pair.insert(number, value: number) }
            heap.collect()
            // Keys and pointees share 16-byte blocks.
            #expect(heap.readMemStats().heapObjects > before + 250)
            map.setNil()
            heap.collect()
            // The open tiny block stays.
            #expect(heap.readMemStats().heapObjects <= before + 1)
        }
    }
}
