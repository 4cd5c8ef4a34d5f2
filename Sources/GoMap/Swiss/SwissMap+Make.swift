// Making maps, groups, tables and directories: everything the swiss layout allocates, in Go's order.
//
// Sources: internal/runtime/maps/map.go `NewMap`, `growToSmall`; table.go `newTable`, `reset`.

import GoHeap

extension SwissMap {
    /// The greatest memory that Go would try to use; a hint beyond it counts as none (Go: `maxAlloc`).
    private static let byteCountLimit = 1 << 48

    /// What a map made for `hint` entries begins with.
    ///
    /// - Returns: how many tables, and of how many slots; no table for a small map.
    static func tables(forHint hint: Int, _ type: MapTypeRef) -> (count: Int, capacity: Int) {
        guard hint > Group.slotCount, hint <= Int.max / 8 else { return (0, 0) }
        let slots = hint * 8 / 7
        let count = powerOfTwo(atLeast: (slots + SwissTable.capacityLimit - 1) / SwissTable.capacityLimit)
        let (byteCount, overflowed) = (count * SwissTable.capacityLimit).multipliedReportingOverflow(
            by: type.pointee.group.byteCount)
        // Go too takes slots for groups here.
        if overflowed || byteCount > byteCountLimit { return (0, 0) }
        return (count, powerOfTwo(atLeast: max(slots / count, Group.slotCount)))
    }

    private static func powerOfTwo(atLeast number: Int) -> Int {
        number <= 1 ? 1 : 1 << (Int.bitWidth - (number - 1).leadingZeroBitCount)
    }

    /// Up to a hint of 8, no group is made yet.
    func make(hint: Int, hash0: UInt32) {
        precondition(state.pointee.root == nil, "a map is made once")
        let header = heap.allocate(SwissHeader.objectType).assumingMemoryBound(to: SwissHeader.self)
        state.pointee.root = UnsafeMutableRawPointer(header)
        setSeed(Hash.seed(from: hash0))
        let (count, capacity) = Self.tables(forHint: hint, type)
        guard count > 0 else { return }
        let directory = heap.allocateArray(SwissHeader.directoryElementType, count: count)
        setDirectory(header, directory, depth: UInt8(count.trailingZeroBitCount))
        for index in 0..<count {
            let table = makeTable(capacity: capacity, index: index, localDepth: header.pointee.globalDepth)
            heap.storePointer(table, at: directory + index * 8)
        }
    }

    /// Gives the map a directory of 2^`depth` tables.
    func setDirectory(
        _ header: UnsafeMutablePointer<SwissHeader>, _ directory: UnsafeMutableRawPointer, depth: UInt8
    ) {
        store(directory, in: header, at: SwissHeader.directoryOffset)
        header.pointee.directoryCount = 1 << Int(depth)
        header.pointee.globalDepth = depth
        header.pointee.globalShift = 64 - depth
    }

    /// The group of a map that was made without one.
    @inline(never)
    func makeSmallGroup(_ header: UnsafeMutablePointer<SwissHeader>) {
        let group = heap.allocate(type.pointee.group.objectType)
        Group(group).controls = Group.allEmpty
        store(group, in: header, at: SwissHeader.directoryOffset)
        own.pointee.counters.slotCount = Group.slotCount
        own.pointee.counters.groupByteCount = Self.heldGroupsByteCount(1, type, heap)
    }

    /// A new table, all of its slots empty; it counts as one of the map's from now on.
    ///
    /// - Parameters:
    ///   - capacity: slots; a power of two from 16 to 1,024.
    ///   - index: the first of its places in the directory.
    ///   - localDepth: how many top bits of the hash its entries share.
    func makeTable(capacity: Int, index: Int, localDepth: UInt8) -> UnsafeMutablePointer<SwissTable> {
        assert(
            capacity <= SwissTable.capacityLimit && capacity >= 2 * Group.slotCount
                && capacity.nonzeroBitCount == 1, "a table has 2 to 128 groups, a power of two")
        let type = type
        let table = heap.allocate(SwissTable.objectType).assumingMemoryBound(to: SwissTable.self)
        let groupCount = capacity / Group.slotCount
        let groups = heap.allocateArray(type.pointee.group.objectType, count: groupCount)
        store(groups, in: table, at: SwissTable.groupsOffset)
        table.pointee.capacity = UInt16(capacity)
        table.pointee.growthLeft = UInt16(SwissTable.growthLimit(capacity: capacity))
        table.pointee.localDepth = localDepth
        table.pointee.index = index
        table.pointee.groupMask = UInt64(groupCount - 1)
        for index in 0..<groupCount {
            Group(groups + index &* type.pointee.group.byteCount).controls = Group.allEmpty
        }
        own.pointee.counters.tableCount += 1
        own.pointee.counters.slotCount += capacity
        own.pointee.counters.groupByteCount += Self.heldGroupsByteCount(groupCount, type, heap)
        return table
    }
}
