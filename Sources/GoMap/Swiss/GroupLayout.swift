// Where things lie in a group of the swiss layout.
//
//     control word │ slot 0             │ slot 1 │ … │ slot 7 │
//     0            8  key │ value │ pad                       byteCount
//
// A slot is what Go's compiler makes of `struct { key K; elem V }`: the value begins at a multiple of its
// alignment, and the slot's size is a multiple of the greater alignment. A last field that takes no bytes is
// followed by one byte of padding, so that its address is not the next object's. Hence `uint64` → `bool` and
// `int64` → `struct{}` both take 16 bytes a slot.
//
// Source: cmd/compile/internal/reflectdata/map.go `MapGroupType`; cmd/compile/internal/types/size.go.

import GoHeap

/// The layout of the groups of one map type.
package struct GroupLayout {
    /// From one slot to the next.
    package let slotByteCount: Int
    /// From the start of a slot to its value.
    package let valueOffset: Int
    package let byteCount: Int
    package let objectType: ObjectTypeRef

    /// - Parameters:
    ///   - key: size and alignment in bytes, and pointer words, of what a slot holds for a key.
    ///   - value: the same for a value.
    init(key: SlotPart, value: SlotPart) {
        let alignment = max(key.alignment, value.alignment)
        valueOffset = Self.roundUp(key.byteCount, to: value.alignment)
        var end = valueOffset + value.byteCount
        if value.byteCount == 0, end > 0 { end += 1 }
        slotByteCount = Self.roundUp(end, to: alignment)
        // Slots of no bytes are a last field of no bytes themselves.
        byteCount = slotByteCount == 0 ? 16 : Group.slotsOffset + Group.slotCount * slotByteCount
        var words: [Int] = []
        for slot in 0..<Group.slotCount {
            let first = Group.slotsOffset + slot * slotByteCount
            for word in key.pointerWords { words.append(first / 8 + word) }
            for word in value.pointerWords { words.append((first + valueOffset) / 8 + word) }
        }
        objectType = .of(byteCount: byteCount, pointerWords: words)
    }

    private static func roundUp(_ byteCount: Int, to alignment: Int) -> Int {
        (byteCount + alignment - 1) / alignment * alignment
    }
}

/// What a slot holds for a key, or for a value: the thing itself, or a pointer to it when it takes more than 128 bytes.
struct SlotPart {
    let byteCount: Int
    let alignment: Int
    let pointerWords: [Int]

    init(_ type: GoType) {
        let isIndirect = type.byteCount > MapType.inlineByteCountLimit
        byteCount = isIndirect ? 8 : type.byteCount
        alignment = isIndirect ? 8 : type.alignment
        pointerWords = isIndirect ? [0] : type.pointerWords
    }
}
