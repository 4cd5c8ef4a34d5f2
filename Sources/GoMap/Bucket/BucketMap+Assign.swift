// Inserting and updating.
//
// Sources: runtime/map.go `mapassign`, and its fast versions.

import GoHeap

extension BucketMap {
    /// `MapCode.assign`.
    ///
    /// PERF: here only the usual case, a chain of one bucket in a map that neither grows nor has to; everything else
    /// is out of line, and the usual case keeps to few registers.
    @inline(__always)
    func assign(
        _ key: Datum, hash: UInt64, _ codec: KeyCodec
    ) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        guard let header else {
            preconditionFailure("assignment to an entry of a nil map")
        }
        let type = type
        if header.pointee.isGrowing || header.pointee.buckets == nil { prepareToAssign(header, hash: hash) }
        let chainIndex = Int(truncatingIfNeeded: hash & own.pointee.bucketMask)
        // SAFETY: made above.
        let array = header.pointee.buckets.unsafelyUnwrapped
        let bucket = Bucket(array + chainIndex &* type.pointee.bucketByteCount)
        prepare(bucket, type)
        let tophashes = bucket.tophashes
        let top = Tophash.of(hash)
        if let found = Self.slot(of: key, top: top, in: bucket, tophashes, type, codec) {
            return (update(found, with: key, codec), false)
        }
        // The last slot of a bucket that ends its chain is empty.
        if Bucket.endsChain(tophashes), header.pointee.count < own.pointee.countLimit {
            let free = BucketSlot(
                bucket: bucket, index: SlotWord.slot(ofLowestMark: Bucket.empties(tophashes)))
            return (fill(free, with: key, top: top, header, codec), true)
        }
        return assignInChain(key, hash, codec)
    }

    /// Makes the first bucket, or does the growth's share that the chain of a hash owes.
    @inline(never)
    private func prepareToAssign(_ header: UnsafeMutablePointer<MapHeader>, hash: UInt64) {
        if header.pointee.buckets == nil { makeFirstBucket(header) }
        if header.pointee.isGrowing {
            growWork(header, chainIndex: Int(truncatingIfNeeded: hash & header.pointee.bucketMask))
        }
    }

    /// The whole of `assign`, but for what `prepareToAssign` does.
    @inline(never)
    private func assignInChain(
        _ key: Datum, _ hash: UInt64, _ codec: KeyCodec
    ) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        // SAFETY: `assign` has made both.
        let header = header.unsafelyUnwrapped
        let type = type
        let top = Tophash.of(hash)
        while true {
            let chainIndex = Int(truncatingIfNeeded: hash & header.pointee.bucketMask)
            let array = header.pointee.buckets.unsafelyUnwrapped
            var bucket = Bucket(array + chainIndex &* type.pointee.bucketByteCount)
            var free: BucketSlot?
            while true {
                let tophashes = bucket.tophashes
                if let found = Self.slot(of: key, top: top, in: bucket, tophashes, type, codec) {
                    return (update(found, with: key, codec), false)
                }
                if free == nil {
                    let empties = Bucket.empties(tophashes)
                    if empties != 0 {
                        free = BucketSlot(bucket: bucket, index: SlotWord.slot(ofLowestMark: empties))
                    }
                }
                if Bucket.endsChain(tophashes) { break }
                guard let next = bucket.overflow(type) else { break }
                bucket = Bucket(next)
            }

            if !header.pointee.isGrowing, mustGrow(header) {
                // Everything that was found above is in the old array after this.
                startGrowth(header)
                growWork(header, chainIndex: Int(truncatingIfNeeded: hash & header.pointee.bucketMask))
                continue
            }
            let slot =
                free
                ?? BucketSlot(
                    bucket: Bucket(newOverflow(header, after: bucket.address, chainIndex: chainIndex)),
                    index: 0)
            return (fill(slot, with: key, top: top, header, codec), true)
        }
    }

    /// Whether one more entry starts a growth.
    private func mustGrow(_ header: UnsafeMutablePointer<MapHeader>) -> Bool {
        let B = header.pointee.B
        return Self.isOverLoadFactor(count: header.pointee.count &+ 1, B: B)
            || Self.hasTooManyOverflowBuckets(noverflow: header.pointee.noverflow, B: B)
    }

    /// Keeps what is at hand in the state; to be called whenever the number of chains or of overflow buckets has
    /// changed.
    func updateLimits(_ header: UnsafeMutablePointer<MapHeader>) {
        let B = header.pointee.B
        own.pointee.bucketMask = header.pointee.bucketMask
        let hasTooMany = Self.hasTooManyOverflowBuckets(noverflow: header.pointee.noverflow, B: B)
        own.pointee.countLimit = hasTooMany ? 0 : Self.entryLimit(B: B)
    }

    /// The entry of a key that is there already.
    ///
    /// - Returns: where the value is to be stored.
    @inline(__always)
    private func update(_ found: BucketSlot, with key: Datum, _ codec: KeyCodec) -> UnsafeMutableRawPointer {
        let keySlotByteCount = codec.slotByteCount(type)
        codec.replace(
            with: key, in: found.bucket.keySlot(found.index, byteCount: keySlotByteCount), of: self)
        return Self.value(at: found, type, keySlotByteCount: keySlotByteCount)
    }

    /// Puts a new entry into an empty slot, and makes what the slot needs apart from it.
    ///
    /// - Returns: where the value is to be stored.
    @inline(__always)
    private func fill(
        _ slot: BucketSlot, with key: Datum, top: UInt8, _ header: UnsafeMutablePointer<MapHeader>,
        _ codec: KeyCodec
    ) -> UnsafeMutableRawPointer {
        let type = type
        let keySlotByteCount = codec.slotByteCount(type)
        let keySlot = slot.bucket.keySlot(slot.index, byteCount: keySlotByteCount)
        var value = slot.bucket.valueSlot(slot.index, type, keySlotByteCount: keySlotByteCount)
        codec.store(key, in: keySlot, of: self)
        if type.pointee.hasIndirectValue { value = makeIndirectValue(in: value) }
        slot.bucket.setTophash(slot.index, top)
        header.pointee.count &+= 1
        return value
    }
}
