// Growing: a new array at once, its entries little by little.
//
// Sources: runtime/map.go `hashGrow`, `growWork`, `evacuate`, `advanceEvacuationMark`, and the fast versions.

import GoHeap

extension BucketMap {
    /// Starts a growth: to twice the chains when the map is too full, else to as many, for there are too many
    /// overflow buckets then.
    @inline(never)
    func startGrowth(_ header: UnsafeMutablePointer<MapHeader>) {
        assert(!header.pointee.isGrowing, "one growth at a time")
        var B = header.pointee.B
        var flags = header.pointee.flags
        if Self.isOverLoadFactor(count: header.pointee.count + 1, B: B) {
            B += 1
        } else {
            flags |= MapHeader.sameSizeGrowFlag
        }
        let oldArray = header.pointee.buckets
        var counters = BucketState.Counters()
        counters.oldAllocatedOverflowCount = own.pointee.counters.allocatedOverflowCount
        counters.oldLongestChain = own.pointee.counters.longestChain
        counters.oldArrayBucketCount = own.pointee.counters.arrayBucketCount
        counters.longestChain = 1
        own.pointee.counters = counters
        let (array, spare) = makeArray(B: B)

        // Whoever iterates over the array iterates over the old array now.
        let hasIterator = flags & MapHeader.iteratorFlag != 0
        flags &= ~(MapHeader.iteratorFlag | MapHeader.oldIteratorFlag)
        if hasIterator { flags |= MapHeader.oldIteratorFlag }
        header.pointee.B = B
        header.pointee.flags = flags
        store(oldArray, in: header, at: MapHeader.oldBucketsOffset)
        store(array, in: header, at: MapHeader.bucketsOffset)
        header.pointee.evacuationMark = 0
        header.pointee.noverflow = 0
        updateLimits(header)

        if let extra = header.pointee.extra, let list = extra.pointee.overflow {
            precondition(
                extra.pointee.oldOverflow == nil, "the overflow buckets of the last growth are dropped")
            store(list, in: extra, at: MapExtra.oldOverflowOffset)
            store(nil, in: extra, at: MapExtra.overflowOffset)
        }
        if let spare { store(spare, in: makeExtra(header), at: MapExtra.nextOverflowOffset) }
    }

    /// Evacuates the old chain that belongs to a chain about to be used, and one more, so that the growth
    /// ends.
    @inline(never)
    func growWork(_ header: UnsafeMutablePointer<MapHeader>, chainIndex: Int) {
        evacuate(header, oldIndex: chainIndex & (header.pointee.oldChainCount &- 1))
        if header.pointee.isGrowing { evacuate(header, oldIndex: header.pointee.evacuationMark) }
    }

    /// Evacuates one chain of the old array, if that has not been done yet.
    private func evacuate(_ header: UnsafeMutablePointer<MapHeader>, oldIndex: Int) {
        let oldArray = header.pointee.oldBuckets.unsafelyUnwrapped
        let first = Bucket(oldArray + oldIndex &* type.pointee.bucketByteCount)
        if !first.isEvacuated {
            type.pointee.keyCodec.withKind { evacuateChain(header, first, oldIndex: oldIndex, $0) }
            own.pointee.counters.evacuatedChainCount &+= 1
            if type.pointee.bucketHasPointers, header.pointee.flags & MapHeader.oldIteratorFlag == 0 {
                unlink(first, of: oldArray)
            }
        }
        if oldIndex == header.pointee.evacuationMark { advanceEvacuationMark(header) }
    }

    /// Where the next entry of one of the two new chains goes.
    private struct Destination {
        var bucket: Bucket
        var index = 0
        let chainIndex: Int
    }

    /// Copies the entries of one old chain to their new places, in order.
    private func evacuateChain<Kind: KeyKind>(
        _ header: UnsafeMutablePointer<MapHeader>, _ first: Bucket, oldIndex: Int, _: Kind.Type
    ) {
        let type = type
        let codec = Kind.codec
        let keySlotByteCount = codec.slotByteCount(type)
        let bucketByteCount = type.pointee.bucketByteCount
        let array = header.pointee.buckets.unsafelyUnwrapped
        let isSameSize = header.pointee.isSameSizeGrow
        let newBit = header.pointee.oldChainCount
        let seed = state.pointee.seed
        let isMarking = heap.isMarking

        var x = Destination(bucket: Bucket(array + oldIndex &* bucketByteCount), chainIndex: oldIndex)
        // Only used when the map doubles; at the same size there is no such chain.
        let yIndex = isSameSize ? oldIndex : oldIndex &+ newBit
        var y = Destination(bucket: Bucket(array + yIndex &* bucketByteCount), chainIndex: yIndex)

        var bucket = first
        while true {
            for index in 0..<Bucket.slotCount {
                let top = bucket.tophash(index)
                if top <= Tophash.emptyOne {
                    bucket.setTophash(index, Tophash.evacuatedEmpty)
                    continue
                }
                precondition(top >= Tophash.minimum, "a chain is evacuated once")
                let keySlot = bucket.keySlot(index, byteCount: keySlotByteCount)
                let valueSlot = bucket.valueSlot(index, type, keySlotByteCount: keySlotByteCount)
                var goesToY = false
                if !isSameSize {
                    let key = codec.load(from: keySlot, type)
                    let hash = codec.hash(key, type, seed: seed)
                    goesToY = hash & UInt64(newBit) != 0
                }
                if goesToY {
                    bucket.setTophash(index, Tophash.evacuatedY)
                    move(
                        header, keySlot, valueSlot, top: top, to: &y, keySlotByteCount: keySlotByteCount,
                        isMarking: isMarking)
                } else {
                    bucket.setTophash(index, Tophash.evacuatedX)
                    move(
                        header, keySlot, valueSlot, top: top, to: &x, keySlotByteCount: keySlotByteCount,
                        isMarking: isMarking)
                }
            }
            guard let next = bucket.overflow(type) else { return }
            bucket = Bucket(next)
        }
    }

    /// Copies one entry into the next slot of a new chain.
    @inline(__always)
    private func move(
        _ header: UnsafeMutablePointer<MapHeader>, _ keySlot: UnsafeMutableRawPointer,
        _ valueSlot: UnsafeMutableRawPointer, top: UInt8, to destination: inout Destination,
        keySlotByteCount: Int,
        isMarking: Bool
    ) {
        let type = type
        if destination.index == Bucket.slotCount {
            destination.bucket = Bucket(
                newOverflow(header, after: destination.bucket.address, chainIndex: destination.chainIndex))
            destination.index = 0
        }
        let bucket = destination.bucket
        bucket.setTophash(destination.index, top)
        let newKeySlot = bucket.keySlot(destination.index, byteCount: keySlotByteCount)
        let newValueSlot = bucket.valueSlot(destination.index, type, keySlotByteCount: keySlotByteCount)
        destination.index &+= 1

        let valueSlotByteCount = type.pointee.valueSlotByteCount
        if isMarking, type.pointee.bucketHasPointers {
            copyWithBarrier(keySlot, newKeySlot, valueSlot, newValueSlot)
        } else {
            copy(keySlot, to: newKeySlot, byteCount: keySlotByteCount)
            copy(valueSlot, to: newValueSlot, byteCount: valueSlotByteCount)
        }
    }

    /// Clears an evacuated bucket of the old array, its marks apart, so that what only it refers to can be
    /// collected; its overflow buckets are among that.
    private func unlink(_ first: Bucket, of oldArray: UnsafeMutableRawPointer) {
        let type = type
        let arrayEnd = oldArray + own.pointee.counters.oldArrayBucketCount &* type.pointee.bucketByteCount
        var cursor = first.overflow(type)
        while let bucket = cursor {
            if bucket < oldArray || bucket >= arrayEnd {
                own.pointee.counters.oldAllocatedOverflowCount &-= 1
            }
            cursor = Bucket(bucket).overflow(type)
        }
        let marks = first.tophashes
        heap.clearTyped(type.pointee.bucketObjectType, at: first.address)
        first.tophashes = marks
    }

    /// Moves the mark past evacuated chains, and ends the growth when there is no other left.
    private func advanceEvacuationMark(_ header: UnsafeMutablePointer<MapHeader>) {
        let oldChainCount = header.pointee.oldChainCount
        let oldArray = header.pointee.oldBuckets.unsafelyUnwrapped
        var mark = header.pointee.evacuationMark + 1
        // At most this many in one go: a write stays O(1).
        let stop = min(mark + 1024, oldChainCount)
        while mark != stop, Bucket(oldArray + mark &* type.pointee.bucketByteCount).isEvacuated { mark += 1 }
        header.pointee.evacuationMark = mark
        guard mark == oldChainCount else { return }

        store(nil, in: header, at: MapHeader.oldBucketsOffset)
        if let extra = header.pointee.extra { store(nil, in: extra, at: MapExtra.oldOverflowOffset) }
        header.pointee.flags &= ~MapHeader.sameSizeGrowFlag
        own.pointee.counters.oldAllocatedOverflowCount = 0
        own.pointee.counters.oldArrayBucketCount = 0
        own.pointee.counters.oldLongestChain = 0
        own.pointee.counters.evacuatedChainCount = 0
    }
}
