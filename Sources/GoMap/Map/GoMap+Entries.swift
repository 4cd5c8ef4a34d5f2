// Keys and values as data: values stored and read by type, whole entries inserted.

import GoHeap

extension GoMap {
    /// A string with the same bytes that the map may keep: `Heap.makeString`.
    package func makeString(_ bytes: Datum) -> Datum { heap.makeString(bytes) }

    /// `m[key] = value`, both copied into the heap.
    ///
    /// - Parameters:
    ///   - key: of the key's type; a string's bytes may lie anywhere.
    ///   - value: of the value's type; bytes may lie anywhere. An array's missing bytes are zero.
    /// - Returns: whether the entry is new.
    /// - Precondition: the map is not nil.
    @discardableResult
    package func insert(_ key: KeyArgument, _ value: Datum) -> Bool {
        guard type.pointee.keyClass != .string, type.pointee.hasPlainWordValue else { return insertOther(key, value) }
        let (slot, inserted) = assign(key)
        slot.storeBytes(of: value.word, as: UInt64.self)
        return inserted
    }

    /// PERF: apart, so that integers under integers do not save the registers that all else needs.
    @inline(never)
    private func insertOther(_ key: KeyArgument, _ value: Datum) -> Bool {
        let (slot, inserted) = assign(type.pointee.keyClass == .string ? makeString(key) : key)
        store(value, at: slot)
        return inserted
    }

    /// `insert` with the hash at hand.
    @discardableResult
    package func insert(_ key: KeyArgument, hash: KeyHash, _ value: Datum) -> Bool {
        guard type.pointee.keyClass != .string, type.pointee.hasPlainWordValue else {
            return insertOther(key, hash: hash, value)
        }
        let (slot, inserted) = assign(key, hash: hash)
        slot.storeBytes(of: value.word, as: UInt64.self)
        return inserted
    }

    @inline(never)
    private func insertOther(_ key: KeyArgument, hash: KeyHash, _ value: Datum) -> Bool {
        let (slot, inserted) = assign(type.pointee.keyClass == .string ? makeString(key) : key, hash: hash)
        store(value, at: slot)
        return inserted
    }

    /// Stores a value into a slot that `assign` gave: a `*T` becomes a new `T`, a `string` or `[]byte` a
    /// new copy.
    ///
    /// - Parameters:
    ///   - value: of the value's type; at most N bytes for a `[N]byte`.
    ///   - slot: where the value is to be stored.
    @inline(__always)
    package func store(_ value: Datum, at slot: UnsafeMutableRawPointer) {
        if type.pointee.hasPlainWordValue {
            slot.storeBytes(of: value.word, as: UInt64.self)
        } else {
            storeOther(value, at: slot)
        }
    }

    @inline(never)
    private func storeOther(_ value: Datum, at slot: UnsafeMutableRawPointer) {
        let type = type
        guard type.pointee.valueIsPointer else { return storePlain(value, at: slot) }
        let pointee = heap.allocate(type.pointee.pointeeObjectType)
        storePlain(value, at: pointee)
        heap.storePointer(pointee, at: slot)
    }

    @inline(never)
    private func storePlain(_ value: Datum, at slot: UnsafeMutableRawPointer) {
        switch type.pointee.valueClass {
        case .empty: break
        case .word8: slot.storeBytes(of: UInt8(truncatingIfNeeded: value.word), as: UInt8.self)
        case .word32: slot.storeBytes(of: UInt32(truncatingIfNeeded: value.word), as: UInt32.self)
        case .word64: slot.storeBytes(of: value.word, as: UInt64.self)
        case .string: heap.storeString(value, at: slot)
        case .slice: heap.storeSlice(value, at: slot)
        case .array:
            let byteCount = type.pointee.pointeeObjectType.pointee.byteCount
            precondition(value.count <= byteCount, "an array takes at most as many bytes as it has")
            if let address = value.address, value.count > 0 {
                slot.copyMemory(from: address, byteCount: value.count)
            }
            let rest = byteCount &- value.count
            if rest > 0 {
                _ = (slot + value.count).initializeMemory(as: UInt8.self, repeating: 0, count: rest)
            }
        }
    }

    /// The value at an address that `access` or an iterator gave; of a `*T`, the `T`, nil when the pointer
    /// is nil.
    ///
    /// - Returns: a datum that borrows from the heap: good until the next operation.
    package func value(at address: UnsafeMutableRawPointer) -> Datum? {
        let type = type
        if type.pointee.hasPlainWordValue { return Datum(integer: address.load(as: UInt64.self)) }
        var place = UnsafeRawPointer(address)
        if type.pointee.valueIsPointer {
            guard let pointee = place.load(as: UnsafeRawPointer?.self) else { return nil }
            place = pointee
        }
        switch type.pointee.valueClass {
        case .empty: return .empty
        case .word8: return Datum(integer: UInt64(place.load(as: UInt8.self)))
        case .word32: return Datum(integer: UInt64(place.load(as: UInt32.self)))
        case .word64: return Datum(integer: place.load(as: UInt64.self))
        case .string, .slice:
            return Datum(
                bytes: place.load(as: UnsafeRawPointer?.self),
                count: place.load(fromByteOffset: 8, as: Int.self))
        case .array: return Datum(bytes: place, count: type.pointee.pointeeObjectType.pointee.byteCount)
        }
    }

    /// The key at an address that an iterator gave.
    ///
    /// - Returns: a datum that borrows from the heap: good until the next operation.
    package func key(at address: UnsafeMutableRawPointer) -> KeyArgument {
        // What the address leads to is the key itself, also when the slot holds only a pointer to it.
        let keyClass = type.pointee.keyClass
        return BucketMap.key(in: address, type, keyClass == .indirectBytes ? .bytes : keyClass)
    }
}
