// What a map of the bucket layout has in the heap beside its buckets.
//
// Source: Go 1.23.9 runtime/map.go.

import GoHeap

/// The header of a map in the heap (Go: `hmap`).
struct MapHeader {
    /// How many entries there are.
    var count: Int
    var flags: UInt8
    /// Log2 of how many chains there are.
    var B: UInt8
    /// How many overflow buckets there are; from B = 16 on, an estimate.
    var noverflow: UInt16
    /// The seed of the hash.
    var hash0: UInt32
    /// The array; nil until the first insert into a map made for 8 or fewer.
    var buckets: UnsafeMutableRawPointer?
    /// The array that is being evacuated; nil when the map is not growing.
    var oldBuckets: UnsafeMutableRawPointer?
    /// All old chains below this one have been evacuated.
    var evacuationMark: Int
    var extra: UnsafeMutablePointer<MapExtra>?

    /// An iterator may be using `buckets`.
    static let iteratorFlag: UInt8 = 1
    /// An iterator may be using `oldBuckets`.
    static let oldIteratorFlag: UInt8 = 2
    /// The growth under way keeps the number of chains.
    static let sameSizeGrowFlag: UInt8 = 8

    // SAFETY: the address of an immutable, immortal descriptor.
    nonisolated(unsafe) static let objectType: ObjectTypeRef = .of(byteCount: 48, pointerWords: [2, 3, 5])

    // Where the pointers are, for stores through the heap.
    static let bucketsOffset = 16
    static let oldBucketsOffset = 24
    static let extraOffset = 40

    @inline(__always) var isGrowing: Bool { oldBuckets != nil }
    @inline(__always) var isSameSizeGrow: Bool { flags & Self.sameSizeGrowFlag != 0 }
    @inline(__always) var bucketMask: UInt64 { (1 &<< UInt64(B)) &- 1 }
    /// How many chains the old array has.
    @inline(__always) var oldChainCount: Int { 1 &<< (Int(B) &- (isSameSizeGrow ? 0 : 1)) }
}

/// The part of the header that many maps do not need (Go: `mapextra`).
struct MapExtra {
    /// Lists the overflow buckets of `buckets`, when the collector does not see them there.
    var overflow: UnsafeMutablePointer<OverflowList>?
    /// The same for `oldBuckets`.
    var oldOverflow: UnsafeMutablePointer<OverflowList>?
    /// The next spare bucket of the array; nil when there is none left.
    var nextOverflow: UnsafeMutableRawPointer?

    // SAFETY: the address of an immutable, immortal descriptor.
    nonisolated(unsafe) static let objectType: ObjectTypeRef = .of(byteCount: 24, pointerWords: [0, 1, 2])
    static let overflowOffset = 0
    static let oldOverflowOffset = 8
    static let nextOverflowOffset = 16
}

/// A slice of pointers to buckets (Go: `[]*bmap`).
struct OverflowList {
    var elements: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    var count: Int
    var capacity: Int

    // SAFETY: the address of an immutable, immortal descriptor.
    nonisolated(unsafe) static let objectType: ObjectTypeRef = .of(byteCount: 24, pointerWords: [0])
    nonisolated(unsafe) static let elementObjectType: ObjectTypeRef = .of(byteCount: 8, pointerWords: [0])
}
