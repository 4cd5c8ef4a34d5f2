// Inserting whole entries, key and value copied into the heap.

import GoHeap

extension GoMap {
    /// `m[key] = value`, both copied into the heap.
    ///
    /// - Parameters:
    ///   - key: of the key's type; a string's bytes may lie anywhere.
    ///   - value: of the value's type; bytes may lie anywhere. An array's missing bytes are zero.
    /// - Returns: whether the entry is new.
    /// - Precondition: the map is not nil.
    @discardableResult
    func insert(_ key: Datum, _ value: Datum) -> Bool {
        guard isPlain else { return insertInHeap(key, value) }
        let (slot, inserted) = assign(key)
        slot.storeBytes(of: value.word, as: UInt64.self)
        return inserted
    }

    /// `insert` of a key or a value that is made in the heap first. PERF: apart, so that integers under integers do not save the
    /// registers that all else needs.
    @inline(never)
    private func insertInHeap(_ key: Datum, _ value: Datum) -> Bool {
        let (slot, inserted) = assign(owned(key))
        store(value, at: slot)
        return inserted
    }

    /// `insert` with the hash at hand.
    @discardableResult
    func insert(_ key: Datum, hash: KeyHash, _ value: Datum) -> Bool {
        guard isPlain else { return insertInHeap(key, hash: hash, value) }
        let (slot, inserted) = assign(key, hash: hash)
        slot.storeBytes(of: value.word, as: UInt64.self)
        return inserted
    }

    @inline(never)
    private func insertInHeap(_ key: Datum, hash: KeyHash, _ value: Datum) -> Bool {
        let (slot, inserted) = assign(owned(key), hash: hash)
        store(value, at: slot)
        return inserted
    }

    /// `m[key] = v` with a value of another map of the same type: what strings, slices and pointers lead to is shared.
    ///
    /// - Parameters:
    ///   - key: a string's bytes are copied into the heap.
    ///   - value: where the value is.
    /// - Returns: where it is now.
    func insertShared(_ key: Datum, hash: KeyHash, valueAt value: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let slot = assign(owned(key), hash: hash).slot
        heap.moveTyped(type.pointee.valueObjectType, from: value, to: slot)
        return slot
    }

    /// Whether neither key nor value have to be made in the heap: integers, and keys that lie in their slots.
    @inline(__always)
    private var isPlain: Bool { type.pointee.keyCodec != .string && type.pointee.valueCodec.isPlainWord }

    /// The key as the map keeps it: a string is made in the heap.
    @inline(__always)
    private func owned(_ key: Datum) -> Datum {
        type.pointee.keyCodec == .string ? heap.makeString(key) : key
    }

    @inline(__always)
    private func store(_ value: Datum, at slot: UnsafeMutableRawPointer) {
        type.pointee.valueCodec.store(value, at: slot, type, heap)
    }
}
