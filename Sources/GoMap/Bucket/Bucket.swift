// One bucket of eight slots (Go: `bmap`).

import GoHeap

/// One bucket: its address, and arithmetic on it.
struct Bucket {
    let address: UnsafeMutableRawPointer

    static let slotCount = SlotWord.slotCount
    /// Where the keys begin.
    static let dataOffset = 8

    @inline(__always) init(_ address: UnsafeMutableRawPointer) { self.address = address }

    /// The eight tophashes; slot 0's is the low byte.
    @inline(__always)
    var tophashes: UInt64 {
        get { address.load(as: UInt64.self) }
        nonmutating set { address.storeBytes(of: newValue, as: UInt64.self) }
    }

    @inline(__always)
    func tophash(_ slot: Int) -> UInt8 { address.load(fromByteOffset: slot, as: UInt8.self) }

    @inline(__always)
    func setTophash(_ slot: Int, _ value: UInt8) {
        address.storeBytes(of: value, toByteOffset: slot, as: UInt8.self)
    }

    /// Whether the chain that this bucket begins has been evacuated.
    @inline(__always)
    var isEvacuated: Bool {
        let first = tophash(0)
        return first > Tophash.emptyOne && first < Tophash.minimum
    }

    @inline(__always)
    func overflow(_ type: MapTypeRef) -> UnsafeMutableRawPointer? {
        address.load(fromByteOffset: type.pointee.overflowOffset, as: UnsafeMutableRawPointer?.self)
    }

    @inline(__always)
    func keySlot(_ slot: Int, byteCount: Int) -> UnsafeMutableRawPointer {
        address + (Self.dataOffset &+ slot &* byteCount)
    }

    @inline(__always)
    func valueSlot(_ slot: Int, _ type: MapTypeRef, keySlotByteCount: Int) -> UnsafeMutableRawPointer {
        address
            + (Self.dataOffset &+ Self.slotCount &* keySlotByteCount &+ slot
                &* type.pointee.valueSlotByteCount)
    }

    /// High bits mark the slots whose tophash may be `top`; the lowest mark is right.
    @inline(__always)
    static func candidates(_ tophashes: UInt64, top: UInt8) -> UInt64 {
        SlotWord.bytes(tophashes, equalTo: top)
    }

    /// High bits mark empty slots; the lowest mark is right.
    @inline(__always)
    static func empties(_ tophashes: UInt64) -> UInt64 {
        SlotWord.zeroBytes(taken(tophashes))
    }

    /// Not 0 in exactly the bytes of the slots that are not empty.
    @inline(__always)
    static func taken(_ tophashes: UInt64) -> UInt64 { tophashes & ~SlotWord.ones }

    /// Whether nothing follows this bucket in its chain: all after an `emptyRest` are, so the last slot
    /// tells.
    @inline(__always)
    static func endsChain(_ tophashes: UInt64) -> Bool {
        tophashes >> 56 == UInt64(Tophash.emptyRest)
    }

    /// High bits mark, exactly, the slots that hold an entry here or, in an evacuated bucket, elsewhere.
    @inline(__always)
    static func entries(_ tophashes: UInt64) -> UInt64 {
        // Not 0, 1 or 4. A byte with a bit above bit 2 is 8 or more; of 0…7, 2, 3, 5, 6 and 7 count.
        let high = tophashes & 0xF8F8_F8F8_F8F8_F8F8
        let bit0 = tophashes & SlotWord.ones
        let bit1 = (tophashes >> 1) & SlotWord.ones
        let bit2 = (tophashes >> 2) & SlotWord.ones
        // No byte sum carries: each is at most 0x7C + 0x7F.
        let isHigh = ((high >> 1) &+ (SlotWord.ones &* 0x7F)) & SlotWord.highs
        return isHigh | ((bit1 | (bit2 & bit0)) << 7)
    }
}

/// A slot of a bucket.
struct BucketSlot {
    let bucket: Bucket
    let index: Int
}
