// Inserting and updating.
//
// Sources: internal/runtime/maps/map.go `PutSlot`, `putSlotSmall`; table.go `PutSlot`; runtime_fast….go.

import GoHeap

extension SwissMap {
    /// `MapCode.assign`.
    ///
    /// PERF: of a table, here only the usual case, a first group that has an empty slot, or the key as the first with
    /// its H2; everything else is out of line, called last, and the usual case saves few registers. An update of one in
    /// 1M integers took 62 ns with a loop over all that have the H2, and takes 56 without.
    @inline(__always)
    func assign(
        _ key: Datum, hash: UInt64, _ codec: KeyCodec
    ) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        guard let header else {
            preconditionFailure("assignment to an entry of a nil map")
        }
        if header.pointee.isSmall { return assignSmall(key, hash: hash, header) }
        let type = type
        let table = header.pointee.table(at: header.pointee.directoryIndex(hash: hash))
        let group = Self.firstGroup(hash: hash, table, type)
        if header.pointee.globalDepth >= Self.largeDepth { Self.prefetchRest(of: group, codec) }
        let controls = group.controls
        let h2 = Control.h2(hash)
        let candidates = Group.candidates(controls, h2: h2)
        if candidates != 0 {
            let first = GroupSlot(group: group, index: SlotWord.slot(ofLowestMark: candidates))
            guard codec.slot(first.address(type), holds: key, type) else {
                return assignInAnyGroup(key, hash: hash, header)
            }
            return (update(first, with: key, codec), false)
        }
        let empties = Group.empties(controls)
        guard empties != 0, table.pointee.growthLeft != 0 else {
            return assignInAnyGroup(key, hash: hash, header)
        }
        table.pointee.growthLeft &-= 1
        table.pointee.used &+= 1
        let slot = GroupSlot(group: group, index: SlotWord.slot(ofLowestMark: empties))
        return (fill(slot, with: key, h2: h2, header, codec), true)
    }

    /// The same for keys whose first group does not decide, and tables that have no room: it searches on, and makes the
    /// table grow. Some one in 20 keys.
    @inline(never)
    private func assignInAnyGroup(
        _ key: Datum, hash: UInt64, _ header: UnsafeMutablePointer<SwissHeader>
    ) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        let type = type
        let codec = type.pointee.keyCodec
        let h2 = Control.h2(hash)
        while true {
            let table = header.pointee.table(at: header.pointee.directoryIndex(hash: hash))
            var probe = Probe(hash: hash, mask: table.pointee.groupMask)
            var tombstone: GroupSlot?
            while true {
                let group = table.pointee.group(probe.offset, byteCount: type.pointee.group.byteCount)
                let controls = group.controls
                let index = Self.index(of: key, h2: h2, in: group, controls: controls, type, codec)
                if index >= 0 {
                    return (update(GroupSlot(group: group, index: index), with: key, codec), false)
                }
                let empties = Group.empties(controls)
                if empties == 0 {
                    // A full group: what is free in it are tombstones.
                    let free = Group.free(controls)
                    if free != 0, tombstone == nil {
                        tombstone = GroupSlot(group: group, index: SlotWord.slot(ofLowestMark: free))
                    }
                    probe.advance()
                    continue
                }
                if let tombstone {
                    own.pointee.counters.tombstoneCount &-= 1
                    table.pointee.used &+= 1
                    return (fill(tombstone, with: key, h2: h2, header, codec), true)
                }
                // If not, other tables have taken this one's place.
                guard table.pointee.growthLeft != 0 || makeRoom(header, table) else { break }
                table.pointee.growthLeft &-= 1
                table.pointee.used &+= 1
                let slot = GroupSlot(group: group, index: SlotWord.slot(ofLowestMark: empties))
                return (fill(slot, with: key, h2: h2, header, codec), true)
            }
        }
    }

    /// The same in a small map, which the entry may make one of a table.
    @inline(never)
    private func assignSmall(
        _ key: Datum, hash: UInt64, _ header: UnsafeMutablePointer<SwissHeader>
    ) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        if let done = assignToSmallGroup(key, hash: hash, header, type.pointee.keyCodec) { return done }
        growToTable(header)
        return assignInAnyGroup(key, hash: hash, header)
    }

    /// - Returns: nil when the entry needs a table.
    @inline(__always)
    private func assignToSmallGroup(
        _ key: Datum, hash: UInt64, _ header: UnsafeMutablePointer<SwissHeader>, _ codec: KeyCodec
    ) -> (slot: UnsafeMutableRawPointer, inserted: Bool)? {
        if header.pointee.directory == nil { makeSmallGroup(header) }
        let group = Self.smallGroup(header)
        let controls = group.controls
        let free = Group.free(controls)
        // Go 1.24 does not look whether the key is there.
        if free == 0, own.pointee.isFirst { return nil }
        let h2 = Control.h2(hash)
        let index = Self.index(of: key, h2: h2, in: group, controls: controls, type, codec)
        if index >= 0 { return (update(GroupSlot(group: group, index: index), with: key, codec), false) }
        guard free != 0 else { return nil }
        let slot = GroupSlot(group: group, index: SlotWord.slot(ofLowestMark: free))
        return (fill(slot, with: key, h2: h2, header, codec), true)
    }

    /// The entry of a key that is there already.
    ///
    /// - Returns: where the value is to be stored.
    @inline(__always)
    private func update(
        _ place: GroupSlot, with key: Datum, _ codec: KeyCodec
    ) -> UnsafeMutableRawPointer {
        let slot = place.group.slot(place.index, byteCount: type.pointee.group.slotByteCount)
        codec.replace(with: key, in: slot, of: self)
        return Self.value(at: place, type)
    }

    /// Puts a new entry into a free slot.
    ///
    /// - Returns: where the value is to be stored.
    @inline(__always)
    private func fill(
        _ place: GroupSlot, with key: Datum, h2: UInt8, _ header: UnsafeMutablePointer<SwissHeader>,
        _ codec: KeyCodec
    ) -> UnsafeMutableRawPointer {
        let type = type
        let slot = place.group.slot(place.index, byteCount: type.pointee.group.slotByteCount)
        codec.store(key, in: slot, of: self)
        let value = slot + type.pointee.group.valueOffset
        place.group.setControl(place.index, h2)
        header.pointee.count &+= 1
        // PERF: last, so that nothing has to be kept for the call.
        return type.pointee.hasIndirectValue ? makeIndirectValue(in: value) : value
    }
}
