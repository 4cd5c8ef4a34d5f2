// Deleting: one entry, whose slot becomes empty or a tombstone, and all at once, which keeps the tables.
//
// Sources: internal/runtime/maps/map.go `Delete`, `deleteSmall`, `Clear`; table.go `Delete`, `Clear`.

import GoHeap

extension SwissMap {
    /// The slot's value is cleared, and its key when it holds a pointer.
    @inline(__always)
    func delete(_ key: Datum, hash: UInt64, _ codec: KeyCodec) -> Bool {
        guard let header, header.pointee.count != 0 else { return false }
        let type = type
        if header.pointee.isSmall {
            guard let found = Self.findSmall(key, hash: hash, header, type, codec) else { return false }
            empty(found, type, codec)
            found.group.setControl(found.index, Control.empty)
        } else {
            let table = header.pointee.table(at: header.pointee.directoryIndex(hash: hash))
            let isLarge = header.pointee.globalDepth >= Self.largeDepth
            guard let found = Self.find(key, hash: hash, in: table, type, isLarge: isLarge, codec) else {
                return false
            }
            empty(found, type, codec)
            table.pointee.used &-= 1
            #if PLANTED_MISTAKE
                // Takes every group for one that has room, and loses what searches would find beyond it: the map's fuzzer
                // has to find that (Tests/MapFuzzer).
                let endsSearches = true
            #else
                let endsSearches = Group.empties(found.group.controls) != 0
            #endif
            if endsSearches {
                found.group.setControl(found.index, Control.empty)
                table.pointee.growthLeft &+= 1
            } else {
                found.group.setControl(found.index, Control.tombstone)
                own.pointee.counters.tombstoneCount &+= 1
            }
        }
        header.pointee.count &-= 1
        if header.pointee.count == 0 { reseed() }
        return true
    }

    /// Clears key and value of a slot.
    @inline(__always)
    private func empty(_ place: GroupSlot, _ type: MapTypeRef, _ codec: KeyCodec) {
        let slot = place.group.slot(place.index, byteCount: type.pointee.group.slotByteCount)
        codec.clear(slot, of: self)
        type.pointee.valueCodec.clear(slot + type.pointee.group.valueOffset, of: self)
    }

    /// `clear(m)`, which Go also makes of a loop that deletes every key: every table stays and is cleared.
    ///
    /// A map without entries is cleared of its tombstones, but not in Go 1.24.
    ///
    /// - Complexity: O(bytes of the groups).
    func clear() {
        guard let header else { return }
        let hasTombstones = own.pointee.counters.tombstoneCount != 0 && !own.pointee.isFirst
        guard header.pointee.count != 0 || hasTombstones else { return }
        if header.pointee.isSmall {
            clearGroups(Self.smallGroup(header).address, count: 1)
        } else {
            Self.forEachTable(header) { table in
                clearGroups(table.pointee.groups!, count: table.pointee.groupCount)
                table.pointee.used = 0
                table.pointee.growthLeft = UInt16(
                    SwissTable.growthLimit(capacity: Int(table.pointee.capacity)))
            }
        }
        header.pointee.count = 0
        own.pointee.counters.tombstoneCount = 0
        reseed()
    }

    /// Empties consecutive groups. One without entries holds nothing that would have to be cleared.
    private func clearGroups(_ groups: UnsafeMutableRawPointer, count: Int) {
        let layout = type.pointee.group
        for index in 0..<count {
            let group = Group(groups + index &* layout.byteCount)
            if Group.full(group.controls) != 0 { heap.clearTyped(layout.objectType, at: group.address) }
            group.controls = Group.allEmpty
        }
    }

    /// Calls `body` for every table, in the order of the directory.
    ///
    /// - Parameter header: of a map that has a directory.
    static func forEachTable(
        _ header: UnsafeMutablePointer<SwissHeader>, _ body: (UnsafeMutablePointer<SwissTable>) -> Void
    ) {
        var index = 0
        while index < header.pointee.directoryCount {
            let table = header.pointee.table(at: index)
            body(table)
            index += 1 << Int(header.pointee.globalDepth - table.pointee.localDepth)
        }
    }
}
