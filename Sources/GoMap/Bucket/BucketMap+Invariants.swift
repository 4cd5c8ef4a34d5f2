// Everything that must hold of a bucket map between two operations. Each check traps with what is wrong.

import GoHeap

extension BucketMap {
    private struct Found {
        var entries = 0
        var overflow: [UnsafeMutableRawPointer] = []
        var longestChain = 0
        var evacuated = 0
    }

    func checkInvariants() {
        guard let header else {
            precondition(own.pointee.counters == BucketState.Counters(), "a nil map has nothing")
            return
        }
        let counters = own.pointee.counters
        check(isObject: header, "the header")
        precondition(
            state.pointee.seed == Hash.seed(from: header.pointee.hash0), "the cached seed is the header's")
        guard let array = header.pointee.buckets else {
            precondition(
                header.pointee.count == 0 && header.pointee.B == 0, "a map without an array is empty")
            precondition(!header.pointee.isGrowing, "a map without an array does not grow")
            precondition(counters == BucketState.Counters(), "a map without an array has no buckets")
            return
        }
        check(isObject: array, "the array")
        let current = checkCurrent(header, array)
        var entries = current.entries
        if let oldArray = header.pointee.oldBuckets {
            check(isObject: oldArray, "the old array")
            entries += checkOld(header, oldArray)
        } else {
            precondition(
                header.pointee.evacuationMark == 0 || counters.evacuatedChainCount == 0, "no growth")
            precondition(!header.pointee.isSameSizeGrow, "a map that does not grow has no mark of how")
            precondition(
                counters.oldArrayBucketCount == 0 && counters.oldAllocatedOverflowCount == 0
                    && counters.oldLongestChain == 0, "a map that does not grow has nothing old")
            precondition(
                header.pointee.extra?.pointee.oldOverflow == nil, "nor a list of old overflow buckets")
        }
        precondition(
            entries == header.pointee.count, "the header counts \(header.pointee.count), found \(entries)")
        precondition(
            counters.arrayBucketCount == Self.arrayBucketCount(B: header.pointee.B, type, heap),
            "the array has as many buckets as B says")
        precondition(
            counters.overflowBucketCount == current.overflow.count,
            "\(counters.overflowBucketCount) overflow buckets counted, \(current.overflow.count) found")
        precondition(counters.longestChain == current.longestChain, "the longest chain is known")
        if header.pointee.B < 16 {
            precondition(
                Int(header.pointee.noverflow) == current.overflow.count, "below B = 16, noverflow is exact")
        }
        checkSpares(header, array, current.overflow)
        checkList(header.pointee.extra?.pointee.overflow, against: current.overflow)
    }

    /// - Returns: what there is in the current array.
    private func checkCurrent(
        _ header: UnsafeMutablePointer<MapHeader>, _ array: UnsafeMutableRawPointer
    ) -> Found {
        var found = Found()
        let oldMask = header.pointee.isGrowing ? header.pointee.oldChainCount - 1 : 0
        for chainIndex in 0..<(1 << Int(header.pointee.B)) {
            let first = Bucket(array + chainIndex * type.pointee.bucketByteCount)
            let before = found
            checkChain(first, index: chainIndex, mask: header.pointee.bucketMask, header, &found)
            if let oldArray = header.pointee.oldBuckets {
                let old = Bucket(oldArray + (chainIndex & oldMask) * type.pointee.bucketByteCount)
                precondition(
                    old.isEvacuated
                        || (found.entries == before.entries && found.overflow.count == before.overflow.count),
                    "chain \(chainIndex) is empty until its old chain is evacuated")
            }
        }
        precondition(found.evacuated == 0, "the current array is not evacuated")
        return found
    }

    /// - Returns: how many entries are still in the old array.
    private func checkOld(
        _ header: UnsafeMutablePointer<MapHeader>, _ oldArray: UnsafeMutableRawPointer
    ) -> Int {
        var found = Found()
        let counters = own.pointee.counters
        let chains = header.pointee.oldChainCount
        precondition(header.pointee.evacuationMark < chains, "a growth ends with its last chain")
        for chainIndex in 0..<chains {
            let first = Bucket(oldArray + chainIndex * type.pointee.bucketByteCount)
            precondition(
                chainIndex >= header.pointee.evacuationMark || first.isEvacuated,
                "old chain \(chainIndex), below the mark, is evacuated")
            checkChain(first, index: chainIndex, mask: UInt64(chains - 1), header, &found)
        }
        precondition(found.evacuated == counters.evacuatedChainCount, "evacuated chains are counted")
        let end = oldArray + counters.oldArrayBucketCount * type.pointee.bucketByteCount
        let allocated = found.overflow.filter { $0 < oldArray || $0 >= end }
        precondition(
            allocated.count == counters.oldAllocatedOverflowCount, "old overflow buckets are counted")
        precondition(found.longestChain <= counters.oldLongestChain, "the longest old chain is known")
        if !type.pointee.bucketHasPointers {
            checkList(header.pointee.extra?.pointee.oldOverflow, against: found.overflow)
        }
        return found.entries
    }

    /// Checks one chain, and adds what is in it to `found`.
    private func checkChain(
        _ first: Bucket, index: Int, mask: UInt64, _ header: UnsafeMutablePointer<MapHeader>,
        _ found: inout Found
    ) {
        let isEvacuated = first.isEvacuated
        if isEvacuated { found.evacuated += 1 }
        var hasEnded = false
        var length = 0
        var bucket = first
        var keys: [BucketSlot] = []
        while true {
            length += 1
            for slot in 0..<Bucket.slotCount {
                let top = bucket.tophash(slot)
                if isEvacuated {
                    precondition(
                        top >= Tophash.evacuatedX && top <= Tophash.evacuatedEmpty,
                        "every slot of an evacuated chain says so")
                    continue
                }
                precondition(
                    top <= Tophash.emptyOne || top >= Tophash.minimum,
                    "no slot of another chain says evacuated")
                precondition(!hasEnded || top == Tophash.emptyRest, "nothing follows emptyRest")
                if top == Tophash.emptyRest { hasEnded = true }
                guard top >= Tophash.minimum else { continue }
                let entry = BucketSlot(bucket: bucket, index: slot)
                checkEntry(entry, top: top, chain: index, mask: mask, earlier: keys)
                keys.append(entry)
            }
            guard let next = bucket.overflow(type) else { break }
            check(isObject: next, "an overflow bucket")
            found.overflow.append(next)
            bucket = Bucket(next)
        }
        found.entries += keys.count
        found.longestChain = max(found.longestChain, length)
    }

    private func checkEntry(_ entry: BucketSlot, top: UInt8, chain: Int, mask: UInt64, earlier: [BucketSlot]) {
        let codec = type.pointee.keyCodec
        let keySlotByteCount = type.pointee.keySlotByteCount
        let keySlot = entry.bucket.keySlot(entry.index, byteCount: keySlotByteCount)
        let key = codec.load(from: keySlot, type)
        let hash = hash(key)
        precondition(Int(truncatingIfNeeded: hash & mask) == chain, "an entry is in the chain of its hash")
        precondition(top == Tophash.of(hash), "a tophash is its hash's")
        for other in earlier {
            let otherSlot = other.bucket.keySlot(other.index, byteCount: keySlotByteCount)
            precondition(!codec.slot(otherSlot, holds: key, type), "a key is there once")
        }
        checkEntry(key, value: Self.value(at: entry, type, keySlotByteCount: keySlotByteCount))
    }

    private func checkSpares(
        _ header: UnsafeMutablePointer<MapHeader>, _ array: UnsafeMutableRawPointer,
        _ overflow: [UnsafeMutableRawPointer]
    ) {
        let bucketByteCount = type.pointee.bucketByteCount
        let counters = own.pointee.counters
        let spares = array + (1 << Int(header.pointee.B)) * bucketByteCount
        let end = array + counters.arrayBucketCount * bucketByteCount
        let used = overflow.filter { $0 >= spares && $0 < end }
        precondition(
            overflow.count - used.count == counters.allocatedOverflowCount,
            "allocated overflow buckets are counted")
        guard let next = header.pointee.extra?.pointee.nextOverflow else {
            precondition(spares + used.count * bucketByteCount == end, "all spare buckets are used")
            return
        }
        precondition(next == spares + used.count * bucketByteCount && next < end, "spares are used in order")
        precondition(
            Bucket(end - bucketByteCount).overflow(type) != nil, "the last spare bucket is marked")
    }

    private func checkList(
        _ list: UnsafeMutablePointer<OverflowList>?, against overflow: [UnsafeMutableRawPointer]
    ) {
        guard !type.pointee.bucketHasPointers else {
            precondition(list == nil, "a map whose buckets have pointers needs no list")
            return
        }
        precondition(list?.pointee.count ?? 0 == overflow.count, "the list has every overflow bucket")
        guard let list else { return }
        check(isObject: list, "an overflow list")
        precondition(list.pointee.count <= list.pointee.capacity, "a list is within its capacity")
        guard let elements = list.pointee.elements else { return }
        check(isObject: elements, "an overflow list's elements")
        let listed = Set((0..<list.pointee.count).map { elements[$0] })
        precondition(listed == Set(overflow), "the list has the overflow buckets and nothing else")
    }
}
