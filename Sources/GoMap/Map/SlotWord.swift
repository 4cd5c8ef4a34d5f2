// A byte for each of eight slots, in one word: what both layouts keep in front of their slots, and compare at once.
//
//     slot      7 … 1 0
//     word    0x7766…00      slot 0's byte is the low one
//     marks   0x8000…80      the high bit of a slot's byte marks it; here slots 0 and 7
//
// PERF: eight bytes at once. A byte x of a word is zero exactly when (x - 1) & ~x has its high bit, except that a zero byte's
// borrow can make the byte above it look zero too when that one is 1. So the lowest mark is always right, and one above may be
// false: for candidates to compare that is enough.

/// Arithmetic on the bytes of eight slots.
enum SlotWord {
    static let slotCount = 8
    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let highs: UInt64 = 0x8080_8080_8080_8080

    /// High bits mark the bytes that are zero; the lowest mark is right, one above it may be false.
    @inline(__always)
    static func zeroBytes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }

    /// High bits mark the bytes that are `byte`; the lowest mark is right, one above it may be false.
    @inline(__always)
    static func bytes(_ word: UInt64, equalTo byte: UInt8) -> UInt64 {
        zeroBytes(word ^ (UInt64(byte) &* ones))
    }

    /// The slot that the lowest mark is of.
    @inline(__always)
    static func slot(ofLowestMark marks: UInt64) -> Int { marks.trailingZeroBitCount &>> 3 }
}
