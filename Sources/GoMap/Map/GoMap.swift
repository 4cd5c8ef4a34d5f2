// Go's map over Go's heap.
//
//     let type = MapType.interned(try MapTypeName(parsing: "map[int]int"))
//     let map = GoMap.make(type, hint: 0, heap: heap, seed: 42)
//     defer { map.destroy() }
//     map.insert(Datum(integer: 7), Datum(integer: 49))       // m[7] = 49
//     if let slot = map.access(Datum(integer: 7)) {           // v, ok := m[7]
//         print(map.value(at: slot).word)                     // 49
//     }
//     map.delete(Datum(integer: 7))                           // delete(m, 7)
//
// This file is the seam: each operation asks once which layout the map has. The layouts' code is in
// `BucketMap…` and `SwissMap…`.
//
// Lock: none here. One thread at a time uses a map, its iterators and their heap; no collection runs within
// an operation. Addresses that an operation returns are good until the next operation on the map.

import GoHeap

/// A handle on one map, like a Go variable of map type: copies mean the same variable.
package struct GoMap {
    let state: UnsafeMutablePointer<MapState>

    // MARK: Life

    /// `make(map[K]V, hint)`.
    ///
    /// - Parameters:
    ///   - type: key and value types.
    ///   - hint: for how many entries; up to 8, or beyond what an address space holds, it counts as none.
    ///   - heap: where the map lives; it must outlive the handle.
    ///   - seed: the seed of the hash (Go: `hash0`); everything random in the map follows from it.
    ///   - layout: how entries are kept; nil for the layout of the heap's profile.
    ///   - isShard: whether it is one of the maps of a `ShardedMap`.
    /// - Returns: a handle, which must be destroyed.
    /// - Complexity: O(hint), in address space; pages are touched when they are used.
    package static func make(
        _ type: MapTypeRef, hint: Int = 0, heap: Heap, seed: UInt32, layout: MapLayout? = nil,
        isShard: Bool = false
    ) -> GoMap {
        let map = makeNil(type, heap: heap, seed: seed, layout: layout, isShard: isShard)
        switch map.layout {
        case .bucket: map.bucketMap.make(hint: hint, hash0: seed)
        case .swiss: map.swissMap.make(hint: hint, seed: Hash.seed(from: seed))
        }
        return map
    }

    /// `var m map[K]V`: a map that is nil.
    package static func makeNil(
        _ type: MapTypeRef, heap: Heap, seed: UInt32, layout: MapLayout? = nil, isShard: Bool = false
    ) -> GoMap {
        let state = UnsafeMutablePointer<MapState>.allocate(capacity: 1)
        state.initialize(
            to: MapState(
                root: nil, type: type, heap: heap, layout: layout ?? heap.profile.mapLayout, isShard: isShard,
                isMarking: heap.isMarkingAddress,
                seed: Hash.seed(from: seed), random: RandomState(state: UInt64(seed) ^ Hash.k3),
                hasFirstSwissMap: heap.profile.hasFirstSwissMap))
        let map = GoMap(state: state)
        if !isShard { heap.addRoots(map.rootWord, count: 1) }
        return map
    }

    /// Ends the handle: the map becomes garbage unless an iterator still goes over it.
    package func destroy() {
        if !state.pointee.isShard { heap.removeRoots(rootWord) }
        state.deinitialize(count: 1)
        state.deallocate()
    }

    // SAFETY: the header pointer is the state's first word, and the state stays where it is until `destroy`.
    /// The word that leads the collector to all that the map has.
    var rootWord: UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        UnsafeMutableRawPointer(state).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    }

    /// `m = nil`.
    package func setNil() {
        state.pointee.root = nil
        state.pointee.bucketMask = 0
        state.pointee.counters = MapCounters()
        state.pointee.swissCounters = SwissCounters()
    }

    // MARK: What it is

    package var isNil: Bool { state.pointee.root == nil }
    /// `len(m)`.
    package var count: Int { state.pointee.root?.load(as: Int.self) ?? 0 }
    package var type: MapTypeRef { state.pointee.type }
    package var heap: Heap { state.pointee.heap }
    package var layout: MapLayout { state.pointee.layout }

    /// What hashes depend on.
    package var hashSeed: UInt64 { state.pointee.seed }

    @inline(__always) var bucketMap: BucketMap { BucketMap(state) }
    @inline(__always) var swissMap: SwissMap { SwissMap(state) }

    // MARK: One entry

    /// `v, ok := m[key]`.
    ///
    /// - Returns: the address of the value; nil when the key is not there or the map is nil.
    package func access(_ key: KeyArgument) -> UnsafeMutableRawPointer? {
        switch layout {
        case .bucket: bucketMap.access(key, hash: nil)
        case .swiss: swissMap.access(key, hash: nil)
        }
    }

    /// Finds the entry of a key, or makes it: the first half of `m[key] = value`. The caller stores the
    /// value, or uses `insert`.
    ///
    /// - Parameter key: the bytes of a string must be made for this call (`GoMap.makeString`).
    /// - Returns: where to store the value, and whether the entry is new; a new entry's value is zero.
    /// - Precondition: the map is not nil.
    @inline(__always)
    package func assign(_ key: KeyArgument) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        switch layout {
        case .bucket: bucketMap.assign(key, hash: nil)
        case .swiss: swissMap.assign(key, hash: nil)
        }
    }

    /// `delete(m, key)`.
    ///
    /// - Returns: whether the key was there; never for a nil map.
    @discardableResult
    package func delete(_ key: KeyArgument) -> Bool {
        switch layout {
        case .bucket: bucketMap.delete(key, hash: nil)
        case .swiss: swissMap.delete(key, hash: nil)
        }
    }

    /// `clear(m)`, and what Go makes of `for k := range m { delete(m, k) }`.
    ///
    /// - Complexity: O(bytes that the map holds).
    package func clear() {
        switch layout {
        case .bucket: bucketMap.clear()
        case .swiss: swissMap.clear()
        }
    }

    // MARK: Many keys known in advance
    //
    // PERF: a loop that knows its keys hashes and prefetches some of them ahead, and the misses of several
    // operations overlap. With 1M entries in random order: int hit 64 to 20 ns, update 67 to 24, delete 76
    // to 24. 12 keys ahead did best for integers.

    /// Whether the map is large, or one of many that may be together. If it is not, hashing keys ahead costs more than
    /// it brings: 5 ns a key in a map of 10,000 entries.
    package var isWorthPrefetching: Bool {
        if state.pointee.isShard { return true }
        return switch layout {
        case .bucket: state.pointee.bucketMask >= BucketMap.largeMask
        case .swiss: swissMap.isWorthPrefetching
        }
    }

    /// The hash of a key, for the operations below.
    package func hash(_ key: KeyArgument) -> KeyHash {
        KeyHash(value: bucketMap.hash(key), seed: state.pointee.seed)
    }

    /// `access` with the hash at hand.
    package func access(_ key: KeyArgument, hash: KeyHash) -> UnsafeMutableRawPointer? {
        switch layout {
        case .bucket: bucketMap.access(key, hash: current(hash, of: key))
        case .swiss: swissMap.access(key, hash: current(hash, of: key))
        }
    }

    /// `assign` with the hash at hand.
    @inline(__always)
    package func assign(_ key: KeyArgument, hash: KeyHash) -> (slot: UnsafeMutableRawPointer, inserted: Bool)
    {
        switch layout {
        case .bucket: bucketMap.assign(key, hash: current(hash, of: key))
        case .swiss: swissMap.assign(key, hash: current(hash, of: key))
        }
    }

    /// `delete` with the hash at hand.
    @discardableResult
    package func delete(_ key: KeyArgument, hash: KeyHash) -> Bool {
        switch layout {
        case .bucket: bucketMap.delete(key, hash: current(hash, of: key))
        case .swiss: swissMap.delete(key, hash: current(hash, of: key))
        }
    }

    /// Starts to bring the bucket or group that a hash leads to into the processor's cache, unless the map is so small that
    /// it is there already.
    package func prefetch(hash: KeyHash) {
        guard isWorthPrefetching else { return }
        switch layout {
        case .bucket: bucketMap.prefetch(hash: hash.value)
        case .swiss: swissMap.prefetch(hash: hash.value)
        }
    }

    /// Hashes a key and prefetches, in one.
    ///
    /// - Returns: the hash, for the operation that is to follow.
    package func prefetch(_ key: KeyArgument) -> KeyHash {
        let hash = hash(key)
        prefetch(hash: hash)
        return hash
    }

    // MARK: Limits and checks

    /// An upper bound of the bytes that the map itself allocates in the next `assign`, whatever its key:
    /// not the bytes of a string key, nor what the value leads to. 0 for a nil map. O(1).
    package func bytesNeededToInsert() -> Int {
        switch layout {
        case .bucket: bucketMap.bytesNeededToInsert()
        case .swiss: swissMap.bytesNeededToInsert()
        }
    }

    /// Checks the whole map against its invariants, and traps when one does not hold.
    ///
    /// - Complexity: O(entries and slots); for the bucket layout with a set of all overflow buckets.
    package func checkInvariants() {
        switch layout {
        case .bucket: bucketMap.checkInvariants()
        case .swiss: swissMap.checkInvariants()
        }
    }

    /// A hash, if it was made under the map's present seed.
    @inline(__always)
    private func current(_ hash: KeyHash, of key: KeyArgument) -> UInt64? {
        assert(
            hash.seed != state.pointee.seed || hash.value == bucketMap.hash(key), "a hash belongs to its key")
        return hash.seed == state.pointee.seed ? hash.value : nil
    }
}

/// The hash of a key, and the seed that it was computed with: a map that becomes empty takes a new seed,
/// and then hashes again by itself.
package struct KeyHash {
    let value: UInt64
    let seed: UInt64

    /// A hash that fits no map: what uninitialised room for hashes is filled with.
    package init() { self.init(value: 0, seed: 0) }

    init(value: UInt64, seed: UInt64) {
        self.value = value
        self.seed = seed
    }
}

// SAFETY: a handle is an address. What it leads to is guarded by the lock of whoever owns the map, as this
// file says.
extension GoMap: @unchecked Sendable {}
