import GoHeap
import GoMap
import MapSamples
import TestSupport
import Testing

/// `#expect` for what comes very often, at a thousandth of its cost.
private func require(_ holds: Bool, line: Int = #line) {
    if !holds { Issue.record("line \(line): the map is not as the model") }
}

/// A map of two generations, and two `Dictionary`s to which the same is done.
private struct GenerationsPair {
    var map: ShardedMap
    var young: [Sample: Sample] = [:]
    var old: [Sample: Sample] = [:]
    /// Whether somebody iterates: then nothing moves.
    var isIterating = false

    var name: MapTypeName { map.type.name }
    func key(_ number: Int) -> Sample { Sample(number, of: name.key) }

    mutating func insert(_ number: Int, _ value: Int, hashed: Bool) {
        let key = key(number)
        let value = Sample(value, of: name.value)
        let isNew = key.withDatum { key in
            value.withDatum { hashed ? map.insert(key, hash: map.hash(key), $0) : map.insert(key, $0) }
        }
        require(isNew == (young[key] == nil && old[key] == nil))
        if isIterating && old[key] != nil {
            old[key] = value
        } else {
            old[key] = nil
            young[key] = value
        }
    }

    mutating func delete(_ number: Int, hashed: Bool) {
        let key = key(number)
        let wasThere = key.withDatum { hashed ? map.delete($0, hash: map.hash($0)) : map.delete($0) }
        require(wasThere == (young.removeValue(forKey: key) != nil || old.removeValue(forKey: key) != nil))
    }

    mutating func read(_ number: Int, moves: Bool) {
        let key = key(number)
        let found = key.withDatum { datum in
            map.accessPromoting(datum, mayMove: { moves }).map { Sample(map.value(at: $0)!, of: name.value) }
        }
        require(found == young[key] ?? old[key])
        if moves && !isIterating, let value = old.removeValue(forKey: key) { young[key] = value }
        require(key.withDatum { map.access($0) != nil } == (found != nil))
    }

    mutating func rotate() {
        map.rotate()
        old = young
        young = [:]
    }

    func compare() {
        #expect(map.count == young.count + old.count)
        var seen: [Sample: Sample] = [:]
        let iterator = ShardedIterator(map)
        while let entry = iterator.next() {
            let key = Sample(map.key(at: entry.key), of: name.key)
            require(seen.updateValue(Sample(map.value(at: entry.value)!, of: name.value), forKey: key) == nil)
        }
        iterator.destroy()
        #expect(seen == young.merging(old) { _, _ in fatalError("a key is in one generation") })
        map.checkInvariants()
        map.heap.checkInvariants()
    }
}

@Suite("Maps of two generations") struct GenerationsTests {
    private func withGenerations<Result>(
        _ type: String, layout: MapLayout, _ body: (inout GenerationsPair) throws -> Result
    ) throws -> Result {
        let type = MapType.interned(try MapTypeName(parsing: type))
        return try withHeap { heap in
            var pair = GenerationsPair(
                map: .make(type, heap: heap, seed: 7, layout: layout, isGenerational: true))
            let result = try body(&pair)
            pair.map.destroy()
            heap.collect()
            #expect(heap.readMemStats().heapObjects == 0, "nothing is left")
            return result
        }
    }

    private static let types = [
        "map[int]int", "map[int32]*int32", "map[string][]byte", "map[string]string", "map[int64][200]byte",
        "map[[200]byte]int32", "map[uint32]struct{}",
    ]

    @Test("Under random operations it behaves as two Dictionaries", arguments: types, MapLayout.allCases)
    func randomOperations(type: String, layout: MapLayout) throws {
        print("\(type), two generations: HUSK_TEST_SEED=\(testSeed)")
        var random = SeededGenerator()
        try withGenerations(type, layout: layout) { pair in
            for step in 0..<60_000 {
                switch random.below(10_000) {
                case 0:
                    pair.map.clear()
                    (pair.young, pair.old) = ([:], [:])
                case 1...15: pair.rotate()
                case 16: pair.map.heap.collect()
                case 17: pair.map.heap.startForcedCycle()
                case 18...300: _ = pair.map.heap.collectSlice(budgetBytes: 500)
                case 301...3000: pair.read(random.below(3000), moves: random.below(10) > 0)
                case 3001...5000: pair.delete(random.below(3000), hashed: random.below(2) == 0)
                default: pair.insert(random.below(3000), step, hashed: random.below(2) == 0)
                }
                pair.map.heap.collectIfDue()
                if step % 5_000 == 0 { pair.compare() }
            }
            pair.compare()
        }
    }

    @Test(
        "What is there throughout an iteration comes once, whatever is read, written and deleted meanwhile",
        arguments: types.dropLast(), MapLayout.allCases)
    func iteration(type: String, layout: MapLayout) throws {
        var random = SeededGenerator()
        try withGenerations(type, layout: layout) { pair in
            for number in 0..<2_000 { pair.insert(number, number, hashed: false) }
            pair.rotate()
            for number in 1_000..<3_000 { pair.insert(number, number, hashed: false) }
            for _ in 0..<5 {
                var throughout = Set(pair.young.keys).union(pair.old.keys)
                var deleted: Set<Sample> = []
                var seen: [Sample: Int] = [:]
                let iterator = ShardedIterator(pair.map)
                pair.isIterating = true
                while let entry = iterator.next() {
                    let key = Sample(pair.map.key(at: entry.key), of: pair.name.key)
                    let value = Sample(pair.map.value(at: entry.value)!, of: pair.name.value)
                    require(value == pair.young[key] ?? pair.old[key])
                    seen[key, default: 0] += 1
                    let number = random.below(3_000)
                    switch random.below(3) {
                    case 0: pair.read(number, moves: true)
                    case 1: pair.insert(number, random.below(1_000), hashed: false)
                    default:
                        throughout.remove(pair.key(number))
                        deleted.insert(pair.key(number))
                        pair.delete(number, hashed: false)
                    }
                    pair.map.heap.collectIfDue()
                }
                iterator.destroy()
                pair.isIterating = false
                #expect(throughout.allSatisfy { seen[$0] == 1 })
                #expect(seen.allSatisfy { $0.value == 1 || deleted.contains($0.key) })
                for number in 0..<3_000 where random.below(3) == 0 { pair.read(number, moves: true) }
                pair.rotate()
                for number in 0..<3_000 where random.below(2) == 0 { pair.insert(number, number, hashed: true) }
                pair.compare()
            }
        }
    }

    @Test(
        "An iteration goes on over the generations that it began with, however often they are rotated",
        arguments: MapLayout.allCases, [1, 2, 3])
    func rotationWhileIterating(layout: MapLayout, rotations: Int) throws {
        try withGenerations("map[string]string", layout: layout) { pair in
            for number in 0..<3_000 { pair.insert(number, number, hashed: false) }
            pair.rotate()
            for number in 3_000..<6_000 { pair.insert(number, number, hashed: false) }
            let iterator = ShardedIterator(pair.map)
            pair.isIterating = true
            var seen: Set<Sample> = []
            while let entry = iterator.next() {
                require(seen.insert(Sample(pair.map.key(at: entry.key), of: .string)).inserted)
                if seen.count == 1_000 {
                    for rotation in 0..<rotations {
                        pair.rotate()
                        for number in 0..<500 { pair.insert(rotation * 10_000 + 10_000 + number, 1, hashed: false) }
                    }
                    pair.map.heap.collect()
                }
            }
            iterator.destroy()
            pair.isIterating = false
            #expect(seen == Set((0..<6_000).map { pair.key($0) }))
            pair.compare()
        }
    }

    @Test("It can be nil, is nil then with both generations, and counts what it holds", arguments: MapLayout.allCases)
    func nilAndFigures(layout: MapLayout) throws {
        try withGenerations("map[int]int", layout: layout) { pair in
            #expect(pair.map.isGenerational && pair.map.shardCount == 1 && pair.map.statistics().retainedBytes == 0)
            for number in 0..<10_000 { pair.insert(number, number, hashed: false) }
            let filled = pair.map.statistics()
            pair.rotate()
            pair.read(5, moves: true)
            #expect(pair.map.count == 10_000)
            #expect(pair.map.statistics().bytes.total >= filled.bytes.total)
            pair.rotate()
            #expect(pair.map.count == 1 && pair.map.statistics().bytes.total < 4096)
            pair.map.setNil()
            #expect(pair.map.isNil && pair.map.isGenerational && pair.map.count == 0)
            #expect(pair.map.statistics().bytes.total == 0 && pair.map.access(Datum(integer: 5)) == nil)
            #expect(!pair.map.delete(Datum(integer: 5)))
        }
    }
}
