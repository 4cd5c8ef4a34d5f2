// Making maps, arrays and overflow buckets: everything the bucket layout allocates, growth's copying apart.
//
// Sources: runtime/map.go `makemap`, `makemap_small`, `makeBucketArray`, `newoverflow`, `createOverflow`,
// `incrnoverflow`.

import GoHeap

extension BucketMap {
    /// The greatest array that Go would try to make; a hint beyond it counts as none (Go: `maxAlloc`).
    private static let arrayByteCountLimit = 1 << 48

    /// Log2 of how many chains a map made for `hint` entries has.
    static func B(forHint hint: Int, _ type: MapTypeRef) -> UInt8 {
        let (byteCount, overflowed) = UInt(bitPattern: hint).multipliedReportingOverflow(
            by: UInt(type.pointee.bucketByteCount))
        if overflowed || byteCount > UInt(arrayByteCountLimit) { return 0 }
        var B: UInt8 = 0
        while isOverLoadFactor(count: hint, B: B) { B += 1 }
        return B
    }

    /// Up to a hint of 8, no array is made yet.
    func make(hint: Int, hash0: UInt32) {
        precondition(self.header == nil, "a map is made once")
        let header = heap.allocate(MapHeader.objectType).assumingMemoryBound(to: MapHeader.self)
        state.pointee.root = UnsafeMutableRawPointer(header)
        header.pointee.hash0 = hash0
        state.pointee.seed = Hash.seed(from: hash0)
        let B = Self.B(forHint: hint, type)
        header.pointee.B = B
        updateLimits(header)
        if B != 0 {
            let (array, spare) = makeArray(B: B)
            store(array, in: header, at: MapHeader.bucketsOffset)
            own.pointee.counters.longestChain = 1
            if let spare {
                store(spare, in: makeExtra(header), at: MapExtra.nextOverflowOffset)
            }
        }
    }

    /// The array of a map that was made without one.
    @inline(never)
    func makeFirstBucket(_ header: UnsafeMutablePointer<MapHeader>) {
        store(heap.allocate(type.pointee.bucketObjectType), in: header, at: MapHeader.bucketsOffset)
        own.pointee.counters.arrayBucketCount = 1
        own.pointee.counters.longestChain = 1
    }

    /// How many buckets an array of 2^B chains has: from B = 4 on a sixteenth more, and what rounding leaves.
    static func arrayBucketCount(B: UInt8, _ type: MapTypeRef, _ heap: Heap) -> Int {
        let chains = 1 << Int(B)
        guard B >= 4 else { return chains }
        let bucketByteCount = type.pointee.bucketByteCount
        let wanted = chains + 1 << Int(B - 4)
        let byteCount = wanted * bucketByteCount
        let rounded = heap.roundUpSize(byteCount, hasPointers: type.pointee.bucketHasPointers)
        return rounded == byteCount ? wanted : rounded / bucketByteCount
    }

    /// A new array, all of its slots `emptyRest`.
    ///
    /// - Returns: the array, and the first of its spare buckets, if it has any.
    func makeArray(B: UInt8) -> (array: UnsafeMutableRawPointer, spare: UnsafeMutableRawPointer?) {
        let bucketCount = Self.arrayBucketCount(B: B, type, heap)
        let array = heap.allocateArray(type.pointee.bucketObjectType, count: bucketCount)
        own.pointee.counters.arrayBucketCount = bucketCount
        return (array, prepareSpares(of: array, B: B, bucketCount: bucketCount))
    }

    /// Marks the last spare bucket of a cleared array: the overflow pointer of every other one is nil,
    /// which means that the next one is free too; the last one's is not, and any pointer that is safe to
    /// keep will do.
    ///
    /// - Returns: the first spare bucket, if the array has any.
    func prepareSpares(of array: UnsafeMutableRawPointer, B: UInt8, bucketCount: Int)
        -> UnsafeMutableRawPointer?
    {
        let chains = 1 << Int(B)
        assert(bucketCount >= chains, "an array has at least one bucket a chain")
        guard bucketCount > chains else { return nil }
        let bucketByteCount = type.pointee.bucketByteCount
        setOverflow(of: array + (bucketCount - 1) * bucketByteCount, to: array)
        return array + chains * bucketByteCount
    }

    /// Stores a bucket's overflow pointer. Without pointers in buckets, the collector takes it for a number.
    @inline(__always)
    func setOverflow(of bucket: UnsafeMutableRawPointer, to next: UnsafeMutableRawPointer?) {
        let slot = bucket + type.pointee.overflowOffset
        if type.pointee.bucketHasPointers {
            heap.storePointer(next, at: slot)
        } else {
            slot.storeBytes(of: next, as: UnsafeMutableRawPointer?.self)
        }
    }

    /// The header's extra part, made if it has none.
    func makeExtra(_ header: UnsafeMutablePointer<MapHeader>) -> UnsafeMutablePointer<MapExtra> {
        if let extra = header.pointee.extra { return extra }
        let made = heap.allocate(MapExtra.objectType)
        store(made, in: header, at: MapHeader.extraOffset)
        return made.assumingMemoryBound(to: MapExtra.self)
    }

    /// The list of current overflow buckets, made if there is none.
    func makeOverflowList(_ header: UnsafeMutablePointer<MapHeader>) -> UnsafeMutablePointer<OverflowList> {
        let extra = makeExtra(header)
        if let list = extra.pointee.overflow { return list }
        let made = heap.allocate(OverflowList.objectType)
        store(made, in: extra, at: MapExtra.overflowOffset)
        return made.assumingMemoryBound(to: OverflowList.self)
    }

    /// Gives the last bucket of a chain of the current array an overflow bucket.
    ///
    /// - Parameters:
    ///   - last: the bucket, which has none.
    ///   - chainIndex: the number of its chain.
    /// - Returns: the new bucket, all of its slots `emptyRest`.
    @inline(never)
    func newOverflow(
        _ header: UnsafeMutablePointer<MapHeader>, after last: UnsafeMutableRawPointer, chainIndex: Int
    ) -> UnsafeMutableRawPointer {
        assert(Bucket(last).overflow(type) == nil, "only the last bucket of a chain gets an overflow bucket")
        let bucket: UnsafeMutableRawPointer
        if let extra = header.pointee.extra, let spare = extra.pointee.nextOverflow {
            bucket = spare
            if Bucket(spare).overflow(type) == nil {
                store(spare + type.pointee.bucketByteCount, in: extra, at: MapExtra.nextOverflowOffset)
            } else {
                // The last of the spares.
                setOverflow(of: spare, to: nil)
                store(nil, in: extra, at: MapExtra.nextOverflowOffset)
            }
        } else {
            bucket = heap.allocate(type.pointee.bucketObjectType)
            own.pointee.counters.allocatedOverflowCount += 1
        }
        countOverflow(header)
        if !type.pointee.bucketHasPointers { append(bucket, to: makeOverflowList(header)) }
        setOverflow(of: last, to: bucket)

        // A chain only ever grows, until its array is dropped or cleared: so the longest one is known
        // without a walk.
        own.pointee.counters.overflowBucketCount += 1
        var length = 1
        var cursor = header.pointee.buckets! + chainIndex &* type.pointee.bucketByteCount
        while let next = Bucket(cursor).overflow(type) {
            length += 1
            cursor = next
        }
        assert(cursor == bucket, "the new bucket ends the chain that it was made for")
        own.pointee.counters.longestChain = max(own.pointee.counters.longestChain, length)
        return bucket
    }

    /// Counts a new overflow bucket in the header: exactly below B = 16, then with probability 2^(15-B), so
    /// that 16 bits do: the count reaches 2^15 when there are about as many overflow buckets as buckets.
    private func countOverflow(_ header: UnsafeMutablePointer<MapHeader>) {
        if header.pointee.B >= 16 {
            let mask = (UInt32(1) << UInt32(header.pointee.B - 15)) - 1
            guard UInt32(truncatingIfNeeded: state.pointee.random.next()) & mask == 0 else { return }
        }
        header.pointee.noverflow &+= 1
        updateLimits(header)
    }

    /// `append` of one bucket to an overflow list.
    private func append(_ bucket: UnsafeMutableRawPointer, to list: UnsafeMutablePointer<OverflowList>) {
        if list.pointee.count == list.pointee.capacity {
            let capacity = heap.appendCapacity(after: list.pointee.capacity)
            let elements = heap.allocateArray(OverflowList.elementObjectType, count: capacity)
            if let old = list.pointee.elements {
                // A new object holds what the old one holds; both are reachable from here until the store
                // below.
                for index in 0..<list.pointee.count {
                    heap.storePointer(old[index], at: elements + index &* 8)
                }
            }
            store(elements, in: list, at: 0)
            list.pointee.capacity = capacity
        }
        heap.storePointer(bucket, at: list.pointee.elements! + list.pointee.count)
        list.pointee.count += 1
    }
}
