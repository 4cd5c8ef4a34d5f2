// Growing: a table to twice its size or into two, the directory to twice its length, and what may avoid it.
//
// Sources: internal/runtime/maps/map.go `growToTable`, `installTableSplit`; table.go `rehash`, `grow`, `split`,
// `uncheckedPutSlot`, `pruneTombstones`.

import GoHeap

extension SwissMap {
    /// Makes a full small map one of one table.
    @inline(never)
    func growToTable(_ header: UnsafeMutablePointer<SwissHeader>) {
        let group = Self.smallGroup(header)
        own.pointee.counters = SwissState.Counters()
        let table = makeTable(capacity: 2 * Group.slotCount, index: 0, localDepth: 0)
        moveEntries(of: group.address, groupCount: 1, to: table, table, splitBit: 0)
        let directory = heap.allocateArray(SwissHeader.directoryElementType, count: 1)
        heap.storePointer(table, at: directory)
        setDirectory(header, directory, depth: 0)
    }

    /// Makes room for one more entry in a table that has none left.
    ///
    /// Tombstones are pruned since Go 1.25, and only in the functions for 4 or 8 plain bytes and for strings, with values of
    /// at most 128 bytes: `runtime_mapassign`, which all other types go through, does not (1.25.5 to 1.27.3).
    ///
    /// - Returns: whether the table itself has room now; if not, other tables have taken its place.
    @inline(never)
    func makeRoom(
        _ header: UnsafeMutablePointer<SwissHeader>, _ table: UnsafeMutablePointer<SwissTable>
    ) -> Bool {
        assert(table.pointee.growthLeft == 0, "only a table without room needs some")
        if !own.pointee.isFirst, type.pointee.fastPath != .general { pruneTombstones(table) }
        if table.pointee.growthLeft > 0 { return true }
        if Int(table.pointee.capacity) < SwissTable.capacityLimit {
            grow(header, table)
        } else {
            split(header, table)
        }
        return false
    }

    /// Puts a table of twice the size in a table's place.
    private func grow(
        _ header: UnsafeMutablePointer<SwissHeader>, _ old: UnsafeMutablePointer<SwissTable>
    ) {
        let new = makeTable(
            capacity: 2 * Int(old.pointee.capacity), index: old.pointee.index,
            localDepth: old.pointee.localDepth)
        moveEntries(
            of: old.pointee.groups!, groupCount: old.pointee.groupCount, to: new, new, splitBit: 0)
        install(header, new)
        retire(old)
    }

    /// Puts two tables in a table's place.
    private func split(
        _ header: UnsafeMutablePointer<SwissHeader>, _ old: UnsafeMutablePointer<SwissTable>
    ) {
        let depth = old.pointee.localDepth + 1
        let left = makeTable(capacity: SwissTable.capacityLimit, index: -1, localDepth: depth)
        let right = makeTable(capacity: SwissTable.capacityLimit, index: -1, localDepth: depth)
        moveEntries(
            of: old.pointee.groups!, groupCount: old.pointee.groupCount, to: left, right,
            splitBit: 1 << UInt64(64 - depth))
        if old.pointee.localDepth == header.pointee.globalDepth { doubleDirectory(header) }
        left.pointee.index = old.pointee.index
        install(header, left)
        right.pointee.index = left.pointee.index + 1 << Int(header.pointee.globalDepth - depth)
        install(header, right)
        retire(old)
    }

    /// Lets all of a table's places in the directory point to it.
    private func install(
        _ header: UnsafeMutablePointer<SwissHeader>, _ table: UnsafeMutablePointer<SwissTable>
    ) {
        let places = 1 << Int(header.pointee.globalDepth - table.pointee.localDepth)
        let first = header.pointee.directory! + table.pointee.index * 8
        for place in 0..<places { heap.storePointer(table, at: first + place * 8) }
    }

    /// Marks a table whose entries are in others now. It stays as it is for the iterators that have it.
    private func retire(_ table: UnsafeMutablePointer<SwissTable>) {
        own.pointee.counters.tableCount -= 1
        own.pointee.counters.slotCount -= Int(table.pointee.capacity)
        own.pointee.counters.groupByteCount -=
            Self.heldGroupsByteCount(table.pointee.groupCount, type, heap)
        own.pointee.counters.tombstoneCount -= table.pointee.tombstones
        table.pointee.index = -1
    }

    /// Makes the directory twice as long: what one place pointed to, two do.
    private func doubleDirectory(_ header: UnsafeMutablePointer<SwissHeader>) {
        let directory = heap.allocateArray(
            SwissHeader.directoryElementType, count: 2 * header.pointee.directoryCount)
        for index in 0..<header.pointee.directoryCount {
            let table = header.pointee.table(at: index)
            heap.storePointer(table, at: directory + 16 * index)
            heap.storePointer(table, at: directory + (16 * index + 8))
            // At its first place only: it moves up, so none of its other places is taken for that.
            if table.pointee.index == index { table.pointee.index = 2 * index }
        }
        setDirectory(header, directory, depth: header.pointee.globalDepth + 1)
    }

    // MARK: Moving entries

    /// Copies all entries of some groups to fresh tables.
    ///
    /// - Parameters:
    ///   - left: where entries go whose hash does not have `splitBit`.
    ///   - right: where the others go.
    private func moveEntries(
        of groups: UnsafeMutableRawPointer, groupCount: Int, to left: UnsafeMutablePointer<SwissTable>,
        _ right: UnsafeMutablePointer<SwissTable>, splitBit: UInt64
    ) {
        type.pointee.keyCodec.withKind { moveEntries(of: groups, groupCount, left, right, splitBit, $0) }
    }

    private func moveEntries<Kind: KeyKind>(
        of groups: UnsafeMutableRawPointer, _ groupCount: Int, _ left: UnsafeMutablePointer<SwissTable>,
        _ right: UnsafeMutablePointer<SwissTable>, _ splitBit: UInt64, _: Kind.Type
    ) {
        let codec = Kind.codec
        let type = type
        let groupByteCount = type.pointee.group.byteCount
        let slotByteCount = type.pointee.group.slotByteCount
        let valueOffset = type.pointee.group.valueOffset
        let needsBarrier = heap.isMarking && type.pointee.bucketHasPointers
        let seed = state.pointee.seed
        for index in 0..<groupCount {
            let group = Group(groups + index &* groupByteCount)
            var full = Group.full(group.controls)
            while full != 0 {
                let slot = group.slot(SlotWord.slot(ofLowestMark: full), byteCount: slotByteCount)
                full &= full &- 1
                let key = codec.load(from: slot, type)
                let hash = codec.hash(key, type, seed: seed)
                let table = hash & splitBit == 0 ? left : right
                let place = Self.place(hash: hash, in: table, groupByteCount: groupByteCount)
                let newSlot = place.group.slot(place.index, byteCount: slotByteCount)
                if needsBarrier {
                    copyWithBarrier(slot, newSlot, slot + valueOffset, newSlot + valueOffset)
                } else {
                    copy(slot, to: newSlot, byteCount: slotByteCount)
                }
                place.group.setControl(place.index, Control.h2(hash))
                table.pointee.used &+= 1
                table.pointee.growthLeft &-= 1
            }
        }
    }

    /// The slot for an entry that a fresh table does not have.
    @inline(__always)
    private static func place(
        hash: UInt64, in table: UnsafeMutablePointer<SwissTable>, groupByteCount: Int
    ) -> GroupSlot {
        var probe = Probe(hash: hash, mask: table.pointee.groupMask)
        while true {
            let group = table.pointee.group(probe.offset, byteCount: groupByteCount)
            let free = Group.free(group.controls)
            if free != 0 { return GroupSlot(group: group, index: SlotWord.slot(ofLowestMark: free)) }
            probe.advance()
        }
    }

    // MARK: Tombstones

    /// Turns the tombstones that no search needs into empty slots, if they are enough to be worth it: a tenth of
    /// the table.
    ///
    /// Entries stay where they are, because iterators go by slots. So a group's tombstones can go only all at
    /// once, and only if the search for no entry elsewhere goes past them.
    ///
    /// - Complexity: O(slots), paid for by the inserts that it makes room for.
    private func pruneTombstones(_ table: UnsafeMutablePointer<SwissTable>) {
        let capacity = Int(table.pointee.capacity)
        guard table.pointee.tombstones * 10 >= capacity else { return }
        let needed = groupsPassed(table)
        let groupByteCount = type.pointee.group.byteCount

        var unneeded = 0
        for index in 0...table.pointee.groupMask where !needed.contains(index) {
            unneeded +=
                Self.tombstones(of: table.pointee.group(index, byteCount: groupByteCount))
                .nonzeroBitCount
        }
        guard unneeded * 10 >= capacity else { return }
        for index in 0...table.pointee.groupMask where !needed.contains(index) {
            let group = table.pointee.group(index, byteCount: groupByteCount)
            var tombstones = Self.tombstones(of: group)
            while tombstones != 0 {
                group.setControl(SlotWord.slot(ofLowestMark: tombstones), Control.empty)
                tombstones &= tombstones &- 1
            }
        }
        table.pointee.growthLeft += UInt16(unneeded)
        own.pointee.counters.tombstoneCount -= unneeded
    }

    /// High bits mark the tombstones of a group.
    private static func tombstones(of group: Group) -> UInt64 {
        Group.free(group.controls) & ~Group.empties(group.controls)
    }

    /// The groups of a table that the search for one of its entries goes past.
    private func groupsPassed(_ table: UnsafeMutablePointer<SwissTable>) -> GroupSet {
        var passed = GroupSet()
        let type = type
        for index in 0...table.pointee.groupMask {
            let group = table.pointee.group(index, byteCount: type.pointee.group.byteCount)
            var full = Group.full(group.controls)
            while full != 0 {
                let slot = group.slot(
                    SlotWord.slot(ofLowestMark: full), byteCount: type.pointee.group.slotByteCount)
                full &= full &- 1
                let hash = hash(type.pointee.keyCodec.load(from: slot, type))
                var probe = Probe(hash: hash, mask: table.pointee.groupMask)
                while probe.offset != index {
                    passed.insert(probe.offset)
                    probe.advance()
                }
            }
        }
        return passed
    }
}

/// A set of groups of one table.
private struct GroupSet {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    mutating func insert(_ index: UInt64) {
        if index < 64 { low |= 1 << index } else { high |= 1 << (index - 64) }
    }

    func contains(_ index: UInt64) -> Bool {
        index < 64 ? low >> index & 1 != 0 : high >> (index - 64) & 1 != 0
    }
}
