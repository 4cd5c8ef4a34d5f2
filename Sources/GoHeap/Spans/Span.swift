// A span: a run of pages cut into objects of one size, or holding one large object. (Go: `mspan`, runtime/mheap.go)
//
//     base                                                         base + pageCount × 8 KiB
//     ├── object 0 ──┼── object 1 ──┼ … ┼── object n−1 ──┼─ waste ─┼─ pointer bits ─┤
//
// The pointer bits (one for each word of the span) are there only in spans of objects with pointers of at most
// 512 bytes. Larger small objects name their type in their first word; a large object's type is in the span. Before
// Go 1.22 the bits of all small objects lie elsewhere (Span+PointerBits.swift).
//
// `freeIndex` is where the search for a free slot goes on; slots below it are taken. `allocCache` holds the
// complement of `allocBits` from `freeIndex` on, shifted so that its lowest bit is slot `freeIndex`: finding
// the next free slot is a count of trailing zeros.
//
// `sweepGeneration` against the heap's: equal = swept; 2 less = waits to be swept; 3 more = cached for allocation.

/// Reached only by pointer; lives outside the heap, in a pool, at the start of a cache line.
struct Span {
    // What marking reads: one cache line.

    /// Address of the first byte.
    var base: UInt
    /// A set bit is an object that the running (or last) cycle reached. `bitmapWords` words.
    var markBits: UnsafeMutablePointer<UInt64>
    /// Bytes of an object; of a large object, of all its pages.
    var objectBytes: Int
    /// ⌈2³² / objectBytes⌉: turns the division of an offset into a multiplication.
    var reciprocal: UInt32
    var layout: ObjectLayout
    var spanClass: SpanClass
    /// Where the pointer bits start, or nil.
    var pointerBits: UnsafeMutablePointer<UInt64>?
    /// The element type of a large object with pointers.
    var largeType: ObjectTypeRef?
    /// Address after the last object.
    var limit: UInt

    // What allocation and sweeping read.

    var pageCount: Int
    var objectCount: UInt32
    var allocCount: UInt32
    /// `allocCount` when the span was cached, for statistics.
    var allocCountBeforeCache: UInt32
    var freeIndex: UInt32
    var allocCache: UInt64
    /// A set bit is a slot that was live at the last sweep. `bitmapWords` words.
    var allocBits: UnsafeMutablePointer<UInt64>
    var sweepGeneration: UInt32
    var bitmapWords: Int
    /// Slots may hold old bytes and must be cleared when allocated.
    var needsZeroing: Bool
    var isInUse: Bool
}

/// How the collector finds the pointers of a span's objects.
enum ObjectLayout: UInt8 {
    /// There are none.
    case none
    /// Bits, at most 64 for an object.
    case bits
    /// Bits, more than 64 for an object.
    case longBits
    /// The object's first word names its type.
    case header
    /// The span names the type of its one object.
    case large
}

typealias SpanRef = UnsafeMutablePointer<Span>

extension Span {
    /// The index of the object that holds the byte at `address`.
    @inline(__always)
    func objectIndex(of address: UInt) -> Int {
        Int(truncatingIfNeeded: (UInt64(address &- base) &* UInt64(reciprocal)) &>> 32)
    }

    @inline(__always)
    func objectBase(_ index: Int) -> UInt { base &+ UInt(bitPattern: index &* objectBytes) }

    /// Whether slot `index` holds an object, live or not yet swept.
    func isAllocated(_ index: Int) -> Bool {
        if index < Int(freeIndex) { return true }
        return allocBits[index &>> 6] &>> UInt64(index & 63) & 1 != 0
    }

    @inline(__always)
    func isMarked(_ index: Int) -> Bool {
        markBits[index &>> 6] &>> UInt64(index & 63) & 1 != 0
    }

    /// Loads `allocCache` with the 64 slots of word `word`.
    @inline(__always)
    mutating func refillAllocCache(word: Int) {
        allocCache = ~allocBits[word]
    }

    /// The next free slot at or after `freeIndex`, or `objectCount` when there is none; moves `freeIndex` there.
    /// (Go: `nextFreeIndex`, runtime/mbitmap.go)
    mutating func nextFreeIndex() -> Int {
        var index = Int(freeIndex)
        let count = Int(objectCount)
        if index == count { return count }
        var zeros = allocCache.trailingZeroBitCount
        while zeros == 64 {
            index = (index + 64) & ~63
            if index >= count {
                freeIndex = objectCount
                return count
            }
            refillAllocCache(word: index >> 6)
            zeros = allocCache.trailingZeroBitCount
        }
        let result = index + zeros
        if result >= count {
            freeIndex = objectCount
            return count
        }
        allocCache = zeros == 63 ? 0 : allocCache >> UInt64(zeros + 1)
        index = result + 1
        if index % 64 == 0 && index != count { refillAllocCache(word: index >> 6) }
        freeIndex = UInt32(index)
        return result
    }
}
