import GoHeap
import GoMap
import MapSamples
import TestSupport
import Testing

/// One long sequence of operations, the same for every map: 100,000 a key type, where the random sequences have up to
/// 6,000, so that there are many tables and a directory that has grown.
@Suite struct ManyOperationsTests {
    @Test(
        "100,000 operations have the same outcome in both layouts and in a Dictionary",
        arguments: [
            "map[int]int", "map[uint32]int32", "map[string]string", "map[[12]byte]*int",
            "map[[200]byte]uint8",
        ])
    func sameOutcome(type: String) throws {
        print("\(type): HUSK_TEST_SEED=\(testSeed)")
        let mapType = MapType.interned(try MapTypeName(parsing: type))
        var random = SeededGenerator()
        try withHeap { heap in
            var pairs = MapLayout.allCases.map {
                Pair(
                    ShardedMap.make(
                        mapType, heap: heap, seed: UInt32(truncatingIfNeeded: testSeed), layout: $0))
            }
            defer { for pair in pairs { pair.map.destroy() } }
            var inserting = 90
            for step in 0..<100_000 {
                if step % 5000 == 0 { inserting = [30, 60, 90][random.below(3)] }
                let number = random.below(12_000)
                let kind = random.below(100)
                for index in pairs.indices {
                    if kind < inserting {
                        pairs[index].insert(number, value: step)
                    } else {
                        pairs[index].delete(pairs[index].key(number))
                    }
                }
                if step % 20_000 == 19_999 {
                    heap.collect()
                    for pair in pairs {
                        pair.map.checkInvariants()
                        #expect(pair.map.count == pair.model.count)
                    }
                }
            }
            #expect(pairs[0].model == pairs[1].model, "the same was done to both")
            for pair in pairs { pair.compare() }
        }
    }
}
