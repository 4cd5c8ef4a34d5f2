import GoHeap
import GoMap
import MapSamples
import TestSupport
import Testing

/// The expected figures of groups are Go 1.27.3's (and 1.24's, which lays groups out alike). They come from a program
/// that reads `abi.MapType` through `unsafe` from the type word of an `any` that holds the map: `GroupSize`,
/// `KeyStride`, `ElemsOff - KeysOff`, and the set bits of `Group.GCData`. Run with `go run .`, linux/amd64.
@Suite struct SwissLayoutTests {
    static let layouts: [(type: String, bytes: Int, slot: Int, value: Int, words: [Int])] = [
        ("map[int]int", 136, 16, 8, []),
        ("map[int32]int32", 72, 8, 4, []),
        ("map[int32]*int32", 136, 16, 8, [2, 4, 6, 8, 10, 12, 14, 16]),
        ("map[int64][128]byte", 1096, 136, 8, []),
        ("map[int64][129]byte", 136, 16, 8, [2, 4, 6, 8, 10, 12, 14, 16]),
        ("map[string]string", 264, 32, 16, Array(stride(from: 1, through: 31, by: 2))),
        ("map[string][]byte", 328, 40, 16, [1, 3, 6, 8, 11, 13, 16, 18, 21, 23, 26, 28, 31, 33, 36, 38]),
        ("map[string]int", 200, 24, 16, [1, 4, 7, 10, 13, 16, 19, 22]),
        ("map[uint64]bool", 136, 16, 8, []),
        ("map[int64]struct{}", 136, 16, 8, []),
        ("map[[3]byte]uint8", 40, 4, 3, []),
        ("map[[0]byte]struct{}", 16, 0, 0, []),
        ("map[[128]byte]int32", 1064, 132, 128, []),
        ("map[[129]byte]struct{}", 136, 16, 8, [1, 3, 5, 7, 9, 11, 13, 15]),
        ("map[[200]byte]*string", 136, 16, 8, Array(1...16)),
        ("map[uint32]uint8", 72, 8, 4, []),
        ("map[string][200]byte", 200, 24, 16, [1, 3, 4, 6, 7, 9, 10, 12, 13, 15, 16, 18, 19, 21, 22, 24]),
        ("map[[16]byte]*[16]byte", 200, 24, 16, [3, 6, 9, 12, 15, 18, 21, 24]),
        ("map[string]bool", 200, 24, 16, [1, 4, 7, 10, 13, 16, 19, 22]),
        ("map[int][]byte", 264, 32, 8, [2, 6, 10, 14, 18, 22, 26, 30]),
        ("map[int32]struct{}", 72, 8, 4, []),
        ("map[[3]byte]struct{}", 40, 4, 3, []),
        ("map[[0]byte]int", 72, 8, 0, []),
        ("map[[5]byte]int32", 104, 12, 8, []),
        ("map[[5]byte][]byte", 264, 32, 8, [2, 6, 10, 14, 18, 22, 26, 30]),
    ]

    @Test("Groups are laid out as Go's compiler lays them out", arguments: layouts)
    func layout(type: String, bytes: Int, slot: Int, value: Int, words: [Int]) throws {
        let group = MapType.interned(try MapTypeName(parsing: type)).pointee.group
        #expect(group.byteCount == bytes)
        #expect(group.slotByteCount == slot)
        #expect(group.valueOffset == value)
        let object = group.objectType.pointee
        #expect(object.byteCount == bytes)
        #expect(
            (0..<object.pointerBytes / 8).filter { object.mask[$0 / 64] >> UInt64($0 % 64) & 1 != 0 } == words
        )
    }

    private func statistics(_ map: ShardedMap) -> SwissStatistics { map.statistics().swiss! }

    @Test("A heap's profile decides the layout, unless the caller does")
    func defaultLayout() throws {
        let type = MapType.interned(key: .int, value: .int)
        for profile in GoProfile.allCases {
            try withHeap(configuration: HeapConfiguration(profile: profile)) { heap in
                for layout in [nil, MapLayout.bucket, .swiss] {
                    let map = ShardedMap.make(type, heap: heap, seed: 1, layout: layout)
                    defer { map.destroy() }
                    #expect(map.layout == layout ?? (profile >= .go1_24 ? .swiss : .bucket))
                    var pair = Pair(map)
                    for number in 0..<100 { pair.insert(number, value: number) }
                    pair.compare()
                }
            }
        }
    }

    /// Tables and slots of each: `hint * 8 / 7` slots, in as few tables of up to 1,024 as a power of two allows.
    @Test(
        "A hint makes the tables that Go's does",
        arguments: [
            (9, 1, 16), (14, 1, 16), (15, 1, 32), (896, 1, 1024), (897, 2, 512), (900, 2, 1024),
            (8192, 16, 1024), (100_000, 128, 1024),
        ])
    func hints(hint: Int, tables: Int, capacity: Int) throws {
        try withMap("map[int]int", hint: hint, profile: .go1_27) { map in
            let made = statistics(map)
            #expect(made.tables == tables)
            #expect(made.groups * 8 == tables * capacity)
            #expect(1 << made.globalDepth == tables)
            #expect(made.growthLeft == tables * capacity / 8 * 7)
            map.checkInvariants()
        }
    }

    @Test("A hint of up to 8, or of more than memory holds, makes nothing yet")
    func smallHints() throws {
        for hint in [-1, 0, 8, 1 << 45, .max] {
            try withMap("map[int]int", hint: hint, profile: .go1_27) { map in
                #expect(statistics(map) == .none)
                #expect(map.statistics().bytes.total == 48)
                map.insert(Datum(integer: 1), Datum(integer: 1))
                #expect(statistics(map).groups == 1 && statistics(map).growthLeft == 7)
                #expect(map.statistics().bytes.total == 48 + 144)
                map.checkInvariants()
            }
        }
    }

    /// Bytes and objects after each step of growth; the figures are Go 1.27.3's (`MemStats` of a growing `map[int]int`):
    /// 48 for the header, 144 for a group, 8 for a directory of one, 32 for a table, 288 for its two groups.
    @Test("A small map becomes a table with the ninth entry", arguments: [GoProfile.go1_24, .go1_27])
    func smallMap(profile: GoProfile) throws {
        try withMap("map[int]int", profile: profile) { map in
            let before = map.heap.readMemStats()
            for key in 0..<8 { map.insert(Datum(integer: key), Datum(integer: key)) }
            #expect(map.heap.readMemStats().totalAlloc - before.totalAlloc == 144)
            #expect(statistics(map).tables == 0 && statistics(map).growthLeft == 0)
            map.checkInvariants()
            map.insert(Datum(integer: 8), Datum(integer: 8))
            let after = map.heap.readMemStats()
            #expect(after.totalAlloc - before.totalAlloc == 144 + 32 + 288 + 8)
            #expect(after.mallocs - before.mallocs == 4)
            #expect(statistics(map).tables == 1 && statistics(map).growthLeft == 5)
            map.checkInvariants()
        }
    }

    @Test("Storing into a full small map makes it a table in Go 1.24, even if the key is there")
    func fullSmallMap() throws {
        for (profile, tables) in [(GoProfile.go1_24, 1), (.go1_27, 0)] {
            for type in ["map[int]int", "map[string]int", "map[[20]byte]int"] {
                try withMap(type, profile: profile) { map in
                    var pair = Pair(map)
                    for number in 0..<8 { pair.insert(number, value: number) }
                    pair.insert(3, value: 33)
                    #expect(statistics(map).tables == tables)
                    pair.compare()
                }
            }
        }
    }

    @Test("A small map uses the slots of deleted entries again")
    func smallMapReuse() throws {
        try withMap("map[string]int", profile: .go1_27) { map in
            var pair = Pair(map)
            for number in 0..<1000 {
                pair.insert(number, value: number)
                if number >= 8 { #expect(statistics(map).tables == 0) }
                if number >= 7 { pair.delete(pair.key(number - 7)) }
            }
            #expect(map.statistics().bytes.total == 48 + 208)
            pair.compare()
        }
    }

    @Test("Tables double up to 1,024 slots, and then split one by one")
    func growth() throws {
        try withMap("map[int]int", profile: .go1_27) { map in
            for count in 1...20_000 {
                map.insert(Datum(integer: count), Datum(integer: count))
                let now = statistics(map)
                if count <= 8 {
                    #expect(now.groups == 1)
                } else if count <= 896 {
                    let capacity = [16, 32, 64, 128, 256, 512, 1024].first { count <= $0 * 7 / 8 }!
                    #expect(now.tables == 1 && now.groups * 8 == capacity)
                } else {
                    #expect(now.groups == now.tables * 128)
                    #expect(now.tables > 1 && now.tables <= 1 << now.globalDepth)
                }
                #expect(count <= 8 || now.growthLeft == now.groups * 7 - count)
            }
            #expect(statistics(map).tables >= 23)
            map.checkInvariants()
        }
    }

    /// The figures of Go: 48 for the header, 128 for 16 pointers, 16 times 32 and 18,432.
    @Test("map[int]int made for 8192 allocates Go's bytes and objects")
    func goExact() throws {
        try withHeap(configuration: HeapConfiguration(profile: .go1_27)) { heap in
            let before = heap.readMemStats()
            var map = ShardedMap.make(
                MapType.interned(key: .int, value: .int), hint: 8192, heap: heap, seed: 1)
            defer { map.destroy() }
            for key in 0..<8192 { map.insert(Datum(integer: key), Datum(integer: key)) }
            let filled = heap.readMemStats()
            #expect(filled.totalAlloc - before.totalAlloc == 295_600)
            #expect(filled.mallocs - before.mallocs == 34)
            heap.collect()
            for key in 0..<8192 { map.delete(Datum(integer: key)) }
            heap.collect()
            #expect(
                heap.readMemStats().heapAlloc - before.heapAlloc == 295_600, "deleting gives nothing back")
            map.setNil()
            heap.collect()
            #expect(heap.readMemStats().heapAlloc == before.heapAlloc, "nil gives it all back")
        }
    }

    @Test("Deleting leaves tombstones only in full groups, and inserting uses them again")
    func tombstones() throws {
        try withMap("map[int]int", hint: 896, profile: .go1_27) { map in
            var pair = Pair(map)
            for number in 0..<896 { pair.insert(number, value: number) }
            let full = readSections(map)[0].rows.count { $0[0].full == 0xFF }
            #expect(full > 0)
            for number in 0..<896 { pair.delete(pair.key(number)) }
            let after = statistics(map)
            #expect(after.tombstones >= full)
            #expect(after.growthLeft == 896 - after.tombstones)
            for group in readSections(map)[0].rows.joined() where group.deleted != 0 {
                #expect(group.full | group.deleted == 0xFF)
            }
            for number in 1000..<1800 { pair.insert(number, value: number) }
            #expect(statistics(map).tombstones < after.tombstones)
            pair.compare()
        }
    }

    @Test("Under a sliding window tables grow in Go 1.24, and shed their tombstones in Go 1.27")
    func slidingWindow() throws {
        func slots(_ profile: GoProfile) throws -> Int {
            try withMap("map[int]int", profile: profile) { map in
                var pair = Pair(map)
                for number in 0..<700 { pair.insert(number, value: number) }
                #expect(map.statistics().slots == 1024)
                for number in 700..<80_000 {
                    pair.insert(number, value: number)
                    pair.delete(pair.key(number - 700))
                    if number % 10_000 == 0 { pair.compare() }
                }
                pair.compare()
                return map.statistics().slots
            }
        }
        #expect(try slots(.go1_27) == 2048, "at a third of the slots, enough groups are never full")
        #expect(try slots(.go1_24) > 2048)
    }
}
