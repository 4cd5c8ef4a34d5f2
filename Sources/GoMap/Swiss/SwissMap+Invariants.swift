// Everything that must hold of a swiss map between two operations. Each check traps with what is wrong.

import GoHeap

extension SwissMap {
    /// What the tables of a map have together.
    private struct Found {
        var entries = 0
        var counters = SwissState.Counters()
    }

    func checkInvariants() {
        guard let header else {
            precondition(own.pointee.counters == SwissState.Counters(), "a nil map has nothing")
            return
        }
        check(isObject: header, "the header")
        precondition(state.pointee.seed == header.pointee.seed, "the cached seed is the header's")
        let found = header.pointee.isSmall ? checkSmall(header) : checkDirectory(header)
        precondition(
            found.entries == header.pointee.count,
            "the header counts \(header.pointee.count), found \(found.entries)")
        precondition(
            found.counters == own.pointee.counters,
            "counted \(own.pointee.counters), found \(found.counters)")
    }

    private func checkSmall(_ header: UnsafeMutablePointer<SwissHeader>) -> Found {
        var found = Found()
        precondition(header.pointee.globalDepth == 0, "a small map has no directory")
        guard let address = header.pointee.directory else { return found }
        check(isObject: address, "the group")
        let group = Group(address)
        found.counters.slotCount = Group.slotCount
        found.counters.groupByteCount = Self.heldGroupsByteCount(1, type, heap)
        var keys: [UnsafeMutableRawPointer] = []
        for index in 0..<Group.slotCount {
            let control = self.control(of: group, index)
            precondition(control != Control.tombstone, "a small map has no tombstones")
            guard control != Control.empty else { continue }
            checkEntry(GroupSlot(group: group, index: index))
            keys.append(keySlot(GroupSlot(group: group, index: index)))
        }
        checkDistinct(keys)
        found.entries = keys.count
        return found
    }

    private func checkDirectory(_ header: UnsafeMutablePointer<SwissHeader>) -> Found {
        var found = Found()
        let depth = header.pointee.globalDepth
        precondition(
            header.pointee.directoryCount == 1 << Int(depth), "a directory of depth d has 2^d places")
        precondition(header.pointee.globalShift == 64 - depth, "the shift follows from the depth")
        check(isObject: header.pointee.directory!, "the directory")
        var index = 0
        while index < header.pointee.directoryCount {
            let table = header.pointee.table(at: index)
            check(isObject: table, "a table")
            precondition(table.pointee.index == index, "a table knows its first place")
            precondition(table.pointee.localDepth <= depth, "a table has at least one place")
            let places = 1 << Int(depth - table.pointee.localDepth)
            precondition(index % places == 0, "a table's places begin at a multiple of their number")
            for place in 0..<places {
                precondition(header.pointee.table(at: index + place) == table, "all of its places lead to it")
            }
            checkTable(table, &found)
            index += places
        }
        return found
    }

    private func checkTable(_ table: UnsafeMutablePointer<SwissTable>, _ found: inout Found) {
        let capacity = Int(table.pointee.capacity)
        let groupByteCount = type.pointee.group.byteCount
        precondition(
            capacity.nonzeroBitCount == 1 && capacity >= 16 && capacity <= SwissTable.capacityLimit,
            "a table has 16 to 1,024 slots, a power of two")
        precondition(table.pointee.groupCount * Group.slotCount == capacity, "groups have 8 slots")
        precondition(table.pointee.localDepth == 0 || table.pointee.index >= 0, "a live table is not stale")
        check(isObject: table.pointee.groups!, "the groups")

        var used = 0
        var tombstones = 0
        var empty = 0
        for groupIndex in 0...table.pointee.groupMask {
            let group = table.pointee.group(groupIndex, byteCount: groupByteCount)
            let usedBefore = used
            var tombstonesHere = 0
            for index in 0..<Group.slotCount {
                switch control(of: group, index) {
                case Control.empty: empty += 1
                case Control.tombstone: tombstonesHere += 1
                default:
                    used += 1
                    checkEntry(GroupSlot(group: group, index: index), group: groupIndex, in: table)
                }
            }
            tombstones += tombstonesHere
            precondition(
                tombstonesHere == 0 || used - usedBefore + tombstonesHere == Group.slotCount,
                "tombstones are where no slot is empty")
        }
        precondition(used == Int(table.pointee.used), "a table counts its entries")
        precondition(
            tombstones == table.pointee.tombstones, "growthLeft is what entries and tombstones leave")
        precondition(empty > 0, "an empty slot ends every search")
        found.entries += used
        found.counters.tableCount += 1
        found.counters.slotCount += capacity
        found.counters.groupByteCount += Self.heldGroupsByteCount(table.pointee.groupCount, type, heap)
        found.counters.tombstoneCount += tombstones
    }

    /// Checks an entry, and that a search in its table leads to it: so no other slot has its key before it, and as
    /// that holds for every entry, none has it at all.
    private func checkEntry(
        _ entry: GroupSlot, group groupIndex: UInt64, in table: UnsafeMutablePointer<SwissTable>
    ) {
        checkEntry(entry)
        let key = type.pointee.keyCodec.load(from: keySlot(entry), type)
        let hash = hash(key)
        let depth = table.pointee.localDepth
        let places = header!.pointee.globalDepth - depth
        precondition(
            header!.pointee.directoryIndex(hash: hash) >> Int(places)
                == table.pointee.index >> Int(places), "an entry is in the table of its hash")
        guard
            let reached = Self.find(key, hash: hash, in: table, type, isLarge: false, type.pointee.keyCodec)
        else { preconditionFailure("an entry in group \(groupIndex) is not found") }
        precondition(
            reached.group.address == entry.group.address && reached.index == entry.index,
            "a key is there once")
    }

    private func checkEntry(_ entry: GroupSlot) {
        let key = type.pointee.keyCodec.load(from: keySlot(entry), type)
        precondition(
            control(of: entry.group, entry.index) == Control.h2(hash(key)), "a control byte is its hash's")
        checkEntry(key, value: Self.value(at: entry, type))
    }

    private func checkDistinct(_ keys: [UnsafeMutableRawPointer]) {
        let codec = type.pointee.keyCodec
        for (index, slot) in keys.enumerated() {
            let key = codec.load(from: slot, type)
            for other in keys[..<index] {
                precondition(!codec.slot(other, holds: key, type), "a key is there once")
            }
        }
    }

    private func control(of group: Group, _ index: Int) -> UInt8 {
        let control = UInt8(truncatingIfNeeded: group.controls >> UInt64(index * 8))
        precondition(
            control < 0x80 || control == Control.empty || control == Control.tombstone,
            "a control byte is one of three")
        return control
    }

    private func keySlot(_ entry: GroupSlot) -> UnsafeMutableRawPointer {
        entry.group.slot(entry.index, byteCount: type.pointee.group.slotByteCount)
    }
}
