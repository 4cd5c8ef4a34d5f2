// How much the next insert may allocate, so that a limit can be kept before it is crossed.

import GoHeap

extension SwissMap {
    /// A split is taken to leave room in both halves. That it does not is possible for keys chosen with the seed
    /// known, or by a chance of 2^-800.
    func bytesNeededToInsert() -> Int {
        guard let header else { return 0 }
        let type = type
        let entry = MapType.heldIndirectByteCount(type, heap)
        let count = header.pointee.directoryCount
        if header.pointee.isSmall {
            if header.pointee.directory == nil { return entry + Self.heldGroupsByteCount(1, type, heap) }
            guard Group.free(Self.smallGroup(header).controls) == 0 else { return entry }
            return entry + Self.heldGroupsByteCount(2, type, heap)
                + Self.heldDirectoryByteCount(1, tables: 1, heap)
        }
        if count == 1 {
            let table = header.pointee.table(at: 0)
            if table.pointee.growthLeft > 0 { return entry }
            if Int(table.pointee.capacity) < SwissTable.capacityLimit {
                return entry + Self.heldGroupsByteCount(2 * table.pointee.groupCount, type, heap)
                    + Self.heldDirectoryByteCount(0, tables: 1, heap)
            }
        }
        // Any table may be full.
        return entry
            + 2 * Self.heldGroupsByteCount(SwissTable.capacityLimit / Group.slotCount, type, heap)
            + Self.heldDirectoryByteCount(2 * count, tables: 2, heap)
    }
}
