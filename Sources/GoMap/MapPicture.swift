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
