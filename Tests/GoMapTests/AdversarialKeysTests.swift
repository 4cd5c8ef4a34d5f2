import GoHeap
import GoMap
import MapSamples
import Testing

/// Keys that a client who knew the seed would choose. They are found by trying: hashes are good, so one in 2^n has any
/// n bits that are wanted.
@Suite struct AdversarialKeysTests {
    /// The first `count` integers whose hash in a map of a seed passes.
    private func keys(_ count: Int, seed: UInt32, where passes: (UInt64) -> Bool) -> [Int] {
        let seed = Hash.seed(from: seed)
        var found: [Int] = []
        var number = 0
        while found.count < count {
            if passes(Hash.integer(UInt64(number), seed: seed)) { found.append(number) }
            number += 1
        }
        return found
    }

    /// Inserts, deletes and inserts them. One entry stays, or the map would take a new seed.
    private func exercise(_ map: ShardedMap, _ keys: [Int]) {
        var pair = Pair(map)
        pair.model[pair.key(-1)] = pair.read(pair.key(-1))
        pair.insert(-1, value: -1)
        for key in keys { pair.insert(key, value: key) }
        pair.compare()
        for key in keys.enumerated() where key.offset % 3 != 0 { pair.delete(pair.key(key.element)) }
        pair.compare()
        for key in keys.reversed() { pair.insert(key, value: key + 1) }
        pair.compare()
        for key in keys { pair.delete(pair.key(key)) }
        #expect(map.count == 1)
        pair.compare()
    }

    @Test("Keys that all begin in one bucket or group", arguments: mapProfiles)
    func oneChain(profile: GoProfile) throws {
        try withMap("map[int]int", hint: 800, seed: 77, profile: profile) { map in
            // Bits 7 to 13 are the group of a table of 128, the low 7 bits the chain of 128.
            exercise(map, keys(300, seed: 77) { $0 >> 7 & 0x7F == 5 })
            exercise(map, keys(300, seed: 77) { $0 & 0x7F == 5 })
            if let bucket = map.statistics().bucket { #expect(bucket.longestChain > 300 / 8) }
        }
    }

    @Test("Keys that all have one tophash or one H2", arguments: mapProfiles)
    func oneMark(profile: GoProfile) throws {
        try withMap("map[int]int", seed: 78, profile: profile) { map in
            exercise(map, keys(2000, seed: 78) { $0 & 0x7F == 0x7F })
            exercise(map, keys(1000, seed: 78) { $0 >> 56 == 0x99 })
            // Next to each other: what a search takes for a match of 8 bytes at once may be the byte beside it.
            exercise(map, keys(1000, seed: 78) { $0 & 0x7E == 0x40 })
        }
    }

    @Test("Keys that all belong to one table: the directory doubles until it tells them apart")
    func oneTable() throws {
        try withMap("map[int]int", seed: 79, profile: .go1_27) { map in
            let keys = keys(1500, seed: 79) { $0 >> 58 == 0x2A }
            exercise(map, keys)
            let now = try #require(map.statistics().swiss)
            #expect(now.globalDepth >= 7, "the first six bits tell nothing")
            #expect(now.tables < 12, "and only the tables that are in the way are split")
        }
    }

    @Test("Keys whose whole hashes are equal but for the top bits", arguments: mapProfiles)
    func sameLowBits(profile: GoProfile) throws {
        try withMap("map[int]int", seed: 80, profile: profile) { map in
            exercise(map, keys(100, seed: 80) { $0 & 0x3FFF == 0x1234 })
        }
    }
}
