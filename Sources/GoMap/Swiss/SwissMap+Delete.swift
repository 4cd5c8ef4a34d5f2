// Deleting: one entry, whose slot becomes empty or a tombstone, and all at once, which keeps the tables.
//
// Sources: internal/runtime/maps/map.go `Delete`, `deleteSmall`, `Clear`; table.go `Delete`, `Clear`.

import GoHeap

extension SwissMap {
    /// `delete(m, key)`.
    ///
    /// The slot's value is cleared, and its key when it holds a pointer.
    ///
    /// - Returns: whether the map had the key.
    @inline(__always)
    func delete(_ key: Datum, hash: UInt64, _ keyClass: KeyClass) -> Bool {
        guard let header = state.pointee.swissHeader, header.pointee.count != 0 else { return false }
        let type = type
        if header.pointee.isSmall {
            guard let found = Self.findSmall(key, hash: hash, header, type, keyClass) else { return false }
            empty(found, type, keyClass)
            found.group.setControl(found.index, Control.empty)
        } else {
            let table = header.pointee.table(at: header.pointee.directoryIndex(hash: hash))
            let isLarge = header.pointee.globalDepth >= Self.largeDepth
            guard let found = Self.find(key, hash: hash, in: table, type, isLarge: isLarge, keyClass) else {
                return false
            }
            empty(found, type, keyClass)
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
                state.pointee.swissCounters.tombstoneCount &+= 1
            }
        }
        header.pointee.count &-= 1
        if header.pointee.count == 0 {
            // Whoever looks for colliding keys has to begin again.
            reseed(header)
        }
        return true
    }

    /// Clears key and value of a slot.
    @inline(__always)
    private func empty(_ place: GroupSlot, _ type: MapTypeRef, _ keyClass: KeyClass) {
        let slot = place.group.slot(place.index, byteCount: type.pointee.group.slotByteCount)
        clearKey(in: slot, keyClass)
        clearValue(in: slot + type.pointee.group.valueOffset)
    }

    /// `clear(m)`, which Go also makes of a loop that deletes every key: every table stays and is cleared.
    ///
    /// A map without entries is cleared of its tombstones, but not in Go 1.24.
    ///
    /// - Complexity: O(bytes of the groups).
    func clear() {
        guard let header = state.pointee.swissHeader else { return }
        let hasTombstones = state.pointee.swissCounters.tombstoneCount != 0 && !state.pointee.hasFirstSwissMap
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
        state.pointee.swissCounters.tombstoneCount = 0
        reseed(header)
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
