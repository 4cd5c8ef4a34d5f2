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
// This file is the seam: each operation asks once which layout the map has. The layouts' code is in `BucketMap…`.
//
// Lock: none here. One thread at a time uses a map, its iterators and their heap; no collection runs within
// an operation. Addresses that an operation returns are good until the next operation on the map.

import GoHeap

/// How a map keeps its entries.
package enum MapLayoutKind: String, Sendable, CaseIterable {
    /// Go up to 1.23: buckets of eight, overflow chains.
    case bucket
    /// Go from 1.24 on: groups of eight with control words, tables, a directory.
    case swiss
}

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
    ///   - layout: how entries are kept.
    /// - Returns: a handle, which must be destroyed.
    /// - Complexity: O(hint), in address space; pages are touched when they are used.
    package static func make(
        _ type: MapTypeRef, hint: Int = 0, heap: Heap, seed: UInt32, layout: MapLayoutKind = .bucket
    ) -> GoMap {
        let map = makeNil(type, heap: heap, seed: seed, layout: layout)
        switch layout {
        case .bucket: map.bucketMap.make(hint: hint, hash0: seed)
        case .swiss: preconditionFailure("the swiss layout is not built yet")
        }
        return map
    }

    /// `var m map[K]V`: a map that is nil.
    package static func makeNil(
        _ type: MapTypeRef, heap: Heap, seed: UInt32, layout: MapLayoutKind = .bucket
    ) -> GoMap {
        let state = UnsafeMutablePointer<MapState>.allocate(capacity: 1)
        state.initialize(
            to: MapState(
                header: nil, type: type, heap: heap, layout: layout, seed: Hash.seed(from: seed),
                random: RandomState(state: UInt64(seed) ^ Hash.k3)))
        // SAFETY: the header pointer is the state's first word, and the state stays where it is until `destroy`.
        heap.addRoots(
            UnsafeMutableRawPointer(state).assumingMemoryBound(to: UnsafeMutableRawPointer?.self), count: 1)
        return GoMap(state: state)
    }

    /// Ends the handle: the map becomes garbage unless an iterator still goes over it.
    package func destroy() {
        // SAFETY: as in `makeNil`.
        heap.removeRoots(UnsafeMutableRawPointer(state).assumingMemoryBound(to: UnsafeMutableRawPointer?.self))
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// `m = nil`.
    package func setNil() {
        state.pointee.header = nil
        state.pointee.counters = MapCounters()
    }

    // MARK: What it is

    package var isNil: Bool { state.pointee.header == nil }
    /// `len(m)`.
    package var count: Int { state.pointee.header?.pointee.count ?? 0 }
    package var type: MapTypeRef { state.pointee.type }
    package var heap: Heap { state.pointee.heap }
    package var layout: MapLayoutKind { state.pointee.layout }

    @inline(__always) var bucketMap: BucketMap { BucketMap(state) }

    // MARK: One entry

    /// `v, ok := m[key]`.
    ///
    /// - Returns: the address of the value; nil when the key is not there or the map is nil.
    package func access(_ key: KeyArgument) -> UnsafeMutableRawPointer? {
        bucketMap.access(key)
    }

    /// Finds the entry of a key, or makes it: the first half of `m[key] = value`. The caller stores the value, or uses
    /// `insert`.
    ///
    /// - Parameter key: the bytes of a string must be in the heap and made for this call (`GoMap.makeString`).
    /// - Returns: where to store the value, and whether the entry is new; a new entry's value is zero.
    /// - Precondition: the map is not nil.
    package func assign(_ key: KeyArgument) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        bucketMap.assign(key, hash: bucketMap.hash(key))
    }

    /// `delete(m, key)`.
    ///
    /// - Returns: whether the key was there; never for a nil map.
    @discardableResult
    package func delete(_ key: KeyArgument) -> Bool {
        bucketMap.delete(key, hash: bucketMap.hash(key))
    }

    /// `clear(m)`, and what Go makes of `for k := range m { delete(m, k) }`.
    ///
    /// - Complexity: O(bytes that the map holds).
    package func clear() {
        bucketMap.clear()
    }

    // MARK: Many keys known in advance

    /// The hash of a key, good until `hashSeed` changes: a map that becomes empty takes a new seed.
    package func hash(_ key: KeyArgument) -> UInt64 { bucketMap.hash(key) }

    /// What hashes depend on.
    package var hashSeed: UInt64 { state.pointee.seed }

    /// `access` with the hash at hand.
    package func access(_ key: KeyArgument, hash: UInt64) -> UnsafeMutableRawPointer? {
        assert(hash == self.hash(key), "a hash is of its key, under the present seed")
        return bucketMap.access(key, hash: hash)
    }

    /// `assign` with the hash at hand.
    package func assign(_ key: KeyArgument, hash: UInt64) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        assert(hash == self.hash(key), "a hash is of its key, under the present seed")
        return bucketMap.assign(key, hash: hash)
    }

    /// `delete` with the hash at hand.
    @discardableResult
    package func delete(_ key: KeyArgument, hash: UInt64) -> Bool {
        assert(hash == self.hash(key), "a hash is of its key, under the present seed")
        return bucketMap.delete(key, hash: hash)
    }

    /// Starts to bring the bucket that a hash leads to into the processor's cache.
    package func prefetch(hash: UInt64) { bucketMap.prefetch(hash: hash) }

    /// Starts to bring in the bytes of the string key that a hash most likely leads to, once `prefetch(hash:)` has had
    /// time to finish. Does nothing for other keys.
    package func prefetchKey(hash: UInt64) {
        if type.pointee.keyClass == .string { bucketMap.prefetchString(hash: hash) }
    }
}

// SAFETY: a handle is an address. What it leads to is guarded by the lock of whoever owns the map, as this file says.
extension GoMap: @unchecked Sendable {}
