// What a map is made of, in numbers: the body of `GET /map`.

import GoHeap

/// Bytes of the heap that a map itself holds, each object counted with all that its size class takes. What
/// strings, slices and pointers of the entries lead to is not the map's.
package struct MapBytes: Hashable, Sendable {
    /// The header, and its extra part.
    package var header = 0
    /// The array of buckets, its spare ones included; the swiss layout's groups.
    package var buckets = 0
    /// Overflow buckets that were allocated one by one, and the list that keeps overflow buckets alive.
    package var overflow = 0
    /// The array that is being evacuated, with its overflow buckets and their list.
    package var oldBuckets = 0
    /// The swiss layout's directory and tables' headers.
    package var directory = 0
    /// Keys and values of more than 128 bytes.
    package var indirect = 0

    package var total: Int { header + buckets + overflow + oldBuckets + directory + indirect }
}

/// The part of the statistics that only the bucket layout has.
package struct BucketStatistics: Hashable, Sendable {
    /// Log2 of how many chains there are.
    package var B = 0
    /// How many chains there are; 0 before the first insert into a map made without a hint.
    package var buckets = 0
    /// Overflow buckets in the chains, exactly.
    package var overflowBuckets = 0
    /// Go's own count of them, which is an estimate from B = 16 on; the map grows by it.
    package var noverflow = 0
    /// Whether there is an old array.
    package var growing = false
    /// Whether the growth under way keeps the number of chains.
    package var sameSizeGrow = false
    /// Chains of the old array that have been evacuated.
    package var evacuated = 0
    /// Buckets in the longest chain; while growing, of either array.
    package var longestChain = 0

    /// What a nil map has of all this.
    package static let none = BucketStatistics()
}

/// The part of the statistics that only the swiss layout has.
package struct SwissStatistics: Hashable, Sendable {
    /// Log2 of how many tables the directory has room for.
    package var globalDepth = 0
    /// How many tables there are; 0 for a map of up to 8 entries, which has none.
    package var tables = 0
    /// Groups of eight slots, of all tables together.
    package var groups = 0
    /// Slots that a delete has marked, because searches must go on past them.
    package var tombstones = 0
    /// Empty slots that may be filled before some table has to grow: of all tables together.
    package var growthLeft = 0

    /// What a nil map has of all this.
    package static let none = SwissStatistics()
}

/// Everything about one map.
package struct MapStatistics: Hashable, Sendable {
    package var type: MapTypeName
    package var layout: MapLayout
    package var isNil: Bool
    package var count: Int
    /// How many entries the chains or groups have room for.
    package var slots: Int
    /// Entries a chain or a group, on average: Go doubles a map of buckets above 6.5, a table of groups above 7.
    package var loadFactor: Double
    package var bytes: MapBytes
    /// `bytes.total` less what a fresh map with hint = count would hold for the same entries; not below 0.
    package var retainedBytes: Int
    /// Nil for the other layout, and for a nil map.
    package var bucket: BucketStatistics?
    /// Nil for the other layout, and for a nil map.
    package var swiss: SwissStatistics?

    /// The figures that follow from the others.
    ///
    /// - Parameter freshBytes: what a fresh map with hint = count would hold for the same entries.
    init(
        type: MapTypeName, layout: MapLayout, isNil: Bool, count: Int, bytes: MapBytes, freshBytes: MapBytes,
        bucket: BucketStatistics?, swiss: SwissStatistics?
    ) {
        let chains = bucket?.buckets ?? swiss?.groups ?? 0
        self.type = type
        self.layout = layout
        self.isNil = isNil
        self.count = count
        slots = (chains + (bucket?.overflowBuckets ?? 0)) * Bucket.slotCount
        loadFactor = chains == 0 ? 0 : Double(count) / Double(chains)
        self.bytes = bytes
        retainedBytes = isNil ? 0 : max(0, bytes.total - freshBytes.total)
        self.bucket = bucket
        self.swiss = swiss
    }
}

extension GoMap {
    /// The part of `statistics()` that only the bucket layout has; nil for the other and for a nil map. O(1).
    package func bucketStatistics() -> BucketStatistics? {
        switch layout {
        case .bucket: bucketMap.bucketStatistics()
        case .swiss: nil
        }
    }

    /// The part of `statistics()` that only the swiss layout has; nil for the other and for a nil map. O(1).
    package func swissStatistics() -> SwissStatistics? {
        switch layout {
        case .bucket: nil
        case .swiss: swissMap.statistics()
        }
    }

    /// Bytes of the heap that the map holds. O(1).
    package func bytes() -> MapBytes {
        switch layout {
        case .bucket: bucketMap.bytes()
        case .swiss: swissMap.bytes()
        }
    }

    /// Everything about the map. O(1).
    package func statistics() -> MapStatistics {
        MapStatistics(
            type: type.pointee.name, layout: layout, isNil: isNil, count: count, bytes: bytes(),
            freshBytes: Self.freshBytes(type, count: count, heap: heap, layout: layout),
            bucket: bucketStatistics(), swiss: swissStatistics())
    }

    /// What a fresh map made with hint = `count` holds once it has `count` entries.
    ///
    /// - Parameter layout: nil for that of the heap's profile.
    package static func freshBytes(
        _ type: MapTypeRef, count: Int, heap: Heap, layout: MapLayout? = nil
    ) -> MapBytes {
        switch layout ?? heap.profile.mapLayout {
        case .bucket: BucketMap.freshBytes(count: count, type, heap)
        case .swiss: SwissMap.freshBytes(count: count, type, heap)
        }
    }
}
