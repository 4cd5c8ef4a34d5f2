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
//     │ root       ──┼────────────► │ count                      │         ┌───────► │ bucket  │──► overflow ──► …
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

/// What a map of this layout keeps outside the heap.
struct BucketState: LayoutState {
    /// The header's `bucketMask`, at hand.
    var bucketMask: UInt64 = 0
    /// With so many entries an insert looks whether the map has to grow. 0 if it has to whatever their number.
    var countLimit = 0
    var counters = Counters()

    init(_ profile: GoProfile) {}

    /// Exact figures that Go does not keep, so that statistics need not walk the map.
    struct Counters: Equatable {
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
        var evacuatedChainCount = 0
        /// Buckets of the array, spare ones included; and of the old array.
        var arrayBucketCount = 0
        var oldArrayBucketCount = 0
    }
}

/// The bucket layout's code.
struct BucketMap: MapCode {
    typealias Own = BucketState
    typealias Iteration = BucketIteration
    typealias Rows = BucketRows

    let state: UnsafeMutablePointer<MapState>

    @inline(__always) init(_ state: UnsafeMutablePointer<MapState>) { self.state = state }

    /// Nil for a nil map.
    @inline(__always)
    var header: UnsafeMutablePointer<MapHeader>? {
        state.pointee.root?.assumingMemoryBound(to: MapHeader.self)
    }

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

    func setSeed(_ word: UInt64) {
        let hash0 = UInt32(truncatingIfNeeded: word)
        header?.pointee.hash0 = hash0
        state.pointee.seed = Hash.seed(from: hash0)
    }
}
