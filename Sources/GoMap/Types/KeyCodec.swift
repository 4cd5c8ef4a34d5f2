// How the keys of a map type are hashed, compared and stored: chosen when the type is made.
//
//     word32          int32, uint32                     by value
//     word64          int, int64, uint64                by value
//     string          string                            pointer and length in the slot
//     bytes           [N]byte of up to 128 bytes        in the slot
//     indirectBytes   [N]byte of more                   a pointer in the slot
//
// PERF: everything here is compiled into its callers. Where it matters the codec is a literal there, and nothing of the choice
// is left at run time: `KeyKind` makes it one.

import GoHeap

/// How keys are hashed, compared and stored.
enum KeyCodec: UInt8 {
    case word32, word64, string, bytes, indirectBytes

    /// - Parameter type: of the keys; one that `isKey`.
    init(_ type: GoType) {
        self =
            switch type {
            case .int32, .uint32: .word32
            case .string: .string
            case .array(let count): count > MapType.inlineByteCountLimit ? .indirectBytes : .bytes
            default: .word64
            }
    }

    /// Bytes of a key's slot.
    @inline(__always)
    func slotByteCount(_ type: MapTypeRef) -> Int {
        switch self {
        case .word32: 4
        case .word64, .indirectBytes: 8
        case .string: 16
        case .bytes: type.pointee.keySlotByteCount
        }
    }

    /// What of a datum makes the key: of an integer the word only.
    @inline(__always)
    func relevant(_ key: Datum) -> Datum {
        switch self {
        case .word32, .word64: Datum(integer: key.word)
        case .string, .bytes, .indirectBytes: key
        }
    }

    /// The hash of a key.
    @inline(__always)
    func hash(_ key: Datum, _ type: MapTypeRef, seed: UInt64) -> UInt64 {
        switch self {
        case .word32: Hash.integer(UInt64(UInt32(truncatingIfNeeded: key.word)), seed: seed)
        case .word64: Hash.integer(key.word, seed: seed)
        case .string: Hash.bytes(key.address, count: key.count, seed: seed)
        case .bytes, .indirectBytes: Hash.bytes(key.address, count: type.pointee.keyByteCount, seed: seed)
        }
    }

    /// The key in a slot, as a datum that borrows from it.
    @inline(__always)
    func load(from slot: UnsafeMutableRawPointer, _ type: MapTypeRef) -> Datum {
        switch self {
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

    /// The key at an address that an iterator gave: the key itself is there, also when its slot holds only a pointer to it.
    @inline(__always)
    func load(at address: UnsafeMutableRawPointer, _ type: MapTypeRef) -> Datum {
        (self == .indirectBytes ? .bytes : self).load(from: address, type)
    }

    /// Whether a slot holds `key`.
    @inline(__always)
    func slot(_ slot: UnsafeMutableRawPointer, holds key: Datum, _ type: MapTypeRef) -> Bool {
        switch self {
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

    /// Puts a key into an empty slot; one of more than 128 bytes is made apart.
    @inline(__always)
    func store(_ key: Datum, in slot: UnsafeMutableRawPointer, of map: some MapCode) {
        switch self {
        case .word32: slot.storeBytes(of: UInt32(truncatingIfNeeded: key.word), as: UInt32.self)
        case .word64: slot.storeBytes(of: key.word, as: UInt64.self)
        case .string:
            replace(with: key, in: slot, of: map)
            slot.storeBytes(of: key.count, toByteOffset: 8, as: Int.self)
        case .bytes:
            slot.copyBytes(from: key, count: map.type.pointee.keyByteCount)
        case .indirectBytes:
            let apart = map.heap.allocate(map.type.pointee.keyObjectType)
            map.heap.storePointer(apart, at: slot)
            apart.copyBytes(from: key, count: map.type.pointee.keyByteCount)
        }
    }

    /// Puts a key into a slot that holds an equal one. Only a string's pointer changes, as in Go: so the older bytes can
    /// be collected.
    @inline(__always)
    func replace(with key: Datum, in slot: UnsafeMutableRawPointer, of map: some MapCode) {
        guard self == .string else { return }
        map.storePointer(UnsafeMutableRawPointer(bitPattern: UInt(key.word)), at: slot)
    }

    /// Clears what a slot holds for a key, if that is a pointer.
    @inline(__always)
    func clear(_ slot: UnsafeMutableRawPointer, of map: some MapCode) {
        switch self {
        case .word32, .word64, .bytes: break
        case .string:
            map.storePointer(nil, at: slot)
            slot.storeBytes(of: 0, toByteOffset: 8, as: Int.self)
        case .indirectBytes: map.heap.storePointer(nil, at: slot)
        }
    }
}

/// A codec as a type: a generic function is compiled once for each.
protocol KeyKind {
    static var codec: KeyCodec { get }
}

private enum Word32Keys: KeyKind { static var codec: KeyCodec { .word32 } }
private enum Word64Keys: KeyKind { static var codec: KeyCodec { .word64 } }
private enum StringKeys: KeyKind { static var codec: KeyCodec { .string } }
private enum ByteKeys: KeyKind { static var codec: KeyCodec { .bytes } }
private enum IndirectByteKeys: KeyKind { static var codec: KeyCodec { .indirectBytes } }

extension KeyCodec {
    /// Calls `body` with the codec as a type. PERF: compiled into the caller, and `body` once for each codec.
    @inline(__always)
    func withKind<Result>(_ body: (any KeyKind.Type) -> Result) -> Result {
        switch self {
        case .word32: body(Word32Keys.self)
        case .word64: body(Word64Keys.self)
        case .string: body(StringKeys.self)
        case .bytes: body(ByteKeys.self)
        case .indirectBytes: body(IndirectByteKeys.self)
        }
    }
}
