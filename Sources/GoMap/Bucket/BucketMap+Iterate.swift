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

/// What an iterator keeps outside the heap (Go: `hiter`).
struct BucketIteration: MapIteration {
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
    var slots = SlotCursor()
    var B: UInt8 = 0
    var hasWrapped = false

    init(type: MapTypeRef, heap: Heap) {
        self.type = type
        self.heap = heap
    }
}

extension BucketMap {
    func begin(_ iteration: UnsafeMutablePointer<BucketIteration>) {
        guard let header, header.pointee.count != 0 else { return }
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
        iteration.pointee.slots.first = Int(truncatingIfNeeded: (random >> B) & 7)
        header.pointee.flags |= MapHeader.iteratorFlag | MapHeader.oldIteratorFlag
    }
}

extension BucketIteration {
    @inline(__always)
    var plainPlace: UnsafeMutableRawPointer? {
        guard let bucket, Bucket(bucket).tophashes == slots.word else { return nil }
        return bucket
    }

    @inline(__always)
    func entry(_ slot: Int, of place: UnsafeMutableRawPointer) -> MapEntry {
        let keySlotByteCount = type.pointee.keySlotByteCount
        return MapEntry(
            key: Bucket(place).keySlot(slot, byteCount: keySlotByteCount),
            value: Bucket(place).valueSlot(slot, type, keySlotByteCount: keySlotByteCount))
    }

    @inline(never)
    static func advanceUnmarked(_ iteration: UnsafeMutablePointer<BucketIteration>) {
        guard let header = iteration.pointee.header else { return }
        let type = iteration.pointee.type
        let isPlainType = !type.pointee.hasIndirectKey && !type.pointee.hasIndirectValue
        var current = iteration.pointee.bucket
        var doneSlotCount = iteration.pointee.slots.doneCount
        while true {
            let bucket: Bucket
            if let known = current {
                bucket = Bucket(known)
            } else {
                guard let first = nextChain(iteration, header) else {
                    return end(iteration)
                }
                bucket = first
                doneSlotCount = 0
            }
            // PERF: the marks of the slots that hold something, turned so that the first slot to look at is
            // lowest; empty slots cost nothing, and Go's branch for each, which half-full buckets make a
            // coin toss, is gone.
            let tophashes = bucket.tophashes
            var left = iteration.pointee.slots.remaining(
                of: Bucket.entries(tophashes), doneCount: doneSlotCount)
            let isPlain = isPlainType && iteration.pointee.onlyChainIndex < 0 && !bucket.isEvacuated
            iteration.pointee.slots.left = isPlain ? left : 0
            if left != 0 { iteration.pointee.bucket = bucket.address }
            if isPlain, left != 0 {
                iteration.pointee.slots.word = tophashes
                return takeMarked(iteration, bucket.address)
            }
            while left != 0 {
                let position = SlotWord.slot(ofLowestMark: left)
                left &= left &- 1
                let index = iteration.pointee.slots.slot(at: position)
                if take(iteration, header, type, BucketSlot(bucket: bucket, index: index)) {
                    iteration.pointee.slots.doneCount = position &+ 1
                    return
                }
            }
            current = bucket.overflow(type)
            doneSlotCount = 0
        }
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
            let oldIndex = chainIndex & (header.pointee.oldChainCount &- 1)
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
        _ type: MapTypeRef, _ slot: BucketSlot
    ) -> Bool {
        let keySlotByteCount = type.pointee.keySlotByteCount
        let keySlot = slot.bucket.keySlot(slot.index, byteCount: keySlotByteCount)
        if iteration.pointee.onlyChainIndex >= 0 {
            let codec = type.pointee.keyCodec
            let seed = Hash.seed(from: header.pointee.hash0)
            let key = codec.load(from: keySlot, type)
            let hash = codec.hash(key, type, seed: seed)
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
    ) -> BucketSlot? {
        BucketMap.relocated(type.pointee.keyCodec.load(from: keySlot, type), header, type)
    }
}
