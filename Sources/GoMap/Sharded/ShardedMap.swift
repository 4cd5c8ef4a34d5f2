// Go's map over Go's heap: one, or several that the hash of a key picks from, which Go programmes write as `[64]map[K]V`.
//
//     let type = MapType.interned(try MapTypeName(parsing: "map[int]int"))
//     let map = ShardedMap.make(type, heap: heap, seed: 42)
//     defer { map.destroy() }
//     map.insert(Datum(integer: 7), Datum(integer: 49))       // m[7] = 49
//     if let slot = map.access(Datum(integer: 7)) {           // v, ok := m[7]
//         print(map.value(at: slot)!.word)                    // 49
//     }
//     map.delete(Datum(integer: 7))                           // delete(m, 7)
//
//     hash   63 ……………… 44 │ 43 ………………… 32 │ 31 ………………………………… 0
//            tophash or    │ shard: as many │ chain, or group and control byte
//            directory     │ as are needed  │
//
// One hash serves both the choice of the map and the map itself, each with bits of its own: the bucket layout takes the
// low B bits and the top eight, the swiss layout the low seven, those above them for the group, and the top ones for the
// directory. So what lands in one shard is still spread evenly in it.
//
// All shards have one seed, and it stays: a map alone takes a new one when it becomes empty, so that whoever has found
// keys that collide must begin again; here that would be as soon as all shards are empty at once, which is not worth
// keeping count of. A fresh map has another seed.
//
// One map is that map: no table, and one branch a call.
//
// Or the table has two generations of one map, a young one and an old one: ShardedMap+Generations.swift.
//
//     maps (outside the heap)             table (in the heap, the one root)
//     ┌─────────┬─────────┬───┐           ┌─────────┬─────────┬───┐
//     │ GoMap 0 │ GoMap 1 │ … │           │ header  │ header  │ … │   Go: []map[K]V
//     └─────────┴─────────┴───┘           └─────────┴─────────┴───┘
//
// The collector finds the shards through the table, an object like any other, marked in pieces: however many shards
// there are, they are one root.
//
// Lock: none here. One thread at a time uses a map, its iterators and their heap; no collection runs within
// an operation. Addresses that an operation returns are good until the next operation on the map.

import GoHeap
import HuskSystem

/// A handle on one map or several; copies mean the same.
package struct ShardedMap {
    /// Key and value types. PERF: stored, because what another room asks of a computed property is a call.
    package let type: MapTypeRef
    /// The only map, or the first: whatever is the same for all of them is asked of it.
    let first: GoMap
    /// All of them; nil when there is one map.
    @inline(__always) var shards: UnsafeMutablePointer<ShardTable>? { first.state.pointee.shards }

    /// How many shards there may be, if it is a power of two.
    package static let countRange = 1...4096

    /// Whether there may be so many shards.
    package static func isCount(_ number: Int) -> Bool {
        countRange.contains(number) && number & (number - 1) == 0
    }

    // MARK: Life

    /// `make(map[K]V, hint)`, or so many of them.
    ///
    /// - Parameters:
    ///   - type: key and value types.
    ///   - hint: for how many entries in all; each shard is made for its part, rounded up. Up to 8 a shard, or beyond what an
    ///     address space holds, it counts as none.
    ///   - heap: where the maps live; it must outlive the handle.
    ///   - seed: the seed of the hash (Go: `hash0`); everything random in the map follows from it.
    ///   - layout: how entries are kept; nil for the layout of the heap's profile.
    ///   - count: how many shards; a power of two in `countRange`.
    ///   - isGenerational: whether it has two generations; then `count` must be 1. The hint is the young one's.
    /// - Returns: a handle, which must be destroyed.
    /// - Complexity: O(hint) in address space, whose pages are touched when they are used; O(count).
    package static func make(
        _ type: MapTypeRef, hint: Int = 0, heap: Heap, seed: UInt32, layout: MapLayout? = nil, count: Int = 1,
        isGenerational: Bool = false
    ) -> ShardedMap {
        let hint = shardHint(hint, count: count)
        return ShardedMap(count: count, isGenerational: isGenerational, heap: heap, seed: seed) { shards, index in
            let hint = isGenerational && index > 0 ? 0 : hint
            return GoMap.make(type, hint: hint, heap: heap, seed: seed, layout: layout, shards: shards)
        }
    }

    /// `var m map[K]V`, or `var shards []map[K]V`: nil, and nothing on the heap.
    package static func makeNil(
        _ type: MapTypeRef, heap: Heap, seed: UInt32, layout: MapLayout? = nil, count: Int = 1,
        isGenerational: Bool = false
    ) -> ShardedMap {
        ShardedMap(count: count, isGenerational: isGenerational, heap: heap, seed: seed, isNil: true) { shards, _ in
            GoMap.makeNil(type, heap: heap, seed: seed, layout: layout, shards: shards)
        }
    }

    private init(
        count: Int, isGenerational: Bool, heap: Heap, seed: UInt32, isNil: Bool = false,
        _ makeMap: (UnsafeMutablePointer<ShardTable>?, _ index: Int) -> GoMap
    ) {
        precondition(Self.isCount(count), "\(count) shards are no power of two within the range")
        precondition(!isGenerational || count == 1, "shards have no generations")
        let count = isGenerational ? 2 : count
        guard count > 1 else {
            first = makeMap(nil, 0)
            type = first.type
            return
        }
        let shards = UnsafeMutablePointer<ShardTable>.allocate(capacity: 1)
        let table = isNil ? nil : heap.allocateArray(ShardTable.elementObjectType, count: count)
        shards.initialize(
            to: ShardTable(table: table, count: count, isGenerational: isGenerational, hash0: seed))
        heap.addRoots(ShardTable.root(of: shards), count: 1)
        // No collection runs before all is in its place: none does within an operation.
        var random = SplitMix64(seed: UInt64(seed))
        for index in 0..<count {
            let map = makeMap(shards, index)
            map.state.pointee.random = SplitMix64(seed: random.next())
            (shards.pointee.maps + index).initialize(to: map)
            shards.pointee.publish(index)
        }
        first = shards.pointee.maps[0]
        type = first.type
    }

    /// Ends the handle: the maps become garbage, those apart that an iterator still goes over.
    package func destroy() {
        if let shards { ShardTable.release(shards) } else { first.destroy() }
    }

    /// `m = nil`, each of them.
    package mutating func setNil() {
        guard shards != nil else { return first.setNil() }
        // New variables: a loop that is under way goes on over what the old ones led to.
        let old = self
        self = Self.makeNil(
            type, heap: heap, seed: 0, layout: layout, count: shardCount, isGenerational: isGenerational)
        old.destroy()
    }

    // MARK: What it is

    package var shardCount: Int { isGenerational ? 1 : mapCount }
    /// Whether it has two generations. PERF: not stored, so that a handle stays two words.
    package var isGenerational: Bool { shards?.pointee.isGenerational ?? false }
    /// Shards or generations.
    var mapCount: Int { shards?.pointee.count ?? 1 }
    package var isNil: Bool { first.isNil }
    package var heap: Heap { first.heap }
    package var layout: MapLayout { first.layout }

    /// `len(m)`, of all shards together. O(shards).
    package var count: Int { (0..<mapCount).reduce(0) { $0 + self[$1].count } }

    /// One shard, or generation.
    subscript(_ index: Int) -> GoMap { shards?.pointee.maps[index] ?? first }

    /// How many entries each of `count` shards is made for.
    static func shardHint(_ hint: Int, count: Int) -> Int { hint / count + (hint % count == 0 ? 0 : 1) }
}

extension ShardedMap {
    // MARK: One entry
    //
    // PERF: what several maps need is apart: so with one map there is one branch, which always goes the same way.

    /// `v, ok := m[key]`. Of generations, no entry moves.
    ///
    /// - Returns: the address of the value; nil when the key is not there or the map is nil.
    package func access(_ key: Datum) -> UnsafeMutableRawPointer? {
        shards == nil ? first.access(key) : accessShard(key, nil)
    }

    @inline(never)
    private func accessShard(_ key: Datum, _ hash: KeyHash?) -> UnsafeMutableRawPointer? {
        let hash = current(hash, of: key)
        return map(of: hash).access(key, hash: hash) ?? (isGenerational ? self[1].access(key, hash: hash) : nil)
    }

    /// `m[key] = value`, both copied into the heap.
    ///
    /// - Parameters:
    ///   - key: of the key's type; a string's bytes may lie anywhere.
    ///   - value: of the value's type; bytes may lie anywhere. An array's missing bytes are zero.
    /// - Returns: whether the entry is new.
    /// - Precondition: the map is not nil.
    @discardableResult
    package func insert(_ key: Datum, _ value: Datum) -> Bool {
        shards == nil ? first.insert(key, value) : insertIntoShard(key, nil, value)
    }

    @inline(never)
    private func insertIntoShard(_ key: Datum, _ hash: KeyHash?, _ value: Datum) -> Bool {
        if isGenerational { return insertIntoGeneration(key, hash, value) }
        let hash = current(hash, of: key)
        let isNew = map(of: hash).insert(key, hash: hash, value)
        copy(ofShardOf: hash)?.insert(key, hash: hash, value)
        return isNew
    }

    /// `delete(m, key)`.
    ///
    /// - Returns: whether the key was there; never for a nil map.
    @discardableResult
    package func delete(_ key: Datum) -> Bool {
        shards == nil ? first.delete(key) : deleteFromShard(key, nil)
    }

    @inline(never)
    private func deleteFromShard(_ key: Datum, _ hash: KeyHash?) -> Bool {
        let hash = current(hash, of: key)
        let wasThere = map(of: hash).delete(key, hash: hash)
        if isGenerational { return wasThere || self[1].delete(key, hash: hash) }
        copy(ofShardOf: hash)?.delete(key, hash: hash)
        return wasThere
    }

    /// `clear(m)`, each of them, and what Go makes of `for k := range m { delete(m, k) }`.
    ///
    /// - Complexity: O(bytes that the maps hold).
    package func clear() {
        for index in 0..<mapCount { self[index].clear() }
        shards?.pointee.copy?.map.clear()
    }

    // MARK: Many keys known in advance

    /// Whether the map is large, or one of several that may be together. If it is not, hashing keys ahead costs more than
    /// it brings: 5 ns a key in a map of 10,000 entries.
    package var isWorthPrefetching: Bool { shards != nil || first.isLarge }

    /// The hash of a key, for the operations below. Of another map, which has taken this one's place since, it is good too:
    /// the key is hashed again.
    package func hash(_ key: Datum) -> KeyHash { first.hash(key) }

    /// `access` with the hash at hand.
    package func access(_ key: Datum, hash: KeyHash) -> UnsafeMutableRawPointer? {
        shards == nil ? first.access(key, hash: hash) : accessShard(key, hash)
    }

    /// `insert` with the hash at hand.
    @discardableResult
    package func insert(_ key: Datum, hash: KeyHash, _ value: Datum) -> Bool {
        shards == nil ? first.insert(key, hash: hash, value) : insertIntoShard(key, hash, value)
    }

    /// `m[key] = zero` with a key whose bytes lie elsewhere and stay there: so that nothing but the map is on the heap.
    ///
    /// - Parameters:
    ///   - key: a string's bytes must lie outside the heap, and stay unchanged as long as the map has the key.
    ///   - hash: of the key.
    /// - Precondition: the map is not nil.
    package func insertZero(_ key: Datum, hash: KeyHash) { _ = map(of: hash).assign(key, hash: hash) }

    /// `delete` with the hash at hand.
    @discardableResult
    package func delete(_ key: Datum, hash: KeyHash) -> Bool {
        shards == nil ? first.delete(key, hash: hash) : deleteFromShard(key, hash)
    }

    /// Starts to bring what a hash leads to into the processor's cache.
    package func prefetch(hash: KeyHash) {
        shards == nil ? first.prefetch(hash: hash) : prefetchInShard(hash)
    }

    @inline(never)
    private func prefetchInShard(_ hash: KeyHash) {
        map(of: hash).prefetch(hash: hash)
        if isGenerational { self[1].prefetch(hash: hash) }
    }

    /// Starts to bring in the bytes that the entry of a hash leads to, once what `prefetch` asked for is there.
    package func prefetchBytes(hash: KeyHash) { map(of: hash).prefetchBytes(hash: hash) }

    /// The map that has the keys of a hash; of generations the young one.
    ///
    /// A hash under another seed, from before the only map became empty, leads to the only map too.
    func map(of hash: KeyHash) -> GoMap { shards?.pointee.map(of: hash) ?? first }

    /// A hash under the seed that all maps have.
    @inline(__always)
    func current(_ hash: KeyHash?, of key: Datum) -> KeyHash {
        if let hash, hash.seed == first.hashSeed { hash } else { first.hash(key) }
    }

    // MARK: Entries as data

    /// The key at an address that an iterator gave: `MapTypeRef.key`.
    package func key(at address: UnsafeMutableRawPointer) -> Datum { type.key(at: address) }

    /// The value at an address that `access` or an iterator gave: `MapTypeRef.value`.
    package func value(at address: UnsafeMutableRawPointer) -> Datum? { type.value(at: address) }

    /// `m[k] = v` with entries of another map of the same type: what strings, slices and pointers lead to is shared.
    ///
    /// - Parameters:
    ///   - entries: a few entries, as an iterator over `other` gave them, with nothing changed since.
    ///   - other: the map that they are in.
    package func copyEntries(_ entries: UnsafeBufferPointer<MapEntry>, from other: ShardedMap) {
        assert(type == other.type, "entries are copied between maps of one type")
        withUnsafeTemporaryAllocation(of: KeyHash.self, capacity: entries.count) { hashes in
            // PERF: the two maps have different seeds, so each entry goes to another place. 10M entries of a
            // `map[int]int`: 2.6 s with the buckets prefetched, 6.1 s without.
            for index in entries.indices {
                let hash = hash(other.key(at: entries[index].key))
                prefetch(hash: hash)
                hashes.initializeElement(at: index, to: hash)
            }
            for index in entries.indices {
                let key = other.key(at: entries[index].key)
                let slot = map(of: hashes[index]).assign(key, hash: hashes[index]).slot
                heap.moveTyped(type.pointee.valueObjectType, from: entries[index].value, to: slot)
            }
        }
    }
}

// SAFETY: a handle is an address, or two. What they lead to is guarded by the lock of whoever owns the map, as this
// file says.
extension ShardedMap: @unchecked Sendable {}
