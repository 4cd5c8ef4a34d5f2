// Counting what a map holds, without a walk: the counters are exact, and every size follows from the type
// and B.

import GoHeap

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

    /// Bytes that an overflow list takes, its own 24 included.
    private static func heldByteCount(_ list: UnsafeMutablePointer<OverflowList>?, _ heap: Heap) -> Int {
        guard let list else { return 0 }
        return heap.heldByteCount(24, hasPointers: true)
            + heap.heldByteCount(list.pointee.capacity * 8, hasPointers: true)
    }

    func bytes() -> MapBytes {
        var bytes = MapBytes()
        guard let header else { return bytes }
        let type = type
        let heap = heap
        let counters = own.pointee.counters
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
        bytes.indirect = header.pointee.count * MapType.heldIndirectByteCount(type, heap)
        return bytes
    }

    func layoutStatistics() -> LayoutStatistics? {
        guard let header else { return nil }
        let counters = own.pointee.counters
        return .bucket(
            BucketStatistics(
                B: Int(header.pointee.B),
                chains: header.pointee.buckets == nil ? 0 : 1 << Int(header.pointee.B),
                overflowBuckets: counters.overflowBucketCount, noverflow: Int(header.pointee.noverflow),
                growing: header.pointee.isGrowing, sameSizeGrow: header.pointee.isSameSizeGrow,
                evacuated: counters.evacuatedChainCount,
                longestChain: max(counters.longestChain, counters.oldLongestChain)))
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
        bytes.indirect = count * MapType.heldIndirectByteCount(type, heap)

        // A chain of n entries has ⌈n / 8⌉ - 1 overflow buckets: one for each 8k that n is over. No chain
        // of 64.
        let load = Double(count) / Double(chains)
        var probability = Series.exponential(of: -load)
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
}
