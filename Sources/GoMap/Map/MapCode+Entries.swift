// What the code of the layouts shares: the map's state, stores into the heap, the copying and checking of entries.

import GoHeap

extension MapCode {
    @inline(__always) var type: MapTypeRef { state.pointee.type }
    @inline(__always) var heap: Heap { state.pointee.heap }

    // SAFETY: it lies behind the state, where `MapState.allocate` made it.
    /// What the layout keeps of the map outside the heap.
    @inline(__always) var own: UnsafeMutablePointer<Own> {
        UnsafeMutableRawPointer(state + 1).assumingMemoryBound(to: Own.self)
    }

    /// Gives the map a new hash seed when it has become empty: whoever looks for colliding keys has to begin again. A shard
    /// keeps the one that it has.
    func reseed() {
        if !state.pointee.isShard { setSeed(state.pointee.random.next()) }
    }

    /// The hash of a key.
    func hash(_ key: Datum) -> UInt64 {
        type.pointee.keyCodec.hash(key, type, seed: state.pointee.seed)
    }

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

// MARK: Slots

extension MapCode {
    /// Makes the value of more than 128 bytes that an empty slot is to point to.
    @inline(never)
    func makeIndirectValue(in slot: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let apart = heap.allocate(type.pointee.valueObjectType)
        heap.storePointer(apart, at: slot)
        return apart
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

// MARK: Invariants

extension MapCode {
    func check(isObject address: UnsafeRawPointer, _ what: String) {
        precondition(heap.isAllocatedObject(address), "\(what) is a live object")
    }

    /// Checks that what an entry leads to is there.
    ///
    /// - Parameters:
    ///   - key: the entry's.
    ///   - value: where the value itself is.
    func checkEntry(_ key: Datum, value: UnsafeMutableRawPointer) {
        switch type.pointee.keyCodec {
        case .word32, .word64, .bytes: break
        case .string: check(string: key, "a key")
        case .indirectBytes: check(isObject: key.address!, "a key")
        }
        checkValue(at: value)
    }

    private func checkValue(at value: UnsafeMutableRawPointer) {
        let type = type
        if type.pointee.hasIndirectValue { check(isObject: value, "an indirect value") }
        guard type.pointee.valueObjectType.pointee.hasPointers,
            let pointer = value.load(as: UnsafeRawPointer?.self)
        else { return }
        if type.pointee.valueCodec.isPointer { return check(isObject: pointer, "a value's pointer") }
        let bytes = Datum(bytes: pointer, count: value.load(fromByteOffset: 8, as: Int.self))
        if type.pointee.valueCodec.kind == .string {
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
