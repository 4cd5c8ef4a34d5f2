// What a picture of a map shows, whatever its layout: rows of slots, each with its mark.
//
//     section    bucket layout: the array, then the array that is being evacuated; swiss layout: each table
//     row        a chain (a bucket and its overflow buckets), or a group
//     bucket     eight slots: of a chain, or the whole of a group
//
// A map of millions of rows is read a few rows at a time, by a `ShardedMapReader`, and may change in between.
//
// Lock: none here, as for `ShardedMap`.

import GoHeap

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
    package let section: MapSection
    /// Which row of its section, from 0.
    package let index: Int
    let type: MapTypeRef
    /// What the row is in memory.
    let buckets: any RowBuckets

    /// Goes over the bucket and its overflow buckets, or the one group.
    package func forEachBucket(_ body: (SlotMarks) -> Void) { buckets.forEach(body) }

    /// Goes over what the row's entries lead to: the bytes of strings and slices and what pointers point to, which a copy of the
    /// map would share, and keys and values of more than 128 bytes, which are the map's own. Some addresses may be nil, or none
    /// of the heap's.
    package func forEachLead(_ body: (_ address: UnsafeRawPointer?, _ isShared: Bool) -> Void) {
        let type = type
        let hasKeyLeads = type.pointee.keyCodec == .string || type.pointee.hasIndirectKey
        let hasValueLeads = type.pointee.valueSlotHasPointers
        guard hasKeyLeads || hasValueLeads else { return }
        let leadsOn =
            type.pointee.valueCodec.isPointer && type.pointee.pointeeObjectType.pointee.hasPointers
        buckets.forEachEntry(type) { key, value in
            if hasKeyLeads { body(key.load(as: UnsafeRawPointer?.self), !type.pointee.hasIndirectKey) }
            guard hasValueLeads else { return }
            let lead = value.load(as: UnsafeRawPointer?.self)
            body(lead, !type.pointee.hasIndirectValue)
            // SAFETY: the `T` of a `*T` is there as long as the entry is.
            if leadsOn, let lead { body(lead.load(as: UnsafeRawPointer?.self), true) }
        }
    }
}

/// A chain or a group in memory.
protocol RowBuckets {
    /// Goes over the bucket and its overflow buckets, or the one group.
    func forEach(_ body: (SlotMarks) -> Void)

    /// Goes over its entries: the slots of key and value.
    func forEachEntry(_ type: MapTypeRef, _ body: (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Void)
}
