// What Go's compiler knows of a map type: where things lie in its buckets. (In its groups: GroupLayout.swift.)
//
//     tophash [8]uint8 │ keys [8]K │ values [8]V │ overflow
//     0                8           valueOffset   overflowOffset      bucketByteCount
//
// K is the key's type, or a pointer to it when a key takes more than 128 bytes; V likewise. Eight of
// anything are a multiple of 8 bytes, so there is never padding. When neither K nor V holds a pointer, the
// overflow word does not count as one either: the collector then need not look into the buckets at all.
//
// Sources: cmd/compile/internal/reflectdata/reflect.go `MapBucketType`, `writeType`;
// cmd/compile/internal/walk/walk.go `mapfast`; internal/abi/map.go.

import CPrefetch
import GoHeap
import Synchronization

/// The family of functions that Go's compiler calls for a map type.
package enum MapFastPath: String, Sendable {
    case general = ""
    case fast32 = "_fast32"
    case fast64 = "_fast64"
    case fastString = "_faststr"
}

/// The descriptor of one map type (Go: `abi.OldMapType`). Always reached through a `MapTypeRef`.
package struct MapType {
    // What the hot paths read: one cache line, trivially copyable.

    let keyCodec: KeyCodec
    let valueCodec: ValueCodec
    /// Whether a value takes more than 128 bytes, and the bucket holds a pointer to it.
    let hasIndirectValue: Bool
    /// Whether what a bucket holds for a value is or contains a pointer.
    let valueSlotHasPointers: Bool
    /// Whether buckets hold pointers.
    package let bucketHasPointers: Bool
    /// Bytes that a bucket holds for a key: of the key, or of the pointer to it.
    package let keySlotByteCount: Int
    package let valueSlotByteCount: Int
    package let bucketByteCount: Int
    /// Bytes of a key itself.
    let keyByteCount: Int
    let valueByteCount: Int

    /// How much of a bucket to prefetch: all, unless it is large; then what is before its values.
    let prefetchByteCount: Int

    // What allocation reads.

    package let bucketObjectType: ObjectTypeRef
    /// Of the key itself, which is what is allocated when keys are indirect.
    let keyObjectType: ObjectTypeRef
    let valueObjectType: ObjectTypeRef
    /// Of the `T`, when the value is a `*T`; else of the value.
    let pointeeObjectType: ObjectTypeRef

    // What the swiss layout reads.

    package let group: GroupLayout

    // What the wire reads.

    /// How a key is written there.
    package let keyText: TextCodec
    /// How a value is.
    package let valueText: TextCodec

    // What people read.

    /// The family of functions that Go's compiler would call.
    package let fastPath: MapFastPath
    // PERF: behind an address, because a name owns memory: with it inside, the compiler copied whole
    // descriptors, with reference counts, where one field was read, and iteration took three times as long.
    fileprivate let nameAddress: UnsafePointer<MapTypeName>

    var hasIndirectKey: Bool { keyCodec == .indirectBytes }

    /// Where in a bucket its values begin.
    var valueOffset: Int { Bucket.dataOffset &+ Bucket.slotCount &* keySlotByteCount }
    /// Where in a bucket its overflow pointer is.
    var overflowOffset: Int { bucketByteCount &- 8 }
}

/// The address of an interned, immortal map type: two are equal exactly when key and value types are.
package typealias MapTypeRef = UnsafePointer<MapType>

extension MapTypeRef {
    /// Key and value types. PERF: asked of the address, for of a descriptor all of it would be copied first.
    package var name: MapTypeName { pointee.nameAddress.pointee }

    /// The key at an address that an iterator gave.
    ///
    /// - Returns: a datum that borrows from the heap: good until the next operation on the map.
    @inline(__always)
    package func key(at address: UnsafeMutableRawPointer) -> Datum {
        pointee.keyCodec.load(at: address, self)
    }

    /// Starts to bring in what the slots of an entry lead to.
    @inline(__always)
    func prefetchBytes(_ keySlot: UnsafeMutableRawPointer, _ valueSlot: UnsafeMutableRawPointer) {
        switch pointee.keyCodec {
        case .word32, .word64, .bytes: break
        case .string, .indirectBytes: husk_prefetch(keySlot.load(as: UnsafeRawPointer?.self))
        }
        if pointee.valueSlotHasPointers { husk_prefetch(valueSlot.load(as: UnsafeRawPointer?.self)) }
    }

    /// The value at an address that `access` or an iterator gave; of a `*T`, the `T`, nil when the pointer is nil.
    ///
    /// - Returns: a datum that borrows from the heap: good until the next operation on the map.
    @inline(__always)
    package func value(at address: UnsafeMutableRawPointer) -> Datum? {
        pointee.valueCodec.load(at: address, self)
    }
}

extension MapType {
    /// More bytes than this, and a bucket holds a pointer (Go: `MapMaxKeyBytes`, `MapMaxElemBytes`).
    static let inlineByteCountLimit = 128

    private init(_ name: MapTypeName) {
        let key = name.key
        let value = name.value
        let keyIsIndirect = key.byteCount > Self.inlineByteCountLimit
        let valueIsIndirect = value.byteCount > Self.inlineByteCountLimit
        let keyWords = keyIsIndirect ? [0] : key.pointerWords
        let valueWords = valueIsIndirect ? [0] : value.pointerWords

        keyCodec = KeyCodec(key)
        valueCodec = ValueCodec(value)
        keyText = TextCodec(key)
        valueText = TextCodec(value)
        keyByteCount = key.byteCount
        valueByteCount = value.byteCount
        keySlotByteCount = keyIsIndirect ? 8 : key.byteCount
        valueSlotByteCount = valueIsIndirect ? 8 : value.byteCount
        hasIndirectValue = valueIsIndirect
        valueSlotHasPointers = !valueWords.isEmpty
        bucketHasPointers = !keyWords.isEmpty || !valueWords.isEmpty
        bucketByteCount = Bucket.dataOffset + Bucket.slotCount * (keySlotByteCount + valueSlotByteCount) + 8

        prefetchByteCount =
            bucketByteCount <= 384
            ? bucketByteCount : Bucket.dataOffset + Bucket.slotCount * keySlotByteCount
        let words =
            bucketHasPointers
            ? Self.bucketPointerWords(
                keyWords: keyWords, keySlotByteCount: keySlotByteCount, valueWords: valueWords,
                valueSlotByteCount: valueSlotByteCount) : []
        bucketObjectType = .of(byteCount: bucketByteCount, pointerWords: words)
        group = GroupLayout(key: SlotPart(key), value: SlotPart(value))
        keyObjectType = key.objectType
        valueObjectType = value.objectType
        pointeeObjectType = value.pointee.objectType
        fastPath =
            if valueIsIndirect {
                .general
            } else {
                switch key {
                case .int32, .uint32, .array(4): .fast32
                case .int, .int64, .uint64, .array(8): .fast64
                case .string: .fastString
                default: .general
                }
            }
        let nameCopy = UnsafeMutablePointer<MapTypeName>.allocate(capacity: 1)
        nameCopy.initialize(to: name)
        nameAddress = UnsafePointer(nameCopy)
    }

    /// Which words of a bucket that has pointers are pointers.
    private static func bucketPointerWords(
        keyWords: [Int], keySlotByteCount: Int, valueWords: [Int], valueSlotByteCount: Int
    ) -> [Int] {
        // A slot that has a pointer is a whole number of words; eight of any slot are.
        let firstKeyWord = Bucket.dataOffset / 8
        let firstValueWord = firstKeyWord + keySlotByteCount
        let overflowWord = firstValueWord + valueSlotByteCount
        var words: [Int] = []
        for slot in 0..<Bucket.slotCount {
            for word in keyWords { words.append(firstKeyWord + slot * keySlotByteCount / 8 + word) }
        }
        for slot in 0..<Bucket.slotCount {
            for word in valueWords { words.append(firstValueWord + slot * valueSlotByteCount / 8 + word) }
        }
        words.append(overflowWord)
        return words
    }

    // SAFETY: an address of immutable memory that is never freed may be read from any thread.
    private struct Interned: @unchecked Sendable {
        let address: MapTypeRef
    }

    private static let interned = Mutex<[MapTypeName: Interned]>([:])

    /// The descriptor of one map type.
    ///
    /// - Parameter name: key and value types.
    /// - Returns: the one descriptor of that type in this process.
    package static func interned(_ name: MapTypeName) -> MapTypeRef {
        interned.withLock { table in
            if let known = table[name] { return known.address }
            let made = UnsafeMutablePointer<MapType>.allocate(capacity: 1)
            made.initialize(to: MapType(name))
            table[name] = Interned(address: MapTypeRef(made))
            return MapTypeRef(made)
        }
    }

    /// The descriptor of `map[key]value`.
    package static func interned(key: GoType, value: GoType) -> MapTypeRef {
        interned(MapTypeName(key: key, value: value))
    }
}
