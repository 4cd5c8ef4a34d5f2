// What the tests of this target share: maps for one test, and a map beside a `Dictionary`.

import GoHeap
import GoMap
import MapSamples
import TestSupport
import Testing

/// The releases whose maps differ: buckets, the first swiss map, the swiss map that prunes tombstones.
let mapProfiles: [GoProfile] = [.go1_23, .go1_24, .go1_27]

/// A map of a profile's layout, for one test.
func withMap<Result>(
    _ type: String, hint: Int = 0, seed: UInt32 = 1, profile: GoProfile = .go1_23,
    _ body: (ShardedMap) throws -> Result
) throws -> Result {
    let name = try MapTypeName(parsing: type)
    return try withHeap(configuration: HeapConfiguration(profile: profile)) { heap in
        let map = ShardedMap.make(MapType.interned(name), hint: hint, heap: heap, seed: seed)
        defer { map.destroy() }
        return try body(map)
    }
}

/// Every row of a map, section by section.
func readSections(_ map: ShardedMap) -> [(section: MapSection, rows: [[SlotMarks]])] {
    var sections: [(section: MapSection, rows: [[SlotMarks]])] = []
    var reader = ShardedMapReader()
    let progress = reader.read(map, rowLimit: .max) { _, row in
        if row.index == 0 { sections.append((row.section, [])) }
        var marks: [SlotMarks] = []
        row.forEachBucket { marks.append($0) }
        sections[sections.count - 1].rows.append(marks)
    }
    #expect(progress == .done)
    return sections
}

/// A map, and a `Dictionary` to which the same is done.
struct Pair {
    let map: ShardedMap
    var model: [Sample: Sample] = [:]
    var key: GoType { map.type.name.key }
    var value: GoType { map.type.name.value }

    init(_ map: ShardedMap) { self.map = map }

    /// The `number`-th key.
    func key(_ number: Int) -> Sample { Sample(number, of: key) }

    mutating func insert(_ key: Sample, _ value: Sample) {
        let inserted = key.withDatum { key in value.withDatum { value in map.insert(key, value) } }
        #expect(inserted == (model[key] == nil))
        model[key] = value
    }

    mutating func insert(_ number: Int, value: Int) {
        insert(key(number), Sample(value, of: self.value))
    }

    mutating func delete(_ key: Sample) {
        let deleted = key.withDatum { map.delete($0) }
        #expect(deleted == (model.removeValue(forKey: key) != nil))
    }

    mutating func clear() {
        map.clear()
        model = [:]
    }

    func read(_ key: Sample) -> Sample? {
        key.withDatum { key in
            map.access(key).map { Sample(map.value(at: $0)!, of: value) }
        }
    }

    /// The entry that an iterator has reached.
    func read(_ entry: MapEntry) -> (key: Sample, value: Sample) {
        (Sample(map.key(at: entry.key), of: key), Sample(map.value(at: entry.value)!, of: value))
    }

    /// Compares every entry both ways, and checks the invariants of map and heap.
    func compare() {
        #expect(map.count == model.count)
        for (key, value) in model { #expect(read(key) == value) }
        let iterator = ShardedIterator(map)
        defer { iterator.destroy() }
        var seen: Set<Sample> = []
        while let entry = iterator.next() {
            let (key, value) = read(entry)
            #expect(seen.insert(key).inserted, "an entry comes once")
            #expect(model[key] == value)
        }
        #expect(seen.count == model.count)
        map.checkInvariants()
        map.heap.checkInvariants()
    }
}
