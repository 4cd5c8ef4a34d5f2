// What a picture of a map shows, whatever its layout: rows of slots, each with its mark.
//
//     section    bucket layout: the array, then the array that is being evacuated; swiss layout: each table
//     row        a chain (a bucket and its overflow buckets), or a group
//     bucket     eight slots: of a chain, or the whole of a group
//
// A map of millions of rows is read a few rows at a time, by a `MapReader`, and may change in between.
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

    fileprivate init(_ bucket: Bucket) {
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
}

/// One chain or group, while a reader is at it.
package struct MapRow {
    package let section: MapSection
    /// Which row of its section, from 0.
    package let index: Int
    private let first: Bucket
    private let type: MapTypeRef

    fileprivate init(section: MapSection, index: Int, first: Bucket, type: MapTypeRef) {
        self.section = section
        self.index = index
        self.first = first
        self.type = type
    }

    /// Goes over the bucket and its overflow buckets.
    package func forEachBucket(_ body: (SlotMarks) -> Void) {
        var next: UnsafeMutableRawPointer? = first.address
        while let address = next {
            let bucket = Bucket(address)
            body(SlotMarks(bucket))
            next = bucket.overflow(type)
        }
    }
}

/// Goes over all rows of a map, a few at a time, while the map may change in between.
package struct MapReader {
    /// What must stay the same for the rows already read to be rows of the map still.
    private struct Arrays: Equatable {
        let root: UnsafeMutableRawPointer?
        let hashSeed: UInt64
        let array: UnsafeMutableRawPointer?
        let oldArray: UnsafeMutableRawPointer?
    }

    package enum Progress: Sendable {
        /// There are further rows.
        case more
        /// That was all.
        case done
        /// The map has other arrays now, or is another one. What has been read is not the map's: begin again.
        case changed
    }

    private var arrays: Arrays?
    private var section = MapSection.array
    private var index = 0

    package init() {}

    /// Reads the next rows.
    ///
    /// - Parameters:
    ///   - map: always the same variable; it may have been written to, cleared or made nil since.
    ///   - rowLimit: how many rows at most.
    ///   - visit: called with each row, which is good until it returns. Must not change the map.
    /// - Complexity: O(`rowLimit`), each row as long as it is.
    package mutating func read(_ map: GoMap, rowLimit: Int, _ visit: (MapRow) -> Void) -> Progress {
        guard let header = map.state.pointee.header else { return arrays == nil ? .done : .changed }
        let now = Arrays(
            root: map.state.pointee.root, hashSeed: map.hashSeed, array: header.pointee.buckets,
            oldArray: header.pointee.oldBuckets)
        if let arrays, arrays != now { return .changed }
        arrays = now
        var rowsLeft = rowLimit
        if section == .array {
            read(now.array, rowCount: 1 << Int(header.pointee.B), map.type, &rowsLeft, visit)
            if index < 1 << Int(header.pointee.B), now.array != nil { return .more }
            section = .oldArray
            index = 0
        }
        read(now.oldArray, rowCount: header.pointee.oldBucketCount, map.type, &rowsLeft, visit)
        return now.oldArray != nil && index < header.pointee.oldBucketCount ? .more : .done
    }

    /// Reads rows of one array, from `index` on.
    private mutating func read(
        _ array: UnsafeMutableRawPointer?, rowCount: Int, _ type: MapTypeRef, _ rowsLeft: inout Int,
        _ visit: (MapRow) -> Void
    ) {
        guard let array else { return }
        let end = min(rowCount, index + rowsLeft)
        rowsLeft -= end - index
        while index < end {
            let first = Bucket(array + index * type.pointee.bucketByteCount)
            visit(MapRow(section: section, index: index, first: first, type: type))
            index += 1
        }
    }
}

/// What a slot of a group holds.
package enum GroupSlotMark: Sendable {
    case full
    case empty
    /// Empty since a delete, where searches must go on.
    case tombstone

    fileprivate init(_ control: UInt8) {
        self =
            switch control {
            case Control.empty: .empty
            case Control.tombstone: .tombstone
            default: .full
            }
    }
}

/// One table.
package struct TablePicture: Sendable {
    /// Its places in the directory; none for the group of a small map.
    package let directoryRange: Range<Int>
    /// Eight marks each.
    package let groups: [[GroupSlotMark]]
}

extension GoMap {
    /// The marks of some tables of a map of the swiss layout, in the order of the directory; a small map counts as one.
    ///
    /// - Parameter tables: which; those beyond the last are left out.
    /// - Returns: one picture a table; none for a nil map, or before the first insert.
    /// - Complexity: O(places in the directory before the last of them, and slots of them).
    package func picture(ofTables tables: Range<Int>) -> [TablePicture] {
        guard layout == .swiss, let header = state.pointee.swissHeader, let directory = header.pointee.directory
        else { return [] }
        if header.pointee.isSmall {
            return tables.contains(0)
                ? [TablePicture(directoryRange: 0..<0, groups: marks(ofGroups: directory, count: 1))] : []
        }
        var pictures: [TablePicture] = []
        var place = 0
        var number = 0
        while place < header.pointee.directoryCount, number < tables.upperBound {
            let table = header.pointee.table(at: place)
            let places = 1 << Int(header.pointee.globalDepth - table.pointee.localDepth)
            if number >= tables.lowerBound {
                pictures.append(
                    TablePicture(
                        directoryRange: place..<(place + places),
                        groups: marks(ofGroups: table.pointee.groups!, count: table.pointee.groupCount)))
            }
            place += places
            number += 1
        }
        return pictures
    }

    private func marks(ofGroups groups: UnsafeMutableRawPointer, count: Int) -> [[GroupSlotMark]] {
        (0..<count).map { index in
            let controls = Group(groups + index * type.pointee.group.byteCount).controls
            return (0..<Group.slotCount).map {
                GroupSlotMark(UInt8(truncatingIfNeeded: controls >> UInt64($0 * 8)))
            }
        }
    }
}
