// Counting what a map holds, without a walk: the counters are exact, and every size follows from the type.

import GoHeap

extension SwissMap {
    /// Bytes that consecutive groups take in the heap.
    static func heldGroupsByteCount(_ groupCount: Int, _ type: MapTypeRef, _ heap: Heap) -> Int {
        heap.heldByteCount(
            groupCount * type.pointee.group.byteCount,
            hasPointers: type.pointee.group.objectType.pointee.hasPointers)
    }

    /// Bytes that a directory takes, its tables' own 32 included but not their groups.
    static func heldDirectoryByteCount(_ count: Int, tables: Int, _ heap: Heap) -> Int {
        heap.heldByteCount(count * 8, hasPointers: true) + tables * heap.heldByteCount(32, hasPointers: true)
    }

    func bytes() -> MapBytes {
        var bytes = MapBytes()
        guard let header else { return bytes }
        let counters = own.pointee.counters
        bytes.header = heap.heldByteCount(48, hasPointers: true)
        bytes.buckets = counters.groupByteCount
        bytes.directory = Self.heldDirectoryByteCount(
            header.pointee.directoryCount, tables: counters.tableCount, heap)
        bytes.indirect = header.pointee.count * MapType.heldIndirectByteCount(type, heap)
        return bytes
    }

    func layoutStatistics() -> LayoutStatistics? {
        guard let header else { return nil }
        let counters = own.pointee.counters
        let limit =
            header.pointee.isSmall
            ? counters.slotCount : SwissTable.growthLimit(capacity: counters.slotCount)
        return .swiss(
            SwissStatistics(
                globalDepth: Int(header.pointee.globalDepth), tables: counters.tableCount,
                groups: counters.slotCount / Group.slotCount, tombstones: counters.tombstoneCount,
                growthLeft: limit - header.pointee.count - counters.tombstoneCount))
    }

    /// What a fresh map with hint = `count` holds once `count` entries are in it, as far as that does not depend on
    /// chance: tables that grow meanwhile at their expected number.
    ///
    /// - Complexity: O(1).
    static func freshBytes(count: Int, _ type: MapTypeRef, _ heap: Heap) -> MapBytes {
        var bytes = MapBytes()
        bytes.header = heap.heldByteCount(48, hasPointers: true)
        guard count > 0 else { return bytes }
        bytes.indirect = count * MapType.heldIndirectByteCount(type, heap)
        let (tables, capacity) = tables(forHint: count, type)
        guard tables > 0 else {
            bytes.buckets = heldGroupsByteCount(1, type, heap)
            return bytes
        }
        // Hashes spread entries over tables at random: about as a normal distribution.
        let mean = Double(count) / Double(tables)
        let limit = Double(SwissTable.growthLimit(capacity: capacity))
        let overfull = tables == 1 ? 0 : upperTail((limit + 0.5 - mean) / mean.squareRoot())
        let growing = Int((overfull * Double(tables)).rounded())
        // One that grows becomes one of twice the size, or two.
        let splits = capacity == SwissTable.capacityLimit
        bytes.buckets =
            tables * heldGroupsByteCount(capacity / Group.slotCount, type, heap)
            + growing
            * (splits
                ? heldGroupsByteCount(capacity / Group.slotCount, type, heap)
                : heldGroupsByteCount(capacity / Group.slotCount * 2, type, heap)
                    - heldGroupsByteCount(capacity / Group.slotCount, type, heap))
        bytes.directory = heldDirectoryByteCount(
            splits && growing > 0 ? 2 * tables : tables, tables: splits ? tables + growing : tables, heap)
        return bytes
    }

    /// The chance that a standard normal variable is above `x`: a logistic curve, right to a hundredth.
    private static func upperTail(_ x: Double) -> Double {
        let clamped = max(-8, min(8, x))
        let exponent = 1.5976 * clamped + 0.070_56 * clamped * clamped * clamped
        return 1 / (1 + 1 / Series.exponential(of: -exponent))
    }
}
