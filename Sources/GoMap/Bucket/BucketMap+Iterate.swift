// Going over a map's entries while it changes.
//
// The order is: from a random chain on, round to the one before it; in each chain bucket by bucket; in each
// bucket from a random slot on. Entries never move within their chain, so a position in that order stays
// good for as long as the array is the one that the iteration began with, and the iterator keeps that array
// alive. Two things can happen:
//
//     The map grows after the iterator began.    It stays in its array, the old one now. What it finds evacuated it
//                                                looks up in the map: it may have been deleted or updated since.
//     The map was growing when it began.         It goes over the new array's chains. One whose old chain has not been
//                                                evacuated is still empty: it reads the old chain instead, and takes
//                                                only what will go to the chain that it is at.
//
// Sources: runtime/map.go `mapiterinit`, `mapiternext`.

import GoHeap

/// What an iterator keeps outside the heap (Go: `hiter`). Its address never changes, and its first
/// `rootCount` words are roots of the collector.
struct BucketIteration {
    // The roots.
    var key: UnsafeMutableRawPointer?
    var value: UnsafeMutableRawPointer?
    var header: UnsafeMutablePointer<MapHeader>?
    /// The array when the iteration began.
    var buckets: UnsafeMutableRawPointer?
    /// The current bucket; nil before a chain's first one.
    var bucket: UnsafeMutableRawPointer?
    /// Keep the overflow buckets of both arrays alive.
    var overflow: UnsafeMutablePointer<OverflowList>?
    var oldOverflow: UnsafeMutablePointer<OverflowList>?

    static let rootCount = 7

    let type: MapTypeRef
    let heap: Heap
    /// The chain where the iteration began.
    var startIndex = 0
    /// The chain that comes next.
    var chainIndex = 0
    /// The chain whose future entries are taken out of an old one that is about to be split; -1 when all are.
    var onlyChainIndex = -1
    /// The slot where each bucket is begun.
    var offset = 0
    /// How many slots of the current bucket are done.
    var doneSlotCount = 0
    /// High bits mark the entries still to come of a bucket that is plain: one whose entries are where they are to be found,
    /// all of them wanted, in the bucket themselves. The slot to begin with is lowest. 0 for other buckets.
    var left: UInt64 = 0
    /// The bucket's tophashes when `left` was set. Whatever happens to a bucket's entries changes them, or is no matter to an
    /// iteration.
    var tophashes: UInt64 = 0
    var B: UInt8 = 0
    var hasWrapped = false

    init(type: MapTypeRef, heap: Heap) {
        self.type = type
        self.heap = heap
    }
}

extension BucketMap {
    /// Begins an iteration.
    ///
    /// - Parameter iteration: at its final address, its roots registered.
    func begin(_ iteration: UnsafeMutablePointer<BucketIteration>) {
        guard let header = state.pointee.header, header.pointee.count != 0 else { return }
        iteration.pointee.header = header
        iteration.pointee.B = header.pointee.B
        iteration.pointee.buckets = header.pointee.buckets
        if !type.pointee.bucketHasPointers {
            iteration.pointee.overflow = makeOverflowList(header)
            iteration.pointee.oldOverflow = header.pointee.extra?.pointee.oldOverflow
        }
        let random = state.pointee.random.next()
        let B = UInt64(header.pointee.B)
        iteration.pointee.startIndex = Int(truncatingIfNeeded: random & header.pointee.bucketMask)
        iteration.pointee.chainIndex = iteration.pointee.startIndex
        iteration.pointee.offset = Int(truncatingIfNeeded: (random >> B) & 7)
        header.pointee.flags |= MapHeader.iteratorFlag | MapHeader.oldIteratorFlag
    }
}

extension BucketIteration {
    /// Goes to the next entry: its addresses are in `key` and `value`, nil after the last one.
    ///
    /// PERF: in a plain bucket one comparison tells that the marks computed for it are good, whatever was done to the map
    /// meanwhile.
    ///
    /// - Complexity: O(1) amortised over the chains.
    @inline(__always)
    static func advance(_ iteration: UnsafeMutablePointer<BucketIteration>) {
        if iteration.pointee.left != 0, let address = iteration.pointee.bucket,
            Bucket(address).tophashes == iteration.pointee.tophashes
        {
            takeMarked(iteration, iteration.pointee.type, Bucket(address))
        } else {
            advanceUnmarked(iteration)
        }
    }

    @inline(never)
    private static func advanceUnmarked(_ iteration: UnsafeMutablePointer<BucketIteration>) {
        guard let header = iteration.pointee.header else { return }
        let type = iteration.pointee.type
        let isPlainType = !type.pointee.hasIndirectKey && !type.pointee.hasIndirectValue
        let offsetBits = UInt64(iteration.pointee.offset &* 8)
        var current = iteration.pointee.bucket
        var doneSlotCount = iteration.pointee.doneSlotCount
        while true {
            let bucket: Bucket
            if let known = current {
                bucket = Bucket(known)
            } else {
                guard let first = nextChain(iteration, header) else {
                    iteration.pointee.key = nil
                    iteration.pointee.value = nil
                    return
                }
                bucket = first
                doneSlotCount = 0
            }
            // PERF: the marks of the slots that hold something, turned so that the first slot to look at is
            // lowest; empty slots cost nothing, and Go's branch for each, which half-full buckets make a
            // coin toss, is gone.
            let tophashes = bucket.tophashes
            let marks = Bucket.entries(tophashes)
            var left = offsetBits == 0 ? marks : marks &>> offsetBits | marks &<< (64 &- offsetBits)
            left = doneSlotCount < 8 ? left & (~0 &<< UInt64(doneSlotCount &* 8)) : 0
            let isPlain = isPlainType && iteration.pointee.onlyChainIndex < 0 && !bucket.isEvacuated
            iteration.pointee.left = isPlain ? left : 0
            if left != 0 { iteration.pointee.bucket = bucket.address }
            if isPlain, left != 0 {
                iteration.pointee.tophashes = tophashes
                return takeMarked(iteration, type, bucket)
            }
            while left != 0 {
                let position = Bucket.slot(ofLowestMark: left)
                left &= left &- 1
                let index = (position &+ iteration.pointee.offset) & 7
                if take(iteration, header, type, Slot(bucket: bucket, index: index)) {
                    iteration.pointee.doneSlotCount = position &+ 1
                    return
                }
            }
            current = bucket.overflow(type)
            doneSlotCount = 0
        }
    }

    /// Makes the next marked entry of a plain bucket the current one.
    @inline(__always)
    private static func takeMarked(
        _ iteration: UnsafeMutablePointer<BucketIteration>, _ type: MapTypeRef, _ bucket: Bucket
    ) {
        let left = iteration.pointee.left
        let position = Bucket.slot(ofLowestMark: left)
        iteration.pointee.left = left & (left &- 1)
        iteration.pointee.doneSlotCount = position &+ 1
        let index = (position &+ iteration.pointee.offset) & 7
        let keySlotByteCount = type.pointee.keySlotByteCount
        iteration.pointee.key = bucket.keySlot(index, byteCount: keySlotByteCount)
        iteration.pointee.value = bucket.valueSlot(index, type, keySlotByteCount: keySlotByteCount)
    }

    /// Goes over as many entries as there is room for.
    ///
    /// - Returns: how many entries there are; less than there is room for only at the end.
    static func advance(
        _ iteration: UnsafeMutablePointer<BucketIteration>, into entries: UnsafeMutableBufferPointer<MapEntry>
    ) -> Int {
        for filled in entries.indices {
            advance(iteration)
            guard let key = iteration.pointee.key, let value = iteration.pointee.value else { return filled }
            entries.initializeElement(at: filled, to: MapEntry(key: key, value: value))
        }
        return entries.count
    }

    /// The first bucket to read for the next chain; nil when all have been read.
    @inline(__always)
    private static func nextChain(
        _ iteration: UnsafeMutablePointer<BucketIteration>, _ header: UnsafeMutablePointer<MapHeader>
    ) -> Bucket? {
        let chainIndex = iteration.pointee.chainIndex
        if chainIndex == iteration.pointee.startIndex, iteration.pointee.hasWrapped {
            // Stay here when asked again.
            iteration.pointee.bucket = nil
            return nil
        }
        let bucketByteCount = iteration.pointee.type.pointee.bucketByteCount
        // SAFETY: set together with the header.
        var bucket = Bucket(iteration.pointee.buckets.unsafelyUnwrapped + chainIndex &* bucketByteCount)
        iteration.pointee.onlyChainIndex = -1
        if let oldArray = header.pointee.oldBuckets, iteration.pointee.B == header.pointee.B {
            let oldIndex = chainIndex & (header.pointee.oldBucketCount &- 1)
            let old = Bucket(oldArray + oldIndex &* bucketByteCount)
            if !old.isEvacuated {
                bucket = old
                // This need not be the old array that was there when the iteration began. Go protects that one
                // only: here the chain of a later one would be cleared when it is evacuated, or its overflow
                // buckets collected, while the iteration stands in it.
                header.pointee.flags |= MapHeader.oldIteratorFlag
                iteration.pointee.oldOverflow = header.pointee.extra?.pointee.oldOverflow
                // Decided here, once: Go asks again at each entry whether the growth under way is a
                // same-size one, which by then may be a later growth, and would take the other chain's
                // entries as well.
                if !header.pointee.isSameSizeGrow { iteration.pointee.onlyChainIndex = chainIndex }
            }
        }
        var next = chainIndex &+ 1
        if next == 1 &<< Int(iteration.pointee.B) {
            next = 0
            iteration.pointee.hasWrapped = true
        }
        iteration.pointee.chainIndex = next
        return bucket
    }

    /// Makes the entry in a slot the current one, unless it is another chain's or has been deleted.
    @inline(__always)
    private static func take(
        _ iteration: UnsafeMutablePointer<BucketIteration>, _ header: UnsafeMutablePointer<MapHeader>,
        _ type: MapTypeRef, _ slot: Slot
    ) -> Bool {
        let keySlotByteCount = type.pointee.keySlotByteCount
        let keySlot = slot.bucket.keySlot(slot.index, byteCount: keySlotByteCount)
        if iteration.pointee.onlyChainIndex >= 0 {
            let keyClass = type.pointee.keyClass
            let seed = Hash.seed(from: header.pointee.hash0)
            let key = BucketMap.key(in: keySlot, type, keyClass)
            let hash = BucketMap.hash(key, type, seed: seed, keyClass)
            let mask: UInt64 = (1 &<< UInt64(iteration.pointee.B)) &- 1
            guard hash & mask == UInt64(iteration.pointee.onlyChainIndex) else { return false }
        }
        var place = slot
        if slot.bucket.tophash(slot.index) < Tophash.minimum {
            guard let moved = relocated(keySlot, header, type) else { return false }
            place = moved
        }
        let key = place.bucket.keySlot(place.index, byteCount: keySlotByteCount)
        iteration.pointee.key =
            type.pointee.hasIndirectKey ? key.load(as: UnsafeMutableRawPointer?.self) : key
        iteration.pointee.value = BucketMap.value(at: place, type, keySlotByteCount: keySlotByteCount)
        return true
    }

    @inline(never)
    private static func relocated(
        _ keySlot: UnsafeMutableRawPointer, _ header: UnsafeMutablePointer<MapHeader>, _ type: MapTypeRef
    ) -> Slot? {
        BucketMap.relocated(BucketMap.key(in: keySlot, type, type.pointee.keyClass), header, type)
    }
}
