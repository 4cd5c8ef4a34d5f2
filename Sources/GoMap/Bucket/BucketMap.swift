// The map of Go up to 1.23: buckets of eight entries, overflow chains, growth that moves a little with each
// write.
//
// Terms
//
//     bucket     room for 8 entries with the same low bits of the hash, and a pointer to an overflow bucket
//     tophash    the top 8 bits of an entry's hash, kept in the bucket; small values are marks (see `Tophash`)
//     chain      a bucket and its overflow buckets
//     B          the array has 2^B chains
//     growing    the old array is still there, and each write or delete evacuates (empties) up to two of its chains
//
//     state (outside the heap)      header, 48 bytes in the heap (Go: hmap)          array of 2^B buckets + spare ones
//     ┌──────────────┐              ┌────────────────────────────┐                   ┌─────────┐
//     │ header     ──┼────────────► │ count                      │         ┌───────► │ bucket  │──► overflow ──► …
//     │ type, heap   │              │ flags B noverflow hash0    │         │         │ bucket  │
//     │ seed, random │              │ buckets                  ──┼─────────┘         │ …       │
//     │ counters     │              │ oldBuckets               ──┼──► array before   ├─────────┤
//     └──────────────┘              │ evacuationMark             │    the growth     │ spare   │◄─┐
//                                   │ extra                    ──┼─┐                 │ …       │  │
//                                   └────────────────────────────┘ │                 └─────────┘  │
//     extra, 24 bytes (Go: mapextra) ◄─────────────────────────────┘                              │
//     ┌────────────────────────────┐                                                              │
//     │ overflow                 ──┼──► { data, length, capacity } ──► [every overflow bucket]    │
//     │ oldOverflow              ──┼──► the same for the old array                                │
//     │ nextOverflow             ──┼──────────────────────────────────────────────────────────────┘
//     └────────────────────────────┘
//
//     a bucket: byte 0      8            8+8K              8+8K+8V      where K and V are the bytes of a key
//               │ tophash×8 │ keys × 8   │ values × 8      │ overflow │ and a value, or 8 when that is over 128
//
// Finding: the low B bits of the hash name the chain; while growing, if the old chain that has this key has
// not been evacuated, that one. In the chain, slots whose tophash equals the key's are compared. The mark
// `emptyRest` says that nothing follows, in this bucket or after it, and ends the search.
//
// Inserting: the first empty slot of the chain, else a new overflow bucket. Overflow buckets come from the
// spare ones at the end of the array (there from B = 4 on), then from the heap one by one. If the map holds
// more than 6.5 × 2^B entries it doubles first; if it has about as many overflow buckets as buckets, mostly
// empty then, it is built anew at the same size.
//
// Deleting only marks: a bucket is never given back. That is what this program is about.
//
// Growing: the new array is made, and the old one stays. A write or delete first evacuates the old chain
// that its key would be in, and then the next one in order. An entry of old chain i goes to chain i ("x")
// or i + 2^(B-1) ("y"), by the next bit of its hash. The slots of an evacuated chain say where each entry
// went. If nothing is written, both arrays stay.
//
//     evacuationMark = 3                      old array, 8 chains           new array, 16 chains
//     chains below it are all evacuated:      X X X ▢ ▢ X ▢ ▢               ▣ ▣ ▣ · · ▣ · · ▣ ▣ ▣ · · ▣ · ·
//
// Pointers. When neither keys nor values have pointers, the collector does not look into buckets, and would
// miss overflow buckets; `extra.overflow` lists them then.
//
// Invariants: `checkInvariants()`. Lock: none here; one thread at a time uses a map and its heap.
//
// Sources: Go 1.23.9 runtime/map.go, map_fast32.go, map_fast64.go, map_faststr.go. The bytes, objects and
// marks are Go's; how slots are found is not: the eight tophashes are compared at once, as one 64-bit word.

import GoHeap

/// What a slot's tophash says when it is less than `Tophash.minimum`.
enum Tophash {
    /// This slot is empty, and so are all after it in the bucket and in the rest of the chain.
    static let emptyRest: UInt8 = 0
    /// This slot is empty.
    static let emptyOne: UInt8 = 1
    /// Evacuated to the chain of the same number, or to the one 2^(B-1) above it.
    static let evacuatedX: UInt8 = 2
    static let evacuatedY: UInt8 = 3
    /// Was empty when its bucket was evacuated.
    static let evacuatedEmpty: UInt8 = 4
    /// The least tophash of an entry: a lesser one of a hash is raised by this much.
    static let minimum: UInt8 = 5

    /// The tophash of an entry with a given hash.
    @inline(__always)
    static func of(_ hash: UInt64) -> UInt8 {
        let top = UInt8(truncatingIfNeeded: hash >> 56)
        return top < minimum ? top &+ minimum : top
    }
}

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
    @inline(__always) var oldBucketCount: Int { 1 &<< (Int(B) &- (isSameSizeGrow ? 0 : 1)) }
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

/// One bucket: its address, and arithmetic on it.
struct Bucket {
    let address: UnsafeMutableRawPointer

    static let slotCount = 8
    /// Where the keys begin.
    static let dataOffset = 8

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

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

    // PERF: eight bytes at once. A byte x of `word` is zero exactly when (x - 1) & ~x has its high bit,
    // except that a zero byte's borrow can make the byte above it look zero too when that one is 1. So the
    // lowest mark is always right, and one above may be false: for candidates to compare that is enough.

    /// High bits mark the slots whose tophash may be `top`; the lowest mark is right.
    @inline(__always)
    static func candidates(_ tophashes: UInt64, top: UInt8) -> UInt64 {
        zeroBytes(tophashes ^ (UInt64(top) &* ones))
    }

    /// High bits mark empty slots; the lowest mark is right.
    @inline(__always)
    static func empties(_ tophashes: UInt64) -> UInt64 {
        zeroBytes(taken(tophashes))
    }

    /// Not 0 in exactly the bytes of the slots that are not empty.
    @inline(__always)
    static func taken(_ tophashes: UInt64) -> UInt64 { tophashes & ~ones }

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
        let bit0 = tophashes & ones
        let bit1 = (tophashes >> 1) & ones
        let bit2 = (tophashes >> 2) & ones
        // No byte sum carries: each is at most 0x7C + 0x7F.
        let isHigh = ((high >> 1) &+ (ones &* 0x7F)) & highs
        return isHigh | ((bit1 | (bit2 & bit0)) << 7)
    }

    @inline(__always)
    static func slot(ofLowestMark marks: UInt64) -> Int { marks.trailingZeroBitCount &>> 3 }

    @inline(__always)
    private static func zeroBytes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }
}

/// Exact figures that Go does not keep, so that statistics need not walk the map.
struct MapCounters: Equatable {
    /// Overflow buckets in the chains of `buckets`.
    var overflowBucketCount = 0
    /// Those of them that were allocated one by one.
    var allocatedOverflowCount = 0
    /// Overflow buckets of `oldBuckets` allocated one by one that are still reachable from the map.
    var oldAllocatedOverflowCount = 0
    /// Buckets in the longest chain of `buckets`; 0 when there is no array.
    var longestChain = 0
    /// The same of `oldBuckets` when the growth began.
    var oldLongestChain = 0
    /// Old chains that have been evacuated.
    var evacuatedBucketCount = 0
    /// Buckets of the array, spare ones included; and of the old array.
    var arrayBucketCount = 0
    var oldArrayBucketCount = 0
}

extension MapState {
    /// The header of a map of this layout; nil for a nil map.
    @inline(__always)
    var header: UnsafeMutablePointer<MapHeader>? {
        get { root?.assumingMemoryBound(to: MapHeader.self) }
        set { root = UnsafeMutableRawPointer(newValue) }
    }
}

/// The bucket layout's code, on the state of one map. A view: copies mean the same map.
struct BucketMap: MapCode {
    let state: UnsafeMutablePointer<MapState>

    @inline(__always) init(_ state: UnsafeMutablePointer<MapState>) { self.state = state }

    /// How many entries a map takes before it doubles: 13/2 a chain, on average (Go: `overLoadFactor`).
    ///
    /// - Parameter B: log2 of how many chains.
    @inline(__always)
    static func entryLimit(B: UInt8) -> Int { max(Bucket.slotCount, 13 &* ((1 &<< Int(B)) / 2)) }

    @inline(__always)
    static func isOverLoadFactor(count: Int, B: UInt8) -> Bool { count > entryLimit(B: B) }

    /// Whether there are about as many overflow buckets as buckets (Go: `tooManyOverflowBuckets`).
    @inline(__always)
    static func hasTooManyOverflowBuckets(noverflow: UInt16, B: UInt8) -> Bool {
        noverflow >= 1 &<< UInt16(min(B, 15))
    }

    /// Gives the map a new hash seed; only for a map without entries. A shard keeps the one that it has.
    func reseed(_ header: UnsafeMutablePointer<MapHeader>) {
        if state.pointee.isShard { return }
        let hash0 = UInt32(truncatingIfNeeded: state.pointee.random.next())
        header.pointee.hash0 = hash0
        state.pointee.seed = Hash.seed(from: hash0)
    }
}
