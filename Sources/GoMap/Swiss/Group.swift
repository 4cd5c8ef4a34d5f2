// One group of eight slots, and what its control word says of them.
//
// Source: Go 1.24.11 internal/runtime/maps/group.go.

import GoHeap

/// What a control byte says; a full slot's is its H2, below 128.
enum Control {
    static let empty: UInt8 = 0x80
    static let tombstone: UInt8 = 0xFE

    @inline(__always)
    static func h2(_ hash: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: hash & 0x7F) }
    @inline(__always)
    static func h1(_ hash: UInt64) -> UInt64 { hash &>> 7 }
}

/// One group: its address, and arithmetic on it.
struct Group {
    let address: UnsafeMutableRawPointer

    static let slotCount = SlotWord.slotCount
    /// Where the slots begin.
    static let slotsOffset = 8

    /// The control word of a group in which all slots are empty.
    static let allEmpty = SlotWord.highs

    @inline(__always) init(_ address: UnsafeMutableRawPointer) { self.address = address }

    /// The eight control bytes; slot 0's is the low one.
    @inline(__always)
    var controls: UInt64 {
        get { address.load(as: UInt64.self) }
        nonmutating set { address.storeBytes(of: newValue, as: UInt64.self) }
    }

    @inline(__always)
    func setControl(_ index: Int, _ value: UInt8) {
        address.storeBytes(of: value, toByteOffset: index, as: UInt8.self)
    }

    @inline(__always)
    func slot(_ index: Int, byteCount: Int) -> UnsafeMutableRawPointer {
        address + (Self.slotsOffset &+ index &* byteCount)
    }

    /// High bits mark the full slots whose H2 may be `h2`; the lowest mark is right, one above it may be false.
    @inline(__always)
    static func candidates(_ controls: UInt64, h2: UInt8) -> UInt64 {
        SlotWord.bytes(controls, equalTo: h2)
    }

    /// High bits mark empty slots: bit 7 is set and bit 1 is not.
    @inline(__always)
    static func empties(_ controls: UInt64) -> UInt64 { controls & ~(controls &<< 6) & SlotWord.highs }

    /// High bits mark slots without an entry.
    @inline(__always)
    static func free(_ controls: UInt64) -> UInt64 { controls & SlotWord.highs }

    /// High bits mark slots with an entry.
    @inline(__always)
    static func full(_ controls: UInt64) -> UInt64 { ~controls & SlotWord.highs }
}

/// A slot of a group.
struct GroupSlot {
    let group: Group
    let index: Int

    /// Where the key is, and the value at its offset from there.
    @inline(__always)
    func address(_ type: MapTypeRef) -> UnsafeMutableRawPointer {
        group.slot(index, byteCount: type.pointee.group.slotByteCount)
    }
}
