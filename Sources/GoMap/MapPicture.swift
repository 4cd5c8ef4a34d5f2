// What a picture of a map shows: each slot's mark, chain by chain.

import GoHeap

/// What a slot of a bucket holds.
package enum SlotMark: Sendable {
    case full
    /// Empty, and so is everything after it in its chain.
    case emptyRest
    /// Empty since a delete, with entries after it.
    case emptyOne
    /// Its entry is in the new array.
    case evacuated
    /// Was empty when its bucket was evacuated.
    case evacuatedEmpty

    fileprivate init(_ tophash: UInt8) {
        self =
            switch tophash {
            case Tophash.emptyRest: .emptyRest
            case Tophash.emptyOne: .emptyOne
            case Tophash.evacuatedX, Tophash.evacuatedY: .evacuated
            case Tophash.evacuatedEmpty: .evacuatedEmpty
            default: .full
            }
    }
}

/// One chain: a bucket of the array, and its overflow buckets, eight marks each.
package struct ChainPicture: Sendable {
    package let buckets: [[SlotMark]]
}

extension GoMap {
    /// The marks of some chains of a map of the bucket layout.
    ///
    /// - Parameters:
    ///   - chains: which; those beyond the last are left out.
    ///   - ofOldArray: of the array that is being evacuated, rather than the current one.
    /// - Returns: one picture a chain; none for a nil map, or when there is no such array.
    /// - Complexity: O(chains), each as long as it is.
    package func picture(of chains: Range<Int>, ofOldArray: Bool = false) -> [ChainPicture] {
        guard layout == .bucket, let header = state.pointee.header else { return [] }
        let array = ofOldArray ? header.pointee.oldBuckets : header.pointee.buckets
        guard let array else { return [] }
        let count = ofOldArray ? header.pointee.oldBucketCount : 1 << Int(header.pointee.B)
        let type = type
        return chains.clamped(to: 0..<count).map { index in
            var buckets: [[SlotMark]] = []
            var next: UnsafeMutableRawPointer? = array + index * type.pointee.bucketByteCount
            while let address = next {
                let bucket = Bucket(address)
                buckets.append((0..<Bucket.slotCount).map { SlotMark(bucket.tophash($0)) })
                next = bucket.overflow(type)
            }
            return ChainPicture(buckets: buckets)
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
