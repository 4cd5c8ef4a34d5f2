// Counting what a map holds, without a walk: the counters are exact, and every size follows from the type
// and B.

import GoHeap

extension Heap {
    /// Bytes of the heap that an object of `byteCount` bytes takes, its size class's rounding and the type
    /// word of larger objects with pointers included.
    func heldByteCount(_ byteCount: Int, hasPointers: Bool) -> Int {
        // `roundUpSize` leaves out the type word. Less by that word it is no size class, and rounds up to its own.
        let usable = roundUpSize(byteCount, hasPointers: hasPointers)
        return roundUpSize(usable, hasPointers: false)
    }
}

extension BucketMap {
    /// Bytes that an array takes in the heap.
    static func heldArrayByteCount(_ bucketCount: Int, _ type: MapTypeRef, _ heap: Heap) -> Int {
        heap.heldByteCount(
            bucketCount * type.pointee.bucketByteCount, hasPointers: type.pointee.bucketHasPointers)
    }

    /// Bytes that one bucket takes when it is allocated alone.
    static func heldBucketByteCount(_ type: MapTypeRef, _ heap: Heap) -> Int {
        heldArrayByteCount(1, type, heap)
    }

    /// Bytes that the data of one entry take outside its bucket.
    static func heldIndirectByteCount(_ type: MapTypeRef, _ heap: Heap) -> Int {
        var byteCount = 0
        if type.pointee.hasIndirectKey {
            byteCount += heap.heldByteCount(type.pointee.keyByteCount, hasPointers: false)
        }
        if type.pointee.hasIndirectValue {
            byteCount += heap.heldByteCount(type.pointee.valueByteCount, hasPointers: false)
        }
        return byteCount
    }

    /// Bytes that an overflow list takes, its own 24 included.
    private static func heldByteCount(_ list: UnsafeMutablePointer<OverflowList>?, _ heap: Heap) -> Int {
        guard let list else { return 0 }
        return heap.heldByteCount(24, hasPointers: true)
            + heap.heldByteCount(list.pointee.capacity * 8, hasPointers: true)
    }

    /// What the map holds. O(1).
    func bytes() -> MapBytes {
        var bytes = MapBytes()
        guard let header = state.pointee.header else { return bytes }
        let type = type
        let heap = heap
        let counters = state.pointee.counters
        let extra = header.pointee.extra
        bytes.header = heap.heldByteCount(48, hasPointers: true)
        if extra != nil { bytes.header += heap.heldByteCount(24, hasPointers: true) }
        bytes.buckets = Self.heldArrayByteCount(counters.arrayBucketCount, type, heap)
        let bucketByteCount = Self.heldBucketByteCount(type, heap)
        bytes.overflow =
            counters.allocatedOverflowCount * bucketByteCount
            + Self.heldByteCount(extra?.pointee.overflow, heap)
        if header.pointee.isGrowing {
            bytes.oldBuckets =
                Self.heldArrayByteCount(counters.oldArrayBucketCount, type, heap)
                + counters.oldAllocatedOverflowCount * bucketByteCount
                + Self.heldByteCount(extra?.pointee.oldOverflow, heap)
        }
        bytes.indirect = header.pointee.count * Self.heldIndirectByteCount(type, heap)
        return bytes
    }

    /// What the layout is like at this moment. O(1).
    func bucketStatistics() -> BucketStatistics? {
        guard let header = state.pointee.header else { return nil }
        let counters = state.pointee.counters
        return BucketStatistics(
            B: Int(header.pointee.B), buckets: header.pointee.buckets == nil ? 0 : 1 << Int(header.pointee.B),
            overflowBuckets: counters.overflowBucketCount, noverflow: Int(header.pointee.noverflow),
            growing: header.pointee.isGrowing, sameSizeGrow: header.pointee.isSameSizeGrow,
            evacuated: counters.evacuatedBucketCount,
            longestChain: max(counters.longestChain, counters.oldLongestChain))
    }

    /// What a fresh map with hint = `count` holds once `count` entries are in it, as far as that does not
    /// depend on chance: overflow buckets at their expected number.
    ///
    /// Hashes spread entries over chains at random, so a chain's entries follow a Poisson distribution.
    ///
    /// - Complexity: O(1), some hundred floating-point operations.
    static func freshBytes(count: Int, _ type: MapTypeRef, _ heap: Heap) -> MapBytes {
        var bytes = MapBytes()
        bytes.header = heap.heldByteCount(48, hasPointers: true)
        guard count > 0 else { return bytes }
        let B = B(forHint: count, type)
        let chains = 1 << Int(B)
        let arrayCount = arrayBucketCount(B: B, type, heap)
        bytes.buckets = heldArrayByteCount(arrayCount, type, heap)
        bytes.indirect = count * heldIndirectByteCount(type, heap)

        // A chain of n entries has ⌈n / 8⌉ - 1 overflow buckets: one for each 8k that n is over. No chain
        // of 64.
        let load = Double(count) / Double(chains)
        var probability = exponential(of: -load)
        var below = probability
        var overflowPerChain = 0.0
        for entries in 1...64 {
            if (entries - 1) % 8 == 0, entries > 1 { overflowPerChain += max(0, 1 - below) }
            probability *= load / Double(entries)
            below += probability
        }
        let overflowCount = B == 0 ? 0 : Int((overflowPerChain * Double(chains)).rounded())
        let spareCount = arrayCount - chains
        bytes.overflow = max(0, overflowCount - spareCount) * heldBucketByteCount(type, heap)
        let hasList = overflowCount > 0 && !type.pointee.bucketHasPointers
        if hasList {
            var capacity = 0
            while capacity < overflowCount { capacity = heap.appendCapacity(after: capacity) }
            bytes.overflow +=
                heap.heldByteCount(24, hasPointers: true)
                + heap.heldByteCount(capacity * 8, hasPointers: true)
        }
        if spareCount > 0 || hasList { bytes.header += heap.heldByteCount(24, hasPointers: true) }
        return bytes
    }

    /// e to the power of `x`, for small negative x: no Foundation for one number.
    private static func exponential(of x: Double) -> Double {
        // e^x = (e^(x/64))^64, and seven terms of the series suffice there.
        let small = x / 64
        var term = 1.0
        var sum = 1.0
        for index in 1...9 {
            term *= small / Double(index)
            sum += term
        }
        for _ in 0..<6 { sum *= sum }
        return sum
    }
}

extension GoMap {
    /// The part of `statistics()` that only the bucket layout has; nil for another one and for a nil map.
    /// O(1).
    package func bucketStatistics() -> BucketStatistics? { bucketMap.bucketStatistics() }

    /// Everything about the map. O(1).
    package func statistics() -> MapStatistics {
        let count = count
        let bytes = bucketMap.bytes()
        let bucket = bucketMap.bucketStatistics()
        let chains = bucket?.buckets ?? 0
        return MapStatistics(
            type: type.pointee.name, layout: layout, isNil: isNil, count: count,
            slots: (chains + (bucket?.overflowBuckets ?? 0)) * Bucket.slotCount,
            loadFactor: chains == 0 ? 0 : Double(count) / Double(chains), bytes: bytes,
            retainedBytes: isNil
                ? 0 : max(0, bytes.total - Self.freshBytes(type, count: count, heap: heap).total),
            bucket: bucket)
    }

    /// What a fresh map made with hint = `count` holds once it has `count` entries.
    package static func freshBytes(
        _ type: MapTypeRef, count: Int, heap: Heap, layout: MapLayoutKind = .bucket
    ) -> MapBytes {
        BucketMap.freshBytes(count: count, type, heap)
    }
}
