import GoHeap
import GoMap
import Testing

@Suite struct GrowthTests {
    private func statistics(_ map: ShardedMap) -> BucketStatistics { map.statistics().bucket! }

    @Test("A map made for up to 8 entries has no array before the first insert")
    func lazyArray() throws {
        for hint in [-1, 0, 1, 8] {
            try withMap("map[int]int", hint: hint) { map in
                #expect(statistics(map).chains == 0)
                #expect(map.statistics().bytes.total == 48)
                map.insert(Datum(integer: 1), Datum(integer: 1))
                #expect(statistics(map).chains == 1)
                #expect(map.statistics().bytes.total == 48 + 144)
            }
        }
    }

    @Test(
        "A hint gives the least B whose load is not over 6.5",
        arguments: [
            (9, 1), (13, 1), (14, 2), (26, 2), (27, 3), (52, 3), (53, 4), (104, 4), (105, 5), (6656, 10),
            (6657, 11),
            (8192, 11), (1_000_000, 18), (1 << 62, 0), (Int.max, 0), (Int.min, 0),
        ])
    func hints(hint: Int, B: Int) throws {
        try withMap("map[int]int", hint: hint) { map in #expect(statistics(map).B == B) }
    }

    /// B to buckets of 144 bytes that Go 1.23's `makeBucketArray` allocates: 2^B, a sixteenth more from B =
    /// 4 on, and what the size class or whole pages leave.
    @Test(
        "From B = 4 on an array has spare buckets, as many as its size class holds",
        arguments: [
            (1, 288), (2, 576), (3, 1152), (4, 2688), (5, 5376), (6, 10_240), (8, 40_960), (11, 319_488),
        ])
    func arrayBytes(B: Int, bytes: Int) throws {
        let hint = B == 1 ? 9 : 13 << (B - 1)
        try withMap("map[int]int", hint: hint) { map in
            #expect(statistics(map).B == B)
            #expect(map.statistics().bytes.buckets == bytes)
            map.checkInvariants()
        }
    }

    @Test("A map doubles with the ninth entry, and then above 6.5 entries a chain")
    func doubling() throws {
        try withMap("map[int]int") { map in
            var B = 0
            for count in 1...14_000 {
                map.insert(Datum(integer: count), Datum(integer: count))
                let expected = count <= 8 ? 0 : (1...20).first { count <= 13 << ($0 - 1) }!
                #expect(statistics(map).B == expected)
                if expected != B {
                    let growth = statistics(map)
                    #expect(growth.growing == (expected > 2), "one insert evacuates one or two chains")
                    #expect(!growth.sameSizeGrow)
                    B = expected
                }
            }
            map.checkInvariants()
        }
    }

    @Test("A growing map keeps both arrays until enough is written, and reading does not help")
    func growthWaits() throws {
        try withMap("map[int]int") { map in
            for key in 0..<6657 { map.insert(Datum(integer: key), Datum(integer: key)) }
            let before = map.statistics()
            #expect(before.bucket?.growing == true)
            #expect(before.bytes.oldBuckets >= 163_840 - 4096)
            for key in 0..<6657 { #expect(map.access(Datum(integer: key)) != nil) }
            #expect(map.statistics().bucket?.evacuated == before.bucket?.evacuated)
            // Deletes of keys that are not there go on with the growth too.
            var deletes = 0
            while map.statistics().bucket?.growing == true {
                map.delete(Datum(integer: 1_000_000 + deletes))
                deletes += 1
            }
            #expect(deletes >= 1024 / 2 - 2 && deletes <= 1024, "one or two chains each")
            #expect(map.statistics().bytes.oldBuckets == 0)
            map.checkInvariants()
        }
    }

    @Test(
        "Keys that drift make a map grow at the same size", arguments: ["map[int]int", "map[string]string"])
    func sameSizeGrowth(type: String) throws {
        try withMap(type) { map in
            var pair = Pair(map)
            var sameSizeGrowths = 0
            var wasGrowing = false
            for number in 0..<20_000 {
                pair.insert(number, value: number)
                if number >= 90 { pair.delete(pair.key(number - 90)) }
                let now = statistics(map)
                if now.sameSizeGrow && !wasGrowing {
                    sameSizeGrowths += 1
                    if sameSizeGrowths % 4 == 0 { pair.compare() }
                }
                wasGrowing = now.growing
                #expect(now.B == 4 || number < 52, "90 entries never need more than 16 chains")
            }
            #expect(sameSizeGrowths > 3)
            pair.compare()
        }
    }

    @Test("Go's count of overflow buckets stays near the exact one where it is an estimate")
    func estimatedOverflow() throws {
        try withMap("map[int32]struct{}", hint: 425_000) { map in
            for key in 0..<1_700_000 { map.insert(Datum(integer: key), .empty) }
            let now = statistics(map)
            #expect(now.B == 18)
            // One count in 8, about.
            let scaled = Double(now.noverflow) * 8
            #expect(
                abs(scaled - Double(now.overflowBuckets)) < 6 * (Double(now.overflowBuckets) * 8).squareRoot()
            )
            #expect(now.noverflow != now.overflowBuckets)
        }
    }
}
