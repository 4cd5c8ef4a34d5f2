// What a picture of a map shows, whatever its layout: rows of slots, each with its mark.
//
//     section    bucket layout: the array, then the array that is being evacuated; swiss layout: each table
//     row        a chain (a bucket and its overflow buckets), or a group
//     bucket     eight slots: of a chain, or the whole of a group
//
// A map of millions of rows is read a few rows at a time, by a `MapReader` (MapReader.swift), and may change in between.
//
// Lock: none here, as for `GoMap`.

import GoHeap

/// What a slot holds.
package enum SlotMark: Sendable {
    case full
    /// Empty. In a chain, so is everything after it.
    case empty
    /// Empty since a delete, where searches must go on: `emptyOne` in a bucket, a tombstone in a group.
    case deleted
    /// Its entry is in the new array.
    case evacuated
    /// Was empty when its bucket was evacuated.
    case evacuatedEmpty
}

/// The marks of one bucket or group: which slots have each, slot 0 the low bit. The others are empty.
package struct SlotMarks: Equatable, Sendable {
    package private(set) var full: UInt8 = 0
    package private(set) var deleted: UInt8 = 0
    package private(set) var evacuated: UInt8 = 0
    package private(set) var evacuatedEmpty: UInt8 = 0

    init(_ bucket: Bucket) {
        for slot in 0..<Bucket.slotCount {
            let bit: UInt8 = 1 << UInt8(slot)
            switch bucket.tophash(slot) {
            case Tophash.emptyRest: break
            case Tophash.emptyOne: deleted |= bit
            case Tophash.evacuatedX, Tophash.evacuatedY: evacuated |= bit
            case Tophash.evacuatedEmpty: evacuatedEmpty |= bit
            default: full |= bit
            }
        }
    }

    init(_ group: Group) {
        let controls = group.controls
        for slot in 0..<Group.slotCount {
            let bit: UInt8 = 1 << UInt8(slot)
            switch UInt8(truncatingIfNeeded: controls >> UInt64(slot * 8)) {
            case Control.empty: break
            case Control.tombstone: deleted |= bit
            default: full |= bit
            }
        }
    }

    package subscript(slot: Int) -> SlotMark {
        let bit: UInt8 = 1 << UInt8(slot)
        if full & bit != 0 { return .full }
        if deleted & bit != 0 { return .deleted }
        if evacuated & bit != 0 { return .evacuated }
        return evacuatedEmpty & bit != 0 ? .evacuatedEmpty : .empty
    }

    /// Whether the chain of this bucket has been evacuated.
    package var isEvacuated: Bool { evacuated | evacuatedEmpty != 0 }
}

/// Which rows belong together.
package enum MapSection: Equatable, Sendable {
    /// The array of a map of the bucket layout.
    case array
    /// The array that it is growing out of.
    case oldArray
    /// The one group of a small map of the swiss layout.
    case group
    /// A table of a larger one: which of the map's, from 0, and the directory's pointers that lead to it.
    case table(number: Int, localDepth: Int, directory: Range<Int>)
}

/// One chain or group, while a reader is at it.
package struct MapRow {
    /// What the row is in memory.
    enum Place {
        case chain(Bucket, MapTypeRef)
        case group(Group)
    }

    package let section: MapSection
    /// Which row of its section, from 0.
    package let index: Int
    let place: Place

    /// Goes over the bucket and its overflow buckets, or the one group.
    package func forEachBucket(_ body: (SlotMarks) -> Void) {
        switch place {
        case .group(let group): body(SlotMarks(group))
        case .chain(let first, let type):
            var next: UnsafeMutableRawPointer? = first.address
            while let address = next {
                let bucket = Bucket(address)
                body(SlotMarks(bucket))
                next = bucket.overflow(type)
            }
        }
    }
}
