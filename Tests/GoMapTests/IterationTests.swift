import GoHeap
import GoMap
import MapSamples
import TestSupport
import Testing

@Suite struct IterationTests {
    /// What an iteration under changes has to account for.
    private struct Watch {
        var throughout: Set<Sample>
        var seen: [Sample: Int] = [:]
        /// Deleted at some time since the iteration began.
        var deleted: Set<Sample> = []

        init(_ pair: Pair) { throughout = Set(pair.model.keys) }

        mutating func saw(_ key: Sample) { seen[key, default: 0] += 1 }

        mutating func willDelete(_ key: Sample) {
            throughout.remove(key)
            deleted.insert(key)
        }

        func check(_ what: String) {
            let lost = throughout.filter { seen[$0] == nil }.count
            let repeated = seen.filter { $0.value > 1 && !deleted.contains($0.key) }.count
            #expect(lost == 0, "\(what): entries that were there throughout and never came")
            #expect(repeated == 0, "\(what): entries that came again without having been deleted")
        }
    }

    private static let types = [
        "map[int]int", "map[string]string", "map[int64][200]byte", "map[[200]byte]int32",
    ]

    @Test(
        "Every entry comes once, in an order that differs from one time to the next", arguments: types,
        mapProfiles)
    func randomOrder(type: String, profile: GoProfile) throws {
        try withMap(type, profile: profile) { map in
            var pair = Pair(map)
            for number in 0..<500 { pair.insert(number, value: number) }
            var orders: Set<[Sample]> = []
            for _ in 0..<10 {
                var order: [Sample] = []
                let iterator = ShardedIterator(map)
                while let entry = iterator.next() { order.append(pair.read(entry).key) }
                #expect(iterator.next() == nil, "and none after the last")
                iterator.destroy()
                #expect(Set(order) == Set(pair.model.keys) && order.count == 500)
                orders.insert(order)
            }
            #expect(orders.count > 5)
        }
    }

    @Test("A batch has the same entries", arguments: types, mapProfiles)
    func batches(type: String, profile: GoProfile) throws {
        try withMap(type, profile: profile) { map in
            var pair = Pair(map)
            for number in 0..<3000 {
                pair.insert(number, value: number)
                guard number % 150 == 7 || number == 2999 else { continue }
                for room in [1, 3, 8, 64] {
                    var seen: [Sample: Sample] = [:]
                    var total = 0
                    let iterator = ShardedIterator(map)
                    withUnsafeTemporaryAllocation(of: MapEntry.self, capacity: room) { entries in
                        while true {
                            let count = iterator.next(into: entries)
                            for index in 0..<count {
                                let (key, value) = pair.read(entries[index])
                                seen[key] = value
                            }
                            total += count
                            if count < room { break }
                        }
                        #expect(iterator.next(into: entries) == 0)
                    }
                    iterator.destroy()
                    #expect(seen == pair.model && total == pair.model.count)
                }
            }
        }
    }

    @Test(
        "Inserting while going over a map neither repeats nor loses an entry, through growths",
        arguments: types, mapProfiles)
    func inserting(type: String, profile: GoProfile) throws {
        for start in [1, 8, 13, 100, 105, 110, 420] {
            try withMap(type, seed: UInt32(start), profile: profile) { map in
                var pair = Pair(map)
                for number in 0..<start { pair.insert(number, value: number) }
                var watch = Watch(pair)
                var next = 10_000
                let iterator = ShardedIterator(map)
                while let entry = iterator.next() {
                    watch.saw(pair.read(entry).key)
                    if next < 13_000 {
                        for _ in 0..<20 {
                            pair.insert(next, value: next)
                            next += 1
                        }
                    }
                }
                iterator.destroy()
                watch.check("\(start) entries")
                pair.compare()
            }
        }
    }

    @Test(
        "Deleting while going over a map: what is deleted before it is reached does not come",
        arguments: types, mapProfiles)
    func deleting(type: String, profile: GoProfile) throws {
        try withMap(type, profile: profile) { map in
            var pair = Pair(map)
            for number in 0..<1000 { pair.insert(number, value: number) }
            var random = SeededGenerator()
            var watch = Watch(pair)
            let iterator = ShardedIterator(map)
            while let entry = iterator.next() {
                let key = pair.read(entry).key
                #expect(pair.model[key] != nil)
                watch.saw(key)
                for gone in [key, pair.key(random.below(1000))] {
                    watch.willDelete(gone)
                    pair.delete(gone)
                }
            }
            iterator.destroy()
            watch.check("seed \(testSeed)")
            #expect(map.count == 0)
            pair.compare()
        }
    }

    @Test("Clearing while going over a map ends the iteration", arguments: types, mapProfiles)
    func clearing(type: String, profile: GoProfile) throws {
        for count in [5, 100, 110, 6657 / 16] {
            try withMap(type, profile: profile) { map in
                var pair = Pair(map)
                for number in 0..<count { pair.insert(number, value: number) }
                let iterator = ShardedIterator(map)
                defer { iterator.destroy() }
                #expect(iterator.next() != nil)
                pair.clear()
                map.heap.collect()
                #expect(iterator.next() == nil)
            }
        }
    }

    /// Between two entries the map is driven through whole growths, of both kinds. An iteration that began
    /// in the middle of a doubling can then find a same-size growth under way that it must not take for its
    /// own.
    @Test(
        "An iteration outlives any number of growths, of both kinds",
        arguments: ["map[int]int", "map[string]int32"])
    func growthsInBetween(type: String) throws {
        var sameSizeGrowths = 0
        for round in 0..<80 {
            let seed = testSeed &+ UInt64(round)
            var random = SeededGenerator(seed: seed)
            try withMap(type, seed: UInt32(truncatingIfNeeded: seed)) { map in
                var pair = Pair(map)
                // 105 entries start a doubling to 32 chains, 53 one to 16.
                let start = [53, 54, 56, 105, 107, 111][random.below(6)]
                for number in 0..<start { pair.insert(number, value: number) }
                var watch = Watch(pair)
                var next = 1000
                var window: [Sample] = []
                let iterator = ShardedIterator(map)
                while let entry = iterator.next() {
                    let (key, value) = pair.read(entry)
                    #expect(pair.model[key] == value)
                    watch.saw(key)
                    guard next < 8000 else { continue }
                    for _ in 0..<[0, 3, 40, 400][random.below(4)] {
                        let key = pair.key(next)
                        pair.insert(key, Sample(next, of: pair.value))
                        window.append(key)
                        next += 1
                        if map.statistics().bucket?.sameSizeGrow == true { sameSizeGrowths += 1 }
                        if window.count > 40 {
                            let gone = window.removeFirst()
                            watch.willDelete(gone)
                            pair.delete(gone)
                        }
                    }
                    if random.below(10) == 0 { map.heap.collect() }
                }
                iterator.destroy()
                watch.check("seed \(seed)")
                pair.compare()
            }
        }
        #expect(sameSizeGrowths > 100)
    }

    /// The iteration is in the middle of an old chain, of which it takes only half, when that doubling ends
    /// and a same-size growth begins. Go 1.23 asks of the growth under way, not of the one it saw, and then
    /// takes the other half too: with these same steps, 648 of 1,000 loops in Go 1.23.9 gave an entry
    /// twice.
    @Test("A later same-size growth is not taken for the doubling that an iteration began in")
    func sameSizeGrowthAfterDoubling() throws {
        for seed in UInt32(0)..<100 {
            try withMap("map[int]int", seed: seed) { map in
                var pair = Pair(map)
                // The 53rd entry starts a doubling from 8 chains to 16.
                for number in 0..<53 { pair.insert(number, value: number) }
                #expect(map.statistics().bucket?.growing == true)
                var watch = Watch(pair)
                let iterator = ShardedIterator(map)
                watch.saw(pair.read(try #require(iterator.next())).key)
                var next = 1000
                while map.statistics().bucket?.sameSizeGrow == false {
                    pair.insert(next, value: next)
                    if next >= 1040 {
                        let gone = pair.key(next - 40)
                        watch.willDelete(gone)
                        pair.delete(gone)
                    }
                    next += 1
                }
                while let entry = iterator.next() { watch.saw(pair.read(entry).key) }
                iterator.destroy()
                watch.check("seed \(seed)")
            }
        }
    }

    /// An iteration that has seen two growths end reads chains of arrays that it did not begin with. Go 1.23.9
    /// does not protect those: with these same steps, 165 of 1,000 loops over a `map[string]int32` lost an
    /// entry.
    @Test(
        "An iteration may stand in an old array that it did not begin with while that is evacuated and collected",
        arguments: ["map[int]int", "map[string]int32"])
    func laterOldArrays(type: String) throws {
        for seed in UInt32(0)..<40 {
            var random = SeededGenerator(seed: UInt64(seed))
            try withMap(type, seed: seed) { map in
                var pair = Pair(map)
                for number in 0..<53 { pair.insert(number, value: number) }
                var watch = Watch(pair)
                var next = 1000
                let iterator = ShardedIterator(map)
                while let entry = iterator.next() {
                    let (key, value) = pair.read(entry)
                    watch.saw(key)
                    if watch.throughout.contains(key) { #expect(pair.model[key] == value) }
                    // To the next growth at least, and into or past it.
                    var operations = random.below(12)
                    while next < 20_000, operations > 0 || map.statistics().bucket?.growing == false {
                        pair.key(next).withDatum { _ = map.insert($0, Datum(integer: next)) }
                        if next >= 1040 {
                            let gone = pair.key(next - 40)
                            watch.willDelete(gone)
                            gone.withDatum { _ = map.delete($0) }
                        }
                        next += 1
                        if map.statistics().bucket?.growing == true { operations -= 1 }
                    }
                    if random.below(4) == 0 { map.heap.collect() }
                }
                iterator.destroy()
                watch.check("seed \(seed)")
                map.checkInvariants()
            }
        }
    }

    /// The map is driven from a small one, or from a few tables, through splits and doublings of its directory,
    /// and back to no entries and a new seed, while the iteration stays in tables that are long replaced.
    @Test(
        "An iteration outlives splits, doublings of the directory and new seeds",
        arguments: ["map[int]int", "map[string]int32", "map[[200]byte]*int"], [GoProfile.go1_24, .go1_27])
    func splitsInBetween(type: String, profile: GoProfile) throws {
        var doublings = 0
        for round in 0..<40 {
            let seed = testSeed &+ UInt64(round)
            var random = SeededGenerator(seed: seed)
            try withMap(type, seed: UInt32(truncatingIfNeeded: seed), profile: profile) { map in
                var pair = Pair(map)
                let start = [3, 8, 14, 100, 900, 2000, 5000][random.below(7)]
                for number in 0..<start { pair.insert(number, value: number) }
                let depth = map.statistics().swiss!.globalDepth
                defer { doublings += map.statistics().swiss!.globalDepth - depth }
                var watch = Watch(pair)
                var next = 10_000
                let iterator = ShardedIterator(map)
                defer { iterator.destroy() }
                while let entry = iterator.next() {
                    let (key, value) = pair.read(entry)
                    #expect(pair.model[key] == value)
                    watch.saw(key)
                    if next < 22_000, random.below(4) == 0 {
                        for _ in 0..<random.below(600) {
                            pair.insert(next, value: next)
                            next += 1
                        }
                    }
                    let other = pair.key(random.below(start))
                    if random.below(3) == 0, pair.model[other] != nil {
                        watch.willDelete(other)
                        pair.delete(other)
                        if random.below(2) == 0 { pair.insert(other, Sample(7, of: pair.value)) }
                    }
                    if random.below(3000) == 0 {
                        for key in pair.model.keys { watch.willDelete(key) }
                        pair.clear()
                    }
                    if random.below(100) == 0 { map.heap.collect() }
                }
                #expect(iterator.next() == nil, "and none after the last")
                watch.check("\(start) entries, seed \(seed)")
                pair.compare()
            }
        }
        #expect(doublings > 20)
    }

    @Test(
        "An iterator keeps what it goes over alive, also when the map is gone", arguments: types, mapProfiles)
    func outlivesMap(type: String, profile: GoProfile) throws {
        try withHeap(configuration: HeapConfiguration(profile: profile)) { heap in
            var map = ShardedMap.make(MapType.interned(try MapTypeName(parsing: type)), heap: heap, seed: 9)
            defer { map.destroy() }
            var pair = Pair(map)
            for number in 0..<700 { pair.insert(number, value: number) }
            let iterator = ShardedIterator(map)
            map.setNil()
            var count = 0
            while let entry = iterator.next() {
                if count % 50 == 0 { heap.collect() }
                let (key, value) = pair.read(entry)
                #expect(pair.model[key] == value)
                count += 1
            }
            iterator.destroy()
            #expect(count == 700)
            heap.checkInvariants()
        }
    }
}
