// How the values of a map type are stored, read and cleared: chosen when the type is made.

import GoHeap

/// How values are stored.
struct ValueCodec {
    /// What a value is, or what a `*T` leads to.
    enum Kind: UInt8 {
        case empty, word8, word32, word64, string, slice, array
    }

    let kind: Kind
    /// Whether the value is a `*T`; `kind` then says how the `T` is stored.
    let isPointer: Bool
    /// Whether the value is an integer of 64 bits: the usual case, and the simplest.
    let isPlainWord: Bool

    init(_ type: GoType) {
        let pointee = type.pointee
        isPointer = type != pointee
        kind =
            switch pointee {
            case .emptyStruct: .empty
            case .uint8, .bool: .word8
            case .int32, .uint32: .word32
            case .string: .string
            case .bytes: .slice
            case .array: .array
            default: .word64
            }
        isPlainWord = kind == .word64 && !isPointer
    }

    /// Stores a value into a slot: a `*T` becomes a new `T`, a `string` or `[]byte` a new copy.
    ///
    /// - Parameters:
    ///   - value: of the value's type; at most N bytes for a `[N]byte`, the missing ones are zero.
    ///   - slot: where the value is to be stored.
    @inline(__always)
    func store(_ value: Datum, at slot: UnsafeMutableRawPointer, _ type: MapTypeRef, _ heap: Heap) {
        if isPlainWord {
            slot.storeBytes(of: value.word, as: UInt64.self)
        } else {
            Self.storeOther(value, at: slot, type, heap)
        }
    }

    /// PERF: apart, as in `GoMap.insert`.
    @inline(never)
    private static func storeOther(
        _ value: Datum, at slot: UnsafeMutableRawPointer, _ type: MapTypeRef, _ heap: Heap
    ) {
        guard type.pointee.valueCodec.isPointer else { return storeDirect(value, at: slot, type, heap) }
        let pointee = heap.allocate(type.pointee.pointeeObjectType)
        storeDirect(value, at: pointee, type, heap)
        heap.storePointer(pointee, at: slot)
    }

    /// Stores a value that is no pointer, or what a pointer leads to.
    @inline(never)
    private static func storeDirect(
        _ value: Datum, at slot: UnsafeMutableRawPointer, _ type: MapTypeRef, _ heap: Heap
    ) {
        switch type.pointee.valueCodec.kind {
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

    /// The value at an address; of a `*T`, the `T`, nil when the pointer is nil.
    ///
    /// - Returns: a datum that borrows from the heap: good until the next operation.
    @inline(__always)
    func load(at address: UnsafeMutableRawPointer, _ type: MapTypeRef) -> Datum? {
        if isPlainWord { return Datum(integer: address.load(as: UInt64.self)) }
        var place = UnsafeRawPointer(address)
        if isPointer {
            guard let pointee = place.load(as: UnsafeRawPointer?.self) else { return nil }
            place = pointee
        }
        switch kind {
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

    /// Clears what a slot holds for a value.
    @inline(__always)
    func clear(_ slot: UnsafeMutableRawPointer, of map: some MapCode) {
        let type = map.type
        if isPlainWord {
            slot.storeBytes(of: 0, as: UInt64.self)
        } else if type.pointee.hasIndirectValue {
            map.heap.storePointer(nil, at: slot)
        } else if type.pointee.valueSlotHasPointers {
            map.heap.clearTyped(type.pointee.valueObjectType, at: slot)
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
}
