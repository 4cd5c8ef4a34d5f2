import GoHeap
import GoMap
import Testing

/// Which objects strings and slices are in the heap.
@Suite struct StringTests {
    private static func bytes<Result>(_ text: String, _ body: (Datum) throws -> Result) rethrows -> Result {
        try Array(text.utf8).withUnsafeBytes { try body(Datum(bytes: $0.baseAddress, count: $0.count)) }
    }

    private static func put(_ map: ShardedMap, _ key: String, _ value: String) {
        bytes(key) { key in bytes(value) { value in _ = map.insert(key, value) } }
    }

    private static func mallocs(_ map: ShardedMap, _ body: () -> Void) -> UInt64 {
        let before = map.heap.readMemStats().mallocs
        body()
        return map.heap.readMemStats().mallocs - before
    }

    @Test("A string of no byte or of one is no object, as key or as value", arguments: mapProfiles)
    func shortStrings(profile: GoProfile) throws {
        for (type, ofValue) in [("map[string]string", 0), ("map[string]*string", 1)] {
            try withMap(type, profile: profile) { map in
                Self.put(map, "k", "v")  // A swiss map makes its first group.
                for (key, value) in [("", ""), ("", "v"), ("k", ""), ("0", "\u{7F}"), ("9", "v")] {
                    #expect(
                        Self.mallocs(map) { Self.put(map, key, value) } == ofValue, "\(type) \(key) \(value)")
                    let stored = Self.bytes(key) { map.access($0) }.flatMap { map.value(at: $0) }
                    #expect(stored.map { String(decoding: $0.bytes, as: UTF8.self) } == value)
                }
                #expect(Self.mallocs(map) { Self.put(map, "k1", "v1") } == ofValue + 2)
                map.heap.collect()
                map.checkInvariants()
                #expect(map.count == 5)
            }
        }
    }

    @Test("A slice of one byte is an object, a slice of no byte none", arguments: mapProfiles)
    func shortSlices(profile: GoProfile) throws {
        try withMap("map[string][]byte", profile: profile) { map in
            Self.put(map, "k", "v")
            #expect(Self.mallocs(map) { Self.put(map, "k", "") } == 0)
            #expect(Self.mallocs(map) { Self.put(map, "k", "w") } == 1)
            #expect(Self.mallocs(map) { Self.put(map, "k", "ww") } == 1)
        }
    }
}
