// Going over a map's entries while it changes.
//
// The order is: from a random table on, round through the directory; in each table from a random group on; in
// each group from a random slot on. Entries never move within their table, so a position in that order stays
// good for as long as the table does. Two things can happen:
//
//     The table that the iteration is in       It stays in the old one, which nobody changes any more, for the keys;
//     grows or splits.                         each is looked up in the map: it may have been deleted or updated
//                                              since. Then it skips all places of the directory that the old table had.
//     The directory doubles.                   The place in it doubles.
//
// A small map's group is to it what such a table is. Once a map has been empty, which its seed tells, nothing
// that an old table has is in it as the same entry.
//
// Sources: internal/runtime/maps/table.go `Iter`.

import GoHeap

/// What an iterator keeps outside the heap (Go: `Iter`).
struct SwissIteration: MapIteration {
    // The roots.
    var key: UnsafeMutableRawPointer?
    var value: UnsafeMutableRawPointer?
    var header: UnsafeMutablePointer<SwissHeader>?
    /// The current table; nil before the first one, and for a map that was small when the iteration began.
    var table: UnsafeMutablePointer<SwissTable>?
    /// The current group; nil before a table's first one.
    var group: UnsafeMutableRawPointer?

    static let rootCount = 5

    let type: MapTypeRef
    let heap: Heap
    /// The map's when the iteration began.
    var seed: UInt64 = 0
    /// How many of the directory's places are done, and which comes first.
    var doneDirectoryCount = 0
    var directoryStart: UInt64 = 0
    /// What these two are meant for.
    var globalDepth: UInt8 = 0
    /// How many groups of the current table are done or being done, and which comes first.
    var begunGroupCount: UInt64 = 0
    var groupStart: UInt64 = 0
    var slots = SlotCursor()

    init(type: MapTypeRef, heap: Heap) {
        self.type = type
        self.heap = heap
    }
}

extension SwissMap {
    func begin(_ iteration: UnsafeMutablePointer<SwissIteration>) {
        guard let header, header.pointee.count != 0 else { return }
        iteration.pointee.header = header
        iteration.pointee.seed = header.pointee.seed
        let random = state.pointee.random.next()
        iteration.pointee.slots.first = Int(truncatingIfNeeded: random & 7)
        iteration.pointee.groupStart = random &>> 3
        iteration.pointee.directoryStart = random &>> 10
        iteration.pointee.globalDepth = header.pointee.globalDepth
        if header.pointee.isSmall { iteration.pointee.group = header.pointee.directory }
    }
}

extension SwissIteration {
    @inline(__always)
    var plainPlace: UnsafeMutableRawPointer? {
        guard let group, let table, !table.pointee.isStale, Group(group).controls == slots.word else {
            return nil
        }
        return group
    }

    @inline(__always)
    func entry(_ slot: Int, of place: UnsafeMutableRawPointer) -> MapEntry {
        let key = Group(place).slot(slot, byteCount: type.pointee.group.slotByteCount)
        return MapEntry(key: key, value: key + type.pointee.group.valueOffset)
    }

    @inline(never)
    static func advanceUnmarked(_ iteration: UnsafeMutablePointer<SwissIteration>) {
        guard let header = iteration.pointee.header else { return }
        let type = iteration.pointee.type
        let isPlainType = !type.pointee.hasIndirectKey && !type.pointee.hasIndirectValue
        while true {
            if let address = iteration.pointee.group {
                let group = Group(address)
                let controls = group.controls
                var left = iteration.pointee.slots.remaining(
                    of: Group.full(controls), doneCount: iteration.pointee.slots.doneCount)
                let isPlain = isPlainType && iteration.pointee.table.map { !$0.pointee.isStale } ?? false
                iteration.pointee.slots.left = isPlain ? left : 0
                if isPlain, left != 0 {
                    iteration.pointee.slots.word = controls
                    return takeMarked(iteration, address)
                }
                while left != 0 {
                    let position = SlotWord.slot(ofLowestMark: left)
                    left &= left &- 1
                    let index = iteration.pointee.slots.slot(at: position)
                    if take(iteration, header, type, GroupSlot(group: group, index: index)) {
                        iteration.pointee.slots.doneCount = position &+ 1
                        return
                    }
                }
            }
            guard nextGroup(iteration, header, type) else { return end(iteration) }
        }
    }

    /// Goes to the next group, if need be of the next table.
    ///
    /// - Returns: whether there is one.
    private static func nextGroup(
        _ iteration: UnsafeMutablePointer<SwissIteration>, _ header: UnsafeMutablePointer<SwissHeader>,
        _ type: MapTypeRef
    ) -> Bool {
        if iteration.pointee.group != nil, iteration.pointee.table == nil {
            // It was a small map: stay here when asked again.
            iteration.pointee.slots.doneCount = Group.slotCount
            return false
        }
        if iteration.pointee.table == nil
            || iteration.pointee.begunGroupCount > iteration.pointee.table!.pointee.groupMask
            || isOutdated(iteration, header)
        {
            guard nextTable(iteration, header) else { return false }
        }
        // SAFETY: `nextTable` sets it.
        let table = iteration.pointee.table.unsafelyUnwrapped
        let index =
            (iteration.pointee.begunGroupCount &+ iteration.pointee.groupStart) & table.pointee.groupMask
        iteration.pointee.begunGroupCount &+= 1
        iteration.pointee.slots.doneCount = 0
        iteration.pointee.group = table.pointee.group(index, byteCount: type.pointee.group.byteCount).address
        return true
    }

    /// Goes to the next table of the directory.
    ///
    /// - Returns: whether there is one.
    private static func nextTable(
        _ iteration: UnsafeMutablePointer<SwissIteration>, _ header: UnsafeMutablePointer<SwissHeader>
    ) -> Bool {
        let growth = header.pointee.globalDepth &- iteration.pointee.globalDepth
        iteration.pointee.doneDirectoryCount <<= Int(growth)
        iteration.pointee.directoryStart <<= UInt64(growth)
        iteration.pointee.globalDepth = header.pointee.globalDepth
        if let table = iteration.pointee.table {
            // Also of a table that others have replaced: all places that it had.
            iteration.pointee.doneDirectoryCount +=
                1 << Int(header.pointee.globalDepth &- table.pointee.localDepth)
            iteration.pointee.table = nil
            iteration.pointee.group = nil
        }
        let done = iteration.pointee.doneDirectoryCount
        guard done < header.pointee.directoryCount else { return false }
        let mask = UInt64(header.pointee.directoryCount &- 1)
        let place = Int(truncatingIfNeeded: (iteration.pointee.directoryStart &+ UInt64(done)) & mask)
        let table = header.pointee.table(at: place)
        // The first place is drawn from all, and may be in the middle of a table's places: begin with its first.
        iteration.pointee.directoryStart &-= UInt64(place &- table.pointee.index)
        iteration.pointee.table = table
        iteration.pointee.begunGroupCount = 0
        return true
    }

    /// Whether what the iteration goes over has been replaced, and the map been empty since it began: then no entry
    /// of it is left.
    @inline(__always)
    private static func isOutdated(
        _ iteration: UnsafeMutablePointer<SwissIteration>, _ header: UnsafeMutablePointer<SwissHeader>
    ) -> Bool {
        isReplaced(iteration, header) && iteration.pointee.seed != header.pointee.seed
    }

    /// Whether what the iteration goes over is no longer part of the map.
    @inline(__always)
    private static func isReplaced(
        _ iteration: UnsafeMutablePointer<SwissIteration>, _ header: UnsafeMutablePointer<SwissHeader>
    ) -> Bool {
        if let table = iteration.pointee.table { return table.pointee.isStale }
        return !header.pointee.isSmall
    }

    /// Makes the entry in a slot the current one, unless it has been deleted since the slot was replaced.
    @inline(__always)
    private static func take(
        _ iteration: UnsafeMutablePointer<SwissIteration>, _ header: UnsafeMutablePointer<SwissHeader>,
        _ type: MapTypeRef, _ slot: GroupSlot
    ) -> Bool {
        var place = slot
        if isReplaced(iteration, header) {
            guard iteration.pointee.seed == header.pointee.seed, let moved = relocated(slot, header, type)
            else { return false }
            place = moved
        }
        let key = place.group.slot(place.index, byteCount: type.pointee.group.slotByteCount)
        iteration.pointee.key =
            type.pointee.hasIndirectKey ? key.load(as: UnsafeMutableRawPointer?.self) : key
        iteration.pointee.value = SwissMap.value(at: place, type)
        return true
    }

    /// Where the entry of a replaced table is now; nil when its key is no longer in the map.
    @inline(never)
    private static func relocated(
        _ slot: GroupSlot, _ header: UnsafeMutablePointer<SwissHeader>, _ type: MapTypeRef
    ) -> GroupSlot? {
        guard header.pointee.count != 0 else { return nil }
        let codec = type.pointee.keyCodec
        let keySlot = slot.group.slot(slot.index, byteCount: type.pointee.group.slotByteCount)
        let key = codec.load(from: keySlot, type)
        let hash = codec.hash(key, type, seed: header.pointee.seed)
        return SwissMap.find(key, hash: hash, header, type, codec)
    }
}
