// Reading the groups of a swiss map, table by table.
//
// A table is read at once. Its place in the order of tables is the top bits of its entries' hashes, which tables share out
// among them however often they split: the reader goes on from there.

import GoHeap

/// How far a reader of a swiss map is.
struct SwissRows: RowReader {
    private let isSmall: Bool
    private let stride: Int
    /// The number of the next table, and the top bits of its hashes.
    private var table = 0
    private var hashPrefix: UInt64 = 0

    init(_ map: SwissMap, stride: Int) {
        // SAFETY: the map is not nil.
        isSmall = map.header.unsafelyUnwrapped.pointee.isSmall
        self.stride = stride
    }

    // SAFETY: the map is not nil.
    func isValid(for map: SwissMap) -> Bool { isSmall == map.header.unsafelyUnwrapped.pointee.isSmall }

    mutating func read(_ map: SwissMap, rowLimit: Int, _ visit: (MapRow) -> Void) -> Bool {
        // SAFETY: the map is not nil.
        let header = map.header.unsafelyUnwrapped
        guard let directory = header.pointee.directory else { return false }
        if header.pointee.isSmall {
            visit(MapRow(section: .group, index: 0, type: map.type, buckets: Group(directory)))
            return false
        }
        let byteCount = map.type.pointee.group.byteCount
        var rowsLeft = rowLimit
        var place = header.pointee.directoryIndex(hash: hashPrefix)
        while rowsLeft > 0 {
            let current = header.pointee.table(at: place).pointee
            let end = place + (1 << Int(header.pointee.globalDepth - current.localDepth))
            let section = MapSection.table(
                number: table, localDepth: Int(current.localDepth), directory: place..<end)
            for index in Swift.stride(from: 0, to: current.groupCount, by: stride) {
                let group = current.group(UInt64(index), byteCount: byteCount)
                visit(MapRow(section: section, index: index, type: map.type, buckets: group))
                rowsLeft -= 1
            }
            if end >= header.pointee.directoryCount { return false }
            table += 1
            place = end
            hashPrefix = UInt64(place) << UInt64(header.pointee.globalShift)
        }
        return true
    }
}

extension Group: RowBuckets {
    func forEach(_ body: (SlotMarks) -> Void) {
        let controls = controls
        body(SlotMarks { Control.mark(of: UInt8(truncatingIfNeeded: controls >> UInt64($0 * 8))) })
    }

    func forEachEntry(
        _ type: MapTypeRef, _ body: (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Void
    ) {
        var full = Group.full(controls)
        while full != 0 {
            let slot = slot(full.trailingZeroBitCount >> 3, byteCount: type.pointee.group.slotByteCount)
            body(slot, slot + type.pointee.group.valueOffset)
            full &= full - 1
        }
    }
}

extension Control {
    /// What a picture shows of a slot.
    fileprivate static func mark(of control: UInt8) -> SlotMark {
        switch control {
        case empty: .empty
        case tombstone: .deleted
        default: .full
        }
    }
}
