// How much the next insert may allocate, so that a limit can be kept before it is crossed.

import GoHeap

extension BucketMap {
    func bytesNeededToInsert() -> Int {
        guard let header else { return 0 }
        let type = type
        let counters = own.pointee.counters
        var byteCount = MapType.heldIndirectByteCount(type, heap)
        if header.pointee.buckets == nil { return byteCount + Self.heldBucketByteCount(type, heap) }

        // One bucket for the entry itself.
        var newBuckets = 1
        var listCount = header.pointee.extra?.pointee.overflow?.pointee.count ?? 0
        var listCapacity = header.pointee.extra?.pointee.overflow?.pointee.capacity ?? 0
        if header.pointee.isGrowing {
            newBuckets += 2 * Self.overflowLimit(evacuating: counters.oldLongestChain)
        } else {
            let B = header.pointee.B
            let isFull = Self.isOverLoadFactor(count: header.pointee.count + 1, B: B)
            if isFull || Self.hasTooManyOverflowBuckets(noverflow: header.pointee.noverflow, B: B) {
                let newB = isFull ? B + 1 : B
                byteCount += Self.heldArrayByteCount(Self.arrayBucketCount(B: newB, type, heap), type, heap)
                newBuckets += 2 * Self.overflowLimit(evacuating: counters.longestChain)
                listCount = 0
                listCapacity = 0
            }
        }
        byteCount += newBuckets * Self.heldBucketByteCount(type, heap)
        // The extra part, and a list.
        byteCount += 2 * heap.heldByteCount(24, hasPointers: true)
        if !type.pointee.bucketHasPointers {
            while listCapacity < listCount + newBuckets {
                listCapacity = heap.appendCapacity(after: listCapacity)
                byteCount += heap.heldByteCount(listCapacity * 8, hasPointers: true)
            }
        }
        return byteCount
    }

    /// How many overflow buckets the evacuation of a chain may need: its entries fill at most as many
    /// buckets as it has, one more when they are split in two, and two of them are there already.
    private static func overflowLimit(evacuating bucketCount: Int) -> Int { max(0, bucketCount - 1) }
}
