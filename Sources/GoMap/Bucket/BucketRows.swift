// Reading the chains of a bucket map: those of the array, then those of the array that is being evacuated.
//
// When the map gets another array, or has evacuated the old one, what has been read is no longer half of the map.

import GoHeap

/// How far a reader of a bucket map is.
struct BucketRows: RowReader {
    private let array: UnsafeMutableRawPointer?
    private let oldArray: UnsafeMutableRawPointer?
    private let stride: Int
    /// Whether the array is done.
    private var isInOldArray = false
    /// The next chain, of the array or of the old one.
    private var index = 0

    init(_ map: BucketMap, stride: Int) {
        // SAFETY: the map is not nil.
        let header = map.header.unsafelyUnwrapped
        array = header.pointee.buckets
        oldArray = header.pointee.oldBuckets
        self.stride = stride
    }

    func isValid(for map: BucketMap) -> Bool {
        // SAFETY: the map is not nil.
        let header = map.header.unsafelyUnwrapped
        return array == header.pointee.buckets && oldArray == header.pointee.oldBuckets
    }

    mutating func read(_ map: BucketMap, rowLimit: Int, _ visit: (MapRow) -> Void) -> Bool {
        // SAFETY: the map is not nil.
        let header = map.header.unsafelyUnwrapped
        var rowsLeft = rowLimit
        if !isInOldArray {
            let rowCount = array == nil ? 0 : 1 << Int(header.pointee.B)
            read(array, rowCount: rowCount, map.type, &rowsLeft, visit)
            if index < rowCount { return true }
            isInOldArray = true
            index = 0
        }
        guard oldArray != nil else { return false }
        read(oldArray, rowCount: header.pointee.oldChainCount, map.type, &rowsLeft, visit)
        return index < header.pointee.oldChainCount
    }

    private mutating func read(
        _ array: UnsafeMutableRawPointer?, rowCount: Int, _ type: MapTypeRef, _ rowsLeft: inout Int,
        _ visit: (MapRow) -> Void
    ) {
        guard let array else { return }
        while index < rowCount && rowsLeft > 0 {
            let first = Bucket(array + index * type.pointee.bucketByteCount)
            visit(
                MapRow(
                    section: isInOldArray ? .oldArray : .array, index: index, type: type,
                    buckets: Chain(first: first, type: type)))
            index += stride
            rowsLeft -= 1
        }
    }
}

/// A bucket and its overflow buckets.
private struct Chain: RowBuckets {
    let first: Bucket
    let type: MapTypeRef

    func forEach(_ body: (SlotMarks) -> Void) {
        var next: UnsafeMutableRawPointer? = first.address
        while let address = next {
            let bucket = Bucket(address)
            body(SlotMarks { Tophash.mark(of: bucket.tophash($0)) })
            next = bucket.overflow(type)
        }
    }

    func forEachEntry(
        _ type: MapTypeRef, _ body: (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Void
    ) {
        let keySlotByteCount = type.pointee.keySlotByteCount
        var next: UnsafeMutableRawPointer? = first.address
        while let address = next {
            let bucket = Bucket(address)
            for index in 0..<Bucket.slotCount where bucket.tophash(index) >= Tophash.minimum {
                body(
                    bucket.keySlot(index, byteCount: keySlotByteCount),
                    bucket.valueSlot(index, type, keySlotByteCount: keySlotByteCount))
            }
            next = bucket.overflow(type)
        }
    }
}

extension Tophash {
    /// What a picture shows of a slot.
    fileprivate static func mark(of tophash: UInt8) -> SlotMark {
        switch tophash {
        case emptyRest: .empty
        case emptyOne: .deleted
        case evacuatedX, evacuatedY: .evacuated
        case evacuatedEmpty: .evacuatedEmpty
        default: .full
        }
    }
}
