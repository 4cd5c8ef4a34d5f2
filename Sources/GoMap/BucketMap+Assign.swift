// Inserting and updating.
//
// Sources: runtime/map.go `mapassign`, and its fast versions.

import GoHeap

extension BucketMap {
    /// `m[key] = …`: finds the entry, or makes it.
    ///
    /// - Parameters:
    ///   - key: a string's bytes must be in the heap: the map keeps the pointer (also when the key is there already,
    ///     as in Go, so that the older bytes can be collected).
    ///   - hash: of the key.
    /// - Returns: where the value is to be stored, and whether the entry is new; a new entry's value is zero.
    @inline(__always)
    func assign(
        _ key: Datum, hash: UInt64, _ keyClass: KeyClass
    ) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        guard let header = state.pointee.header else {
            preconditionFailure("assignment to an entry of a nil map")
        }
        let type = type
        let keySlotByteCount = Self.keySlotByteCount(type, keyClass)
        let top = Tophash.of(hash)
        if header.pointee.buckets == nil { makeFirstBucket(header) }

        while true {
            let chainIndex = Int(truncatingIfNeeded: hash & header.pointee.bucketMask)
            if header.pointee.isGrowing { growWork(header, chainIndex: chainIndex) }
            // SAFETY: made above.
            let array = header.pointee.buckets.unsafelyUnwrapped
            var bucket = Bucket(array + chainIndex &* type.pointee.bucketByteCount)
            var free: Slot?
            Self.prepare(bucket, header, type)

            while true {
                let tophashes = bucket.tophashes
                var candidates = Bucket.candidates(tophashes, top: top)
                while candidates != 0 {
                    let index = Bucket.slot(ofLowestMark: candidates)
                    let keySlot = bucket.keySlot(index, byteCount: keySlotByteCount)
                    if Self.slot(keySlot, holds: key, type, keyClass) {
                        if keyClass == .string { heap.storePointer(pointer(to: key), at: keySlot) }
                        let found = Slot(bucket: bucket, index: index)
                        return (Self.value(at: found, type, keySlotByteCount: keySlotByteCount), false)
                    }
                    candidates &= candidates &- 1
                }
                if free == nil {
                    let empties = Bucket.empties(tophashes)
                    if empties != 0 { free = Slot(bucket: bucket, index: Bucket.slot(ofLowestMark: empties)) }
                }
                if Bucket.endsChain(tophashes) { break }
                guard let next = bucket.overflow(type) else { break }
                bucket = Bucket(next)
            }

            if !header.pointee.isGrowing, mustGrow(header) {
                // Everything that was found above is in the old array after this.
                startGrowth(header)
                continue
            }
            let slot =
                free
                ?? Slot(
                    bucket: Bucket(newOverflow(header, after: bucket.address, chainIndex: chainIndex)),
                    index: 0)
            let value = fill(slot, with: key, keyClass)
            slot.bucket.setTophash(slot.index, top)
            header.pointee.count &+= 1
            return (value, true)
        }
    }

    /// Whether one more entry starts a growth.
    @inline(__always)
    private func mustGrow(_ header: UnsafeMutablePointer<MapHeader>) -> Bool {
        let B = header.pointee.B
        return Self.isOverLoadFactor(count: header.pointee.count &+ 1, B: B)
            || Self.hasTooManyOverflowBuckets(noverflow: header.pointee.noverflow, B: B)
    }

    /// Puts a key into an empty slot, and makes what the slot needs apart from it.
    ///
    /// - Returns: where the value is to be stored.
    @inline(__always)
    private func fill(_ slot: Slot, with key: Datum, _ keyClass: KeyClass) -> UnsafeMutableRawPointer {
        let type = type
        let keySlotByteCount = Self.keySlotByteCount(type, keyClass)
        let keySlot = slot.bucket.keySlot(slot.index, byteCount: keySlotByteCount)
        var value = slot.bucket.valueSlot(slot.index, type, keySlotByteCount: keySlotByteCount)
        putKey(key, in: keySlot, keyClass)
        if type.pointee.hasIndirectValue { value = makeIndirectValue(in: value) }
        return value
    }

    // One function for each class of keys, so that the compiler keeps their registers apart.

    @inline(never)
    private func assignWord32(_ key: Datum, _ hash: UInt64) -> (slot: UnsafeMutableRawPointer, inserted: Bool)
    {
        assign(key, hash: hash, .word32)
    }

    @inline(never)
    private func assignWord64(_ key: Datum, _ hash: UInt64) -> (slot: UnsafeMutableRawPointer, inserted: Bool)
    {
        assign(key, hash: hash, .word64)
    }

    @inline(never)
    private func assignString(_ key: Datum, _ hash: UInt64) -> (slot: UnsafeMutableRawPointer, inserted: Bool)
    {
        assign(key, hash: hash, .string)
    }

    @inline(never)
    private func assignBytes(_ key: Datum, _ hash: UInt64) -> (slot: UnsafeMutableRawPointer, inserted: Bool)
    {
        type.pointee.hasIndirectKey
            ? assign(key, hash: hash, .indirectBytes) : assign(key, hash: hash, .bytes)
    }

    func assign(_ key: Datum, hash: UInt64) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        switch type.pointee.keyClass {
        case .word32: assignWord32(key, hash)
        case .word64: assignWord64(key, hash)
        case .string: assignString(key, hash)
        case .bytes, .indirectBytes: assignBytes(key, hash)
        }
    }

    func assign(_ key: Datum) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        let seed = state.pointee.seed
        return switch type.pointee.keyClass {
        case .word32: assignWord32(key, Self.hash(key, type, seed: seed, .word32))
        case .word64: assignWord64(key, Self.hash(key, type, seed: seed, .word64))
        case .string: assignString(key, Self.hash(key, type, seed: seed, .string))
        case .bytes, .indirectBytes: assignBytes(key, Self.hash(key, type, seed: seed, .bytes))
        }
    }
}
