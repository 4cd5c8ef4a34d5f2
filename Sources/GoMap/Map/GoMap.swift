// One map over Go's heap, whatever its layout. Other rooms have a `ShardedMap`, which is one of these or several.
//
// Each operation asks once which layout the map has, and goes on in that layout's code (`MapCode`).
//
// Lock: none here, as for `ShardedMap`.

import GoHeap

/// A handle on one map, like a Go variable of map type: copies mean the same variable.
struct GoMap {
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
    ///   - shards: the maps that it is to be one of; nil for one alone.
    /// - Returns: a handle, which must be destroyed.
    /// - Complexity: O(hint), in address space; pages are touched when they are used.
    static func make(
        _ type: MapTypeRef, hint: Int, heap: Heap, seed: UInt32, layout: MapLayout?,
        shards: UnsafeMutablePointer<ShardTable>?
    ) -> GoMap {
        let map = makeNil(type, heap: heap, seed: seed, layout: layout, shards: shards)
        map.withCode { $0.make(hint: hint, hash0: seed) }
        return map
    }

    /// `var m map[K]V`: a map that is nil.
    static func makeNil(
        _ type: MapTypeRef, heap: Heap, seed: UInt32, layout: MapLayout?,
        shards: UnsafeMutablePointer<ShardTable>?
    ) -> GoMap {
        let state = MapState.allocate(
            type, heap: heap, seed: seed, layout: layout ?? heap.profile.mapLayout, shards: shards)
        let map = GoMap(state: state)
        if shards == nil { heap.addRoots(map.rootWord, count: 1) }
        return map
    }

    /// `m = make(map[K]V)` for a map that is nil.
    func makeEmpty(hash0: UInt32) { withCode { $0.make(hint: 0, hash0: hash0) } }

    /// Ends the handle: the map becomes garbage unless an iterator still goes over it.
    func destroy() {
        if !state.pointee.isShard { heap.removeRoots(rootWord) }
        MapState.free(state)
    }

    // SAFETY: the header pointer is the state's first word, and the state stays where it is until `destroy`.
    /// The word that leads the collector to all that the map has.
    var rootWord: UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        UnsafeMutableRawPointer(state).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    }

    /// `m = nil`.
    func setNil() {
        state.pointee.root = nil
        withCode { Self.forgetState(of: $0) }
    }

    private static func forgetState<Code: MapCode>(of code: Code) {
        code.own.pointee = Code.Own(code.heap.profile)
    }

    /// Takes another map's place in memory, which is nil then: `m, other = other, nil`. Iterations over either go on.
    ///
    /// - Parameter other: of the same kind.
    func take(from other: GoMap) {
        assert(type == other.type && layout == other.layout, "a variable keeps its type")
        state.pointee.root = other.state.pointee.root
        state.pointee.seed = other.state.pointee.seed
        withCode { Self.takeState(of: $0, from: other) }
        other.setNil()
    }

    private static func takeState<Code: MapCode>(of code: Code, from other: GoMap) {
        code.own.pointee = Code(other.state).own.pointee
    }

    // MARK: What it is

    var isNil: Bool { state.pointee.root == nil }
    /// `len(m)`.
    var count: Int { state.pointee.root?.load(as: Int.self) ?? 0 }
    var type: MapTypeRef { state.pointee.type }
    var heap: Heap { state.pointee.heap }
    var layout: MapLayout { state.pointee.layout }

    /// What hashes depend on.
    var hashSeed: UInt64 { state.pointee.seed }

    /// Calls `body` with the code of the map's layout.
    @inline(__always)
    func withCode<Result>(_ body: (any MapCode) -> Result) -> Result {
        layout.withCode { body($0.init(state)) }
    }

    // MARK: One entry

    /// `v, ok := m[key]`.
    ///
    /// - Returns: the address of the value; nil when the key is not there or the map is nil.
    func access(_ key: Datum) -> UnsafeMutableRawPointer? {
        withCode { $0.access(key, hash: nil) }
    }

    /// Finds the entry of a key, or makes it: the first half of `m[key] = value`. The caller stores the
    /// value, or uses `insert`.
    ///
    /// - Parameter key: the bytes of a string must be made for this call (`Heap.makeString`).
    /// - Returns: where to store the value, and whether the entry is new; a new entry's value is zero.
    /// - Precondition: the map is not nil.
    @inline(__always)
    func assign(_ key: Datum) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        withCode { $0.assign(key, hash: nil) }
    }

    /// `delete(m, key)`.
    ///
    /// - Returns: whether the key was there; never for a nil map.
    @discardableResult
    func delete(_ key: Datum) -> Bool {
        withCode { $0.delete(key, hash: nil) }
    }

    /// `clear(m)`, and what Go makes of `for k := range m { delete(m, k) }`.
    ///
    /// - Complexity: O(bytes that the map holds).
    func clear() {
        withCode { $0.clear() }
    }

    // MARK: Many keys known in advance
    //
    // PERF: a loop that knows its keys hashes and prefetches some of them ahead, and the misses of several
    // operations overlap. With 1M entries in random order: int hit 64 to 20 ns, update 67 to 24, delete 76
    // to 24. 12 keys ahead did best for integers.

    /// Whether the map is too large for the processor's nearer caches.
    var isLarge: Bool { withCode { $0.isLarge } }

    /// The hash of a key, for the operations below.
    func hash(_ key: Datum) -> KeyHash {
        KeyHash(value: hashValue(of: key), seed: state.pointee.seed)
    }

    /// `access` with the hash at hand.
    func access(_ key: Datum, hash: KeyHash) -> UnsafeMutableRawPointer? {
        withCode { $0.access(key, hash: current(hash, of: key)) }
    }

    /// `assign` with the hash at hand.
    @inline(__always)
    func assign(_ key: Datum, hash: KeyHash) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        withCode { $0.assign(key, hash: current(hash, of: key)) }
    }

    /// `delete` with the hash at hand.
    @discardableResult
    func delete(_ key: Datum, hash: KeyHash) -> Bool {
        withCode { $0.delete(key, hash: current(hash, of: key)) }
    }

    /// Starts to bring the bucket or group that a hash leads to into the processor's cache, unless the map is so small that
    /// it is there already.
    func prefetch(hash: KeyHash) {
        guard state.pointee.isShard || isLarge else { return }
        withCode { $0.prefetch(hash: hash.value) }
    }

    /// Starts to bring in the bytes of the key, and of the value, that a hash leads to.
    func prefetchBytes(hash: KeyHash) {
        withCode { $0.prefetchBytes(hash: hash.value) }
    }

    // MARK: Limits and checks

    /// An upper bound of the bytes that the map itself allocates in the next `assign`, whatever its key:
    /// not the bytes of a string key, nor what the value leads to. 0 for a nil map. O(1).
    func bytesNeededToInsert() -> Int {
        withCode { $0.bytesNeededToInsert() }
    }

    /// Checks the whole map against its invariants, and traps when one does not hold.
    ///
    /// - Complexity: O(entries and slots); for the bucket layout with a set of all overflow buckets.
    func checkInvariants() {
        withCode { $0.checkInvariants() }
    }

    @inline(__always)
    private func hashValue(of key: Datum) -> UInt64 {
        type.pointee.keyCodec.hash(key, type, seed: state.pointee.seed)
    }

    /// A hash, if it was made under the map's present seed.
    @inline(__always)
    private func current(_ hash: KeyHash, of key: Datum) -> UInt64? {
        assert(
            hash.seed != state.pointee.seed || hash.value == hashValue(of: key), "a hash belongs to its key")
        return hash.seed == state.pointee.seed ? hash.value : nil
    }
}
