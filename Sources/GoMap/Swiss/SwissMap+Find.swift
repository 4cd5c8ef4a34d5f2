// Finding a key: choosing its table and group, and comparing slots.
//
// Sources: internal/runtime/maps/map.go `getWithoutKey`, table.go `getWithoutKey`, and runtime_fast….go.

import CPrefetch
import GoHeap

extension SwissMap {
    /// Compares the slots of one group.
    ///
    /// - Returns: the index of the slot that holds `key`; -1 when none does.
    @inline(__always)
    static func index(
        of key: Datum, h2: UInt8, in group: Group, controls: UInt64, _ type: MapTypeRef, _ codec: KeyCodec
    ) -> Int {
        var candidates = Group.candidates(controls, h2: h2)
        while candidates != 0 {
            let index = SlotWord.slot(ofLowestMark: candidates)
            let slot = group.slot(index, byteCount: type.pointee.group.slotByteCount)
            if codec.slot(slot, holds: key, type) { return index }
            candidates &= candidates &- 1
        }
        return -1
    }

    /// Searches one table.
    ///
    /// PERF: nearly every search ends in its first group; the loop over further ones, with all the registers that it
    /// needs, is apart.
    ///
    /// - Returns: the slot that holds `key`, nil when none does.
    @inline(__always)
    static func find(
        _ key: Datum, hash: UInt64, in table: UnsafeMutablePointer<SwissTable>, _ type: MapTypeRef,
        isLarge: Bool, _ codec: KeyCodec
    ) -> GroupSlot? {
        let group = firstGroup(hash: hash, table, type)
        if isLarge { prefetchRest(of: group, codec) }
        let controls = group.controls
        let index = index(of: key, h2: Control.h2(hash), in: group, controls: controls, type, codec)
        if index >= 0 { return GroupSlot(group: group, index: index) }
        if Group.empties(controls) != 0 { return nil }
        return findInLaterGroups(key, hash: hash, in: table, type)
    }

    /// The group of a table that a search for a hash begins with.
    @inline(__always)
    static func firstGroup(
        hash: UInt64, _ table: UnsafeMutablePointer<SwissTable>, _ type: MapTypeRef
    ) -> Group {
        table.pointee.group(
            Control.h1(hash) & table.pointee.groupMask, byteCount: type.pointee.group.byteCount)
    }

    /// Searches a table whose first group for this hash is full and does not hold `key`.
    @inline(never)
    private static func findInLaterGroups(
        _ key: Datum, hash: UInt64, in table: UnsafeMutablePointer<SwissTable>, _ type: MapTypeRef
    ) -> GroupSlot? {
        let codec = type.pointee.keyCodec
        var probe = Probe(hash: hash, mask: table.pointee.groupMask)
        while true {
            probe.advance()
            let group = table.pointee.group(probe.offset, byteCount: type.pointee.group.byteCount)
            let controls = group.controls
            let index = index(of: key, h2: Control.h2(hash), in: group, controls: controls, type, codec)
            if index >= 0 { return GroupSlot(group: group, index: index) }
            if Group.empties(controls) != 0 { return nil }
        }
    }

    /// Searches a small map.
    ///
    /// - Parameter header: of a map that has its group.
    @inline(__always)
    static func findSmall(
        _ key: Datum, hash: UInt64, _ header: UnsafeMutablePointer<SwissHeader>, _ type: MapTypeRef,
        _ codec: KeyCodec
    ) -> GroupSlot? {
        let group = smallGroup(header)
        let index = index(
            of: key, h2: Control.h2(hash), in: group, controls: group.controls, type, codec)
        return index >= 0 ? GroupSlot(group: group, index: index) : nil
    }

    /// Searches a map.
    ///
    /// - Parameter header: of a map that has its group or tables.
    static func find(
        _ key: Datum, hash: UInt64, _ header: UnsafeMutablePointer<SwissHeader>, _ type: MapTypeRef,
        _ codec: KeyCodec
    ) -> GroupSlot? {
        if header.pointee.isSmall { return findSmall(key, hash: hash, header, type, codec) }
        let table = header.pointee.table(at: header.pointee.directoryIndex(hash: hash))
        return find(
            key, hash: hash, in: table, type, isLarge: header.pointee.globalDepth >= largeDepth, codec)
    }

    /// The address of the value in a slot: there, or apart when it is indirect.
    @inline(__always)
    static func value(at slot: GroupSlot, _ type: MapTypeRef) -> UnsafeMutableRawPointer {
        let place = slot.address(type) + type.pointee.group.valueOffset
        guard type.pointee.hasIndirectValue else { return place }
        // SAFETY: an entry's indirect value is allocated when the entry is made.
        return place.load(as: UnsafeMutableRawPointer?.self).unsafelyUnwrapped
    }

    @inline(__always)
    func access(_ key: Datum, hash: UInt64, _ codec: KeyCodec) -> UnsafeMutableRawPointer? {
        guard let header, header.pointee.directory != nil else { return nil }
        let type = type
        if header.pointee.isSmall {
            guard let found = Self.findSmall(key, hash: hash, header, type, codec) else { return nil }
            return Self.value(at: found, type)
        }
        let table = header.pointee.table(at: header.pointee.directoryIndex(hash: hash))
        let group = Self.firstGroup(hash: hash, table, type)
        if header.pointee.globalDepth >= Self.largeDepth { Self.prefetchRest(of: group, codec) }
        let controls = group.controls
        let index = Self.index(of: key, h2: Control.h2(hash), in: group, controls: controls, type, codec)
        if index >= 0 { return Self.value(at: GroupSlot(group: group, index: index), type) }
        if Group.empties(controls) != 0 { return nil }
        return Self.accessInLaterGroups(key, hash: hash, in: table, type)
    }

    /// `access` in a table whose first group for this hash is full and does not hold `key`.
    ///
    /// PERF: called last, so that nothing has to be kept for it.
    @inline(never)
    private static func accessInLaterGroups(
        _ key: Datum, hash: UInt64, in table: UnsafeMutablePointer<SwissTable>, _ type: MapTypeRef
    ) -> UnsafeMutableRawPointer? {
        findInLaterGroups(key, hash: hash, in: table, type).map { value(at: $0, type) }
    }

    // MARK: Prefetching

    /// From this depth on, a map is taken to be outside the second-level cache: 32 tables of 1,024 slots of 16
    /// bytes are 560 kB.
    static let largeDepth: UInt8 = 5

    @inline(__always)
    var isLarge: Bool {
        header.map { $0.pointee.globalDepth >= Self.largeDepth } ?? false
    }

    /// The group that a search for a hash begins with; nil when the map has none.
    @inline(__always)
    private func firstGroup(hash: UInt64) -> Group? {
        guard let header, header.pointee.directory != nil else { return nil }
        if header.pointee.isSmall { return Self.smallGroup(header) }
        let table = header.pointee.table(at: header.pointee.directoryIndex(hash: hash))
        return Self.firstGroup(hash: hash, table, type)
    }

    @inline(__always)
    func prefetch(hash: UInt64) {
        guard let group = firstGroup(hash: hash) else { return }
        husk_prefetch(group.address)
        Self.prefetchRest(of: group, type.pointee.keyCodec)
    }

    @inline(__always)
    func prefetchBytes(hash: UInt64) {
        guard let group = firstGroup(hash: hash) else { return }
        let candidates = Group.candidates(group.controls, h2: Control.h2(hash))
        guard candidates != 0 else { return }
        let type = type
        let slot = group.slot(SlotWord.slot(ofLowestMark: candidates), byteCount: type.pointee.group.slotByteCount)
        type.prefetchBytes(slot, slot + type.pointee.group.valueOffset)
    }

    /// Starts to bring in the lines of a group after its first, as many as groups with such keys usually have.
    ///
    /// PERF: the control word says which slot to compare: two cache misses in a row. Asked for first, they are at once.
    @inline(__always)
    static func prefetchRest(of group: Group, _ codec: KeyCodec) {
        husk_prefetch(group.address + 64)
        husk_prefetch(group.address + 128)
        switch codec {
        case .word32, .word64, .indirectBytes: break
        case .string, .bytes: husk_prefetch(group.address + 192)
        }
    }
}
