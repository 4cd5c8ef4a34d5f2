import GoHeap
import GoMap
import MapSamples
import TestSupport
import Testing

@Suite struct RandomOperationsTests {
    static let types = [
        "map[int]int", "map[int32]int32", "map[int32]*int32", "map[uint64]bool", "map[int64]struct{}",
        "map[string]string", "map[string][]byte", "map[string]*[]byte", "map[int64][128]byte",
        "map[int64][129]byte",
        "map[string][200]byte", "map[[3]byte]uint8", "map[[8]byte]int", "map[[16]byte]*[16]byte",
        "map[[200]byte]*string", "map[[129]byte]struct{}", "map[uint32][]byte",
    ]

    /// 40 sequences a type and profile, 2,040 in all.
    @Test(
        "A map behaves as a Dictionary under any sequence of operations", arguments: types, mapProfiles)
    func randomSequences(type: String, profile: GoProfile) throws {
        print("\(type), \(profile): HUSK_TEST_SEED=\(testSeed)")
        for sequence in 0..<40 {
            let seed = testSeed &+ UInt64(sequence) &* 7919
            try run(type, profile, seed: seed)
        }
    }

    private func run(_ type: String, _ profile: GoProfile, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let mapType = MapType.interned(try MapTypeName(parsing: type))
        let limit = [4, 12, 60, 400, 3000][random.below(5)]
        let hint = random.below(3) == 0 ? random.below(limit) : 0
        try withHeap(configuration: HeapConfiguration(profile: profile)) { heap in
            let map = ShardedMap.make(mapType, hint: hint, heap: heap, seed: UInt32(truncatingIfNeeded: seed))
            defer { map.destroy() }
            var pair = Pair(map)
            // Sequences drift between mostly inserting and mostly deleting, so that maps fill and empty.
            var inserting = 70
            for step in 0..<(limit * 2) {
                if step % 100 == 0 { inserting = [20, 50, 70, 90][random.below(4)] }
                let key = pair.key(random.below(limit))
                switch random.below(100) {
                case 0 where random.below(20) == 0: pair.clear()
                case 1 where random.below(5) == 0: iterateWhileChanging(&pair, limit: limit, &random)
                case 2 where random.below(10) == 0: map.heap.collect()
                case 3 where random.below(5) == 0: map.heap.startForcedCycle()
                case 4...8: _ = map.heap.collectSlice(budgetBytes: 500)
                case 9..<20: #expect(pair.read(key) == pair.model[key])
                case 20..<(20 + inserting * 80 / 100):
                    let budget = map.bytesNeededToInsert(entryCount: 1)
                    let heldBefore = map.statistics().bytes.total
                    pair.insert(key, Sample(random.below(1 << 20), of: pair.value))
                    #expect(
                        map.statistics().bytes.total - heldBefore <= budget, "the budget is an upper bound")
                default: pair.delete(key)
                }
            }
            pair.compare()
            heap.collect()
            pair.compare()
        }
    }

    /// Goes over the map, inserting and deleting at each step.
    private func iterateWhileChanging(_ pair: inout Pair, limit: Int, _ random: inout SeededGenerator) {
        let before = pair.model
        var touched: Set<Sample> = []
        var seen: [Sample: Int] = [:]
        let rate = random.below(4)
        let iterator = ShardedIterator(pair.map)
        defer { iterator.destroy() }
        while let entry = iterator.next() {
            let (key, value) = pair.read(entry)
            #expect(pair.model[key] == value, "an iterator gives what the map has at that moment")
            seen[key, default: 0] += 1
            for _ in 0..<random.below(rate + 1) {
                let other = pair.key(random.below(limit * 2))
                if random.below(2) == 0 {
                    pair.insert(other, Sample(random.below(1 << 20), of: pair.value))
                } else {
                    pair.delete(other)
                    touched.insert(other)
                }
            }
            if random.below(200) == 0 {
                touched.formUnion(pair.model.keys)
                pair.clear()
            }
            if random.below(100) == 0 { pair.map.heap.collect() }
        }
        for key in before.keys where !touched.contains(key) {
            #expect(seen[key] == 1, "an entry that is there throughout comes once; seed \(testSeed)")
        }
        for (key, times) in seen where times > 1 {
            #expect(touched.contains(key), "only an entry that was deleted can come again; seed \(testSeed)")
        }
    }
}
