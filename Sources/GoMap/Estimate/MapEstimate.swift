// What a map takes, by arithmetic: for maps that are too large to be made for that.
//
// Exact where Go's map is: arrays, tables and directories follow from the number of entries. What hangs on how hashes spread
// entries over chains and tables, overflow buckets and splits, is a random number whose distribution is known: it is given with
// bounds.

import GoHeap

/// Objects of the heap that a map is made of, and those that it has allocated on its way. What strings, slices and pointers of
/// the entries lead to is not the map's.
package struct MapEstimate: Equatable, Sendable {
    /// Bytes that are held in the end, each object with all that its size class takes.
    package private(set) var bytes = Spread(0)
    package private(set) var objects = Spread(0)
    /// Objects ever allocated, and their bytes (MemStats' Mallocs and TotalAlloc).
    package private(set) var allocations = Spread(0)
    package private(set) var totalAllocBytes = Spread(0)

    /// - Parameters:
    ///   - type: key and value types.
    ///   - hint: what the map is made with.
    ///   - peak: entries that are inserted, one after the other.
    ///   - kept: those of them that are not deleted again.
    ///   - heap: whose size classes count.
    ///   - layout: nil for that of the heap's profile.
    /// - Complexity: O(log `peak`) sums of some hundred terms.
    package init(
        _ type: MapTypeRef, hint: Int, peak: Int, kept: Int, heap: Heap, layout: MapLayout? = nil
    ) {
        precondition(0 <= kept && kept <= peak, "what is kept was there")
        self = (layout ?? heap.profile.mapLayout).withCode {
            $0.estimate(hint: hint, peak: peak, kept: kept, type, heap)
        }
    }

    init() {}

    /// Objects of one size that are there in the end.
    mutating func hold(_ count: Spread, of byteCount: Int) {
        bytes = bytes + count * byteCount
        objects = objects + count
        allocate(count, of: byteCount)
    }

    mutating func hold(_ count: Int, of byteCount: Int) { hold(Spread(count), of: byteCount) }

    /// Objects of one size that are garbage in the end.
    mutating func allocate(_ count: Spread, of byteCount: Int) {
        allocations = allocations + count
        totalAllocBytes = totalAllocBytes + count * byteCount
    }

    /// Objects of several sizes that are there in the end, allocated before.
    mutating func keep(bytes more: Spread, objects count: Spread) {
        bytes = bytes + more
        objects = objects + count
    }

    /// Objects of several sizes that are garbage in the end.
    mutating func allocate(bytes more: Spread, objects count: Spread) {
        allocations = allocations + count
        totalAllocBytes = totalAllocBytes + more
    }

    /// Keys and values of more than 128 bytes, an object each.
    mutating func addIndirect(peak: Int, kept: Int, _ type: MapTypeRef, _ heap: Heap) {
        for (isIndirect, byteCount) in [
            (type.pointee.hasIndirectKey, type.pointee.keyByteCount),
            (type.pointee.hasIndirectValue, type.pointee.valueByteCount),
        ] where isIndirect {
            let held = heap.heldByteCount(byteCount, hasPointers: false)
            hold(kept, of: held)
            allocate(Spread(peak - kept), of: held)
        }
    }
}
