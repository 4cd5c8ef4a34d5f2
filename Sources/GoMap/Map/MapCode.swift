// What the code of both layouts shares: choosing the code for a class of keys, hashing a key, comparing it with a
// slot's, filling and clearing slots.
//
// The functions here are compiled into their callers once for each class of keys, which is a literal there:
// nothing of the choice is left at run time.

import GoHeap

/// The code of one layout, on the state of one map.
protocol MapCode {
    var state: UnsafeMutablePointer<MapState> { get }

    /// `m[key]`: the address of the value; nil when the map does not have the key.
    func access(_ key: Datum, hash: UInt64, _ keyClass: KeyClass) -> UnsafeMutableRawPointer?

    /// `m[key] = …`: finds the entry, or makes it.
    ///
    /// - Parameters:
    ///   - key: a string's bytes must be those of `Heap.makeString`: the map keeps the pointer (also when the key is there already,
    ///     as in Go, so that the older bytes can be collected).
    ///   - hash: of the key.
    /// - Returns: where the value is to be stored, and whether the entry is new; a new entry's value is zero.
    func assign(
        _ key: Datum, hash: UInt64, _ keyClass: KeyClass
    ) -> (slot: UnsafeMutableRawPointer, inserted: Bool)

    /// `delete(m, key)`: whether the map had the key.
    func delete(_ key: Datum, hash: UInt64, _ keyClass: KeyClass) -> Bool
}

extension MapCode {
    @inline(__always) var type: MapTypeRef { state.pointee.type }
    @inline(__always) var heap: Heap { state.pointee.heap }

    /// `heap.storePointer`, without a call while no cycle is marking.
    @inline(__always)
    func storePointer(_ value: UnsafeMutableRawPointer?, at slot: UnsafeMutableRawPointer) {
        if state.pointee.isMarking.pointee {
            heap.storePointer(value, at: slot)
        } else {
            slot.storeBytes(of: value, as: UnsafeMutableRawPointer?.self)
        }
    }

    /// Stores a pointer into a field of a heap object.
    @inline(__always)
    func store(_ value: UnsafeMutableRawPointer?, in object: UnsafeMutableRawPointer, at offset: Int) {
        heap.storePointer(value, at: object + offset)
    }
}

// MARK: By class of keys
//
// PERF: one function for each class of keys, so that the compiler keeps their registers apart, and what is called for one
// saves only the registers that it uses. A loop over a large map waits for memory, and for as much of it at once as
// fits into the few hundred instructions that the processor looks ahead: fewer instructions for each entry are more
// entries at once. Hits in 1M integers took 67 ns with 137 instructions each, and 56 with 103.

extension MapCode {
    /// - Parameter hash: of the key; nil when it is still to be computed.
    @inline(__always)
    func access(_ key: Datum, hash: UInt64?) -> UnsafeMutableRawPointer? {
        switch type.pointee.keyClass {
        case .word32: accessWord32(key.word, hash)
        case .word64: accessWord64(key.word, hash)
        case .string: accessString(key, hash)
        case .bytes: accessBytes(key, hash)
        case .indirectBytes: accessIndirectBytes(key, hash)
        }
    }

    /// - Parameter hash: of the key; nil when it is still to be computed.
    @inline(__always)
    func assign(_ key: Datum, hash: UInt64?) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        switch type.pointee.keyClass {
        case .word32: assignWord32(key.word, hash)
        case .word64: assignWord64(key.word, hash)
        case .string: assignString(key, hash)
        case .bytes: assignBytes(key, hash)
        case .indirectBytes: assignIndirectBytes(key, hash)
        }
    }

    /// - Parameter hash: of the key; nil when it is still to be computed.
    @inline(__always)
    func delete(_ key: Datum, hash: UInt64?) -> Bool {
        switch type.pointee.keyClass {
        case .word32: deleteWord32(key.word, hash)
        case .word64: deleteWord64(key.word, hash)
        case .string: deleteString(key, hash)
        case .bytes: deleteBytes(key, hash)
        case .indirectBytes: deleteIndirectBytes(key, hash)
        }
    }

    @inline(__always)
    private func hash(_ key: Datum, _ known: UInt64?, _ keyClass: KeyClass) -> UInt64 {
        known ?? Self.hash(key, type, seed: state.pointee.seed, keyClass)
    }

    @inline(never)
    private func accessWord32(_ word: UInt64, _ known: UInt64?) -> UnsafeMutableRawPointer? {
        let key = Datum(integer: word)
        return access(key, hash: hash(key, known, .word32), .word32)
    }
    @inline(never)
    private func accessWord64(_ word: UInt64, _ known: UInt64?) -> UnsafeMutableRawPointer? {
        let key = Datum(integer: word)
        return access(key, hash: hash(key, known, .word64), .word64)
    }
    @inline(never)
    private func accessString(_ key: Datum, _ known: UInt64?) -> UnsafeMutableRawPointer? {
        access(key, hash: hash(key, known, .string), .string)
    }
    @inline(never)
    private func accessBytes(_ key: Datum, _ known: UInt64?) -> UnsafeMutableRawPointer? {
        access(key, hash: hash(key, known, .bytes), .bytes)
    }
    @inline(never)
    private func accessIndirectBytes(_ key: Datum, _ known: UInt64?) -> UnsafeMutableRawPointer? {
        access(key, hash: hash(key, known, .indirectBytes), .indirectBytes)
    }

    @inline(never)
    private func assignWord32(_ word: UInt64, _ known: UInt64?) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        let key = Datum(integer: word)
        return assign(key, hash: hash(key, known, .word32), .word32)
    }
    @inline(never)
    private func assignWord64(_ word: UInt64, _ known: UInt64?) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        let key = Datum(integer: word)
        return assign(key, hash: hash(key, known, .word64), .word64)
    }
    @inline(never)
    private func assignString(_ key: Datum, _ known: UInt64?) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        assign(key, hash: hash(key, known, .string), .string)
    }
    @inline(never)
    private func assignBytes(_ key: Datum, _ known: UInt64?) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        assign(key, hash: hash(key, known, .bytes), .bytes)
    }
    @inline(never)
    private func assignIndirectBytes(_ key: Datum, _ known: UInt64?) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        assign(key, hash: hash(key, known, .indirectBytes), .indirectBytes)
    }

    @inline(never)
    private func deleteWord32(_ word: UInt64, _ known: UInt64?) -> Bool {
        let key = Datum(integer: word)
        return delete(key, hash: hash(key, known, .word32), .word32)
    }
    @inline(never)
    private func deleteWord64(_ word: UInt64, _ known: UInt64?) -> Bool {
        let key = Datum(integer: word)
        return delete(key, hash: hash(key, known, .word64), .word64)
    }
    @inline(never)
    private func deleteString(_ key: Datum, _ known: UInt64?) -> Bool {
        delete(key, hash: hash(key, known, .string), .string)
    }
    @inline(never)
    private func deleteBytes(_ key: Datum, _ known: UInt64?) -> Bool {
        delete(key, hash: hash(key, known, .bytes), .bytes)
    }
    @inline(never)
    private func deleteIndirectBytes(_ key: Datum, _ known: UInt64?) -> Bool {
        delete(key, hash: hash(key, known, .indirectBytes), .indirectBytes)
    }
}

// MARK: Keys

extension MapCode {
    /// Bytes of a key's slot, known when the class is.
    @inline(__always)
    static func keySlotByteCount(_ type: MapTypeRef, _ keyClass: KeyClass) -> Int {
        switch keyClass {
        case .word32: 4
        case .word64, .indirectBytes: 8
        case .string: 16
        case .bytes: type.pointee.keySlotByteCount
        }
    }

    /// The hash of a key.
    @inline(__always)
    static func hash(_ key: Datum, _ type: MapTypeRef, seed: UInt64, _ keyClass: KeyClass) -> UInt64 {
        switch keyClass {
        case .word32: Hash.integer(UInt64(UInt32(truncatingIfNeeded: key.word)), seed: seed)
        case .word64: Hash.integer(key.word, seed: seed)
        case .string: Hash.bytes(key.address, count: key.count, seed: seed)
        case .bytes, .indirectBytes: Hash.bytes(key.address, count: type.pointee.keyByteCount, seed: seed)
        }
    }

    /// The key in a slot, as a datum that borrows from it.
    @inline(__always)
    static func key(in slot: UnsafeMutableRawPointer, _ type: MapTypeRef, _ keyClass: KeyClass) -> Datum {
        switch keyClass {
        case .word32: return Datum(integer: UInt64(slot.load(as: UInt32.self)))
        case .word64: return Datum(integer: slot.load(as: UInt64.self))
        case .string:
            return Datum(
                bytes: slot.load(as: UnsafeRawPointer?.self),
                count: slot.load(fromByteOffset: 8, as: Int.self))
        case .bytes: return Datum(bytes: slot, count: type.pointee.keyByteCount)
        case .indirectBytes:
            return Datum(bytes: slot.load(as: UnsafeRawPointer?.self), count: type.pointee.keyByteCount)
        }
    }

    /// Whether a slot holds `key`.
    @inline(__always)
    static func slot(
        _ slot: UnsafeMutableRawPointer, holds key: Datum, _ type: MapTypeRef, _ keyClass: KeyClass
    ) -> Bool {
        switch keyClass {
        case .word32:
            return slot.load(as: UInt32.self) == UInt32(truncatingIfNeeded: key.word)
        case .word64:
            return slot.load(as: UInt64.self) == key.word
        case .string:
            guard slot.load(fromByteOffset: 8, as: Int.self) == key.count else { return false }
            let stored = slot.load(as: UInt64.self)
            return stored == key.word
                || Bytes.equal(UnsafeRawPointer(bitPattern: UInt(stored)), key.address, count: key.count)
        case .bytes:
            return Bytes.equal(UnsafeRawPointer(slot), key.address, count: type.pointee.keyByteCount)
        case .indirectBytes:
            return Bytes.equal(
                slot.load(as: UnsafeRawPointer?.self), key.address, count: type.pointee.keyByteCount)
        }
    }

    func hash(_ key: Datum) -> UInt64 {
        let seed = state.pointee.seed
        return switch type.pointee.keyClass {
        case .word32: Self.hash(key, type, seed: seed, .word32)
        case .word64: Self.hash(key, type, seed: seed, .word64)
        case .string: Self.hash(key, type, seed: seed, .string)
        case .bytes: Self.hash(key, type, seed: seed, .bytes)
        case .indirectBytes: Self.hash(key, type, seed: seed, .indirectBytes)
        }
    }
}

// MARK: Slots

extension MapCode {
    /// Puts a key into an empty slot; one of more than 128 bytes is made apart.
    @inline(__always)
    func putKey(_ key: Datum, in slot: UnsafeMutableRawPointer, _ keyClass: KeyClass) {
        switch keyClass {
        case .word32: slot.storeBytes(of: UInt32(truncatingIfNeeded: key.word), as: UInt32.self)
        case .word64: slot.storeBytes(of: key.word, as: UInt64.self)
        case .string:
            storePointer(pointer(to: key), at: slot)
            slot.storeBytes(of: key.count, toByteOffset: 8, as: Int.self)
        case .bytes:
            slot.copyBytes(from: key, count: type.pointee.keyByteCount)
        case .indirectBytes:
            let apart = heap.allocate(type.pointee.keyObjectType)
            heap.storePointer(apart, at: slot)
            apart.copyBytes(from: key, count: type.pointee.keyByteCount)
        }
    }

    /// Makes the value of more than 128 bytes that an empty slot is to point to.
    @inline(never)
    func makeIndirectValue(in slot: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let apart = heap.allocate(type.pointee.valueObjectType)
        heap.storePointer(apart, at: slot)
        return apart
    }

    /// The pointer that a string in the heap has.
    @inline(__always)
    func pointer(to key: Datum) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: UInt(key.word))
    }

    /// Clears what a slot holds for a key, if that is a pointer.
    @inline(__always)
    func clearKey(in slot: UnsafeMutableRawPointer, _ keyClass: KeyClass) {
        switch keyClass {
        case .word32, .word64, .bytes: break
        case .string:
            storePointer(nil, at: slot)
            slot.storeBytes(of: 0, toByteOffset: 8, as: Int.self)
        case .indirectBytes: heap.storePointer(nil, at: slot)
        }
    }

    /// Clears what a slot holds for a value.
    @inline(__always)
    func clearValue(in slot: UnsafeMutableRawPointer) {
        let type = type
        if type.pointee.hasPlainWordValue {
            slot.storeBytes(of: 0, as: UInt64.self)
        } else if type.pointee.hasIndirectValue {
            heap.storePointer(nil, at: slot)
        } else if type.pointee.valueSlotHasPointers {
            heap.clearTyped(type.pointee.valueObjectType, at: slot)
        } else {
            switch type.pointee.valueSlotByteCount {
            case 0: break
            case 1: slot.storeBytes(of: 0, as: UInt8.self)
            case 4: slot.storeBytes(of: 0, as: UInt32.self)
            case 8: slot.storeBytes(of: 0, as: UInt64.self)
            case let byteCount: _ = slot.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
            }
        }
    }

    /// The slower way of copying an entry, while the collector marks.
    @inline(never)
    func copyWithBarrier(
        _ key: UnsafeMutableRawPointer, _ newKey: UnsafeMutableRawPointer, _ value: UnsafeMutableRawPointer,
        _ newValue: UnsafeMutableRawPointer
    ) {
        let type = type
        if type.pointee.hasIndirectKey {
            heap.storePointer(key.load(as: UnsafeMutableRawPointer?.self), at: newKey)
        } else {
            heap.moveTyped(type.pointee.keyObjectType, from: key, to: newKey)
        }
        if type.pointee.hasIndirectValue {
            heap.storePointer(value.load(as: UnsafeMutableRawPointer?.self), at: newValue)
        } else {
            heap.moveTyped(type.pointee.valueObjectType, from: value, to: newValue)
        }
    }

    /// Copies a slot. PERF: the usual sizes without a call to memmove.
    @inline(__always)
    func copy(_ source: UnsafeMutableRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int) {
        switch byteCount {
        case 0: break
        case 1: target.storeBytes(of: source.load(as: UInt8.self), as: UInt8.self)
        case 4: target.storeBytes(of: source.load(as: UInt32.self), as: UInt32.self)
        case 8: target.storeBytes(of: source.load(as: UInt64.self), as: UInt64.self)
        case 16:
            target.storeBytes(of: source.load(as: UInt64.self), as: UInt64.self)
            target.storeBytes(
                of: source.load(fromByteOffset: 8, as: UInt64.self), toByteOffset: 8, as: UInt64.self)
        default: target.copyMemory(from: source, byteCount: byteCount)
        }
    }
}

// MARK: Sizes

extension Heap {
    /// Bytes of the heap that an object of `byteCount` bytes takes, its size class's rounding and the type
    /// word of larger objects with pointers included.
    func heldByteCount(_ byteCount: Int, hasPointers: Bool) -> Int {
        // `roundUpSize` leaves out the type word. Less by that word it is no size class, and rounds up to its own.
        let usable = roundUpSize(byteCount, hasPointers: hasPointers)
        return roundUpSize(usable, hasPointers: false)
    }
}

extension MapCode {
    /// Bytes that the data of one entry take outside its slot.
    static func heldIndirectByteCount(_ type: MapTypeRef, _ heap: Heap) -> Int {
        var byteCount = 0
        if type.pointee.hasIndirectKey {
            byteCount += heap.heldByteCount(type.pointee.keyByteCount, hasPointers: false)
        }
        if type.pointee.hasIndirectValue {
            byteCount += heap.heldByteCount(type.pointee.valueByteCount, hasPointers: false)
        }
        return byteCount
    }
}

// MARK: Invariants

extension MapCode {
    func check(isObject address: UnsafeRawPointer, _ what: String) {
        precondition(heap.isAllocatedObject(address), "\(what) is a live object")
    }

    /// Checks what a slot has for a key.
    func check(key: Datum) {
        switch type.pointee.keyClass {
        case .word32, .word64, .bytes: break
        case .string: check(string: key, "a key")
        case .indirectBytes: check(isObject: key.address!, "a key")
        }
    }

    /// Checks a value and what it points to.
    func check(valueAt value: UnsafeRawPointer) {
        let type = type
        if type.pointee.hasIndirectValue { check(isObject: value, "an indirect value") }
        guard type.pointee.valueObjectType.pointee.hasPointers,
            let pointer = value.load(as: UnsafeRawPointer?.self)
        else { return }
        if type.pointee.valueIsPointer { return check(isObject: pointer, "a value's pointer") }
        let bytes = Datum(bytes: pointer, count: value.load(fromByteOffset: 8, as: Int.self))
        if type.pointee.valueClass == .string {
            check(string: bytes, "a value")
        } else if bytes.count > 0 {
            check(isObject: pointer, "a value's bytes")
        }
    }

    private func check(string: Datum, _ what: String) {
        precondition(string.count == 0 || string.address != nil, "\(what) that has bytes has an address")
        if string.count == 1 {
            precondition(heap.makeString(string) == string, "\(what) of one byte is in the table of them")
        } else if string.count > 1 {
            check(isObject: string.address!, "the bytes of \(what)")
        }
    }
}
