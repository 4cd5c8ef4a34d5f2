// What a map is made of, in numbers: the body of `GET /map`.

import GoHeap

/// The part of the statistics that only one layout has.
package enum LayoutStatistics: Hashable, Sendable {
    case bucket(BucketStatistics)
    case swiss(SwissStatistics)

    /// Chains or groups.
    package var rows: Int {
        switch self {
        case .bucket(let statistics): statistics.chains
        case .swiss(let statistics): statistics.groups
        }
    }

    /// Buckets or groups, overflow buckets included.
    var buckets: Int {
        switch self {
        case .bucket(let statistics): statistics.chains + statistics.overflowBuckets
        case .swiss(let statistics): statistics.groups
        }
    }

    /// With those of another map of the same layout.
    mutating func add(_ other: Self) {
        switch (self, other) {
        case (.bucket(var sum), .bucket(let more)):
            sum.add(more)
            self = .bucket(sum)
        case (.swiss(var sum), .swiss(let more)):
            sum.add(more)
            self = .swiss(sum)
        case (.bucket, _), (.swiss, _): preconditionFailure("all shards are of one layout")
        }
    }
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
    /// What only its layout has; nil for a nil map.
    package var ofLayout: LayoutStatistics?

    /// Nil for another layout, and for a nil map.
    package var bucket: BucketStatistics? {
        if case .bucket(let statistics)? = ofLayout { statistics } else { nil }
    }
    /// Nil for another layout, and for a nil map.
    package var swiss: SwissStatistics? {
        if case .swiss(let statistics)? = ofLayout { statistics } else { nil }
    }

    /// The figures that follow from the others.
    ///
    /// - Parameter freshBytes: what a fresh map with hint = count would hold for the same entries.
    init(
        type: MapTypeName, layout: MapLayout, isNil: Bool, count: Int, bytes: MapBytes, freshBytes: MapBytes,
        ofLayout: LayoutStatistics?
    ) {
        let rows = ofLayout?.rows ?? 0
        self.type = type
        self.layout = layout
        self.isNil = isNil
        self.count = count
        slots = (ofLayout?.buckets ?? 0) * SlotWord.slotCount
        loadFactor = rows == 0 ? 0 : Double(count) / Double(rows)
        self.bytes = bytes
        retainedBytes = isNil ? 0 : max(0, bytes.total - freshBytes.total)
        self.ofLayout = ofLayout
    }
}

extension GoMap {
    /// The part of `statistics()` that only the map's layout has; nil for a nil map. O(1).
    func layoutStatistics() -> LayoutStatistics? { withCode { $0.layoutStatistics() } }

    /// Bytes of the heap that the map holds. O(1).
    func bytes() -> MapBytes { withCode { $0.bytes() } }

    /// Everything about the map. O(1).
    func statistics() -> MapStatistics {
        MapStatistics(
            type: type.name, layout: layout, isNil: isNil, count: count, bytes: bytes(),
            freshBytes: Self.freshBytes(type, count: count, heap: heap, layout: layout),
            ofLayout: layoutStatistics())
    }

    /// What a fresh map made with hint = `count` holds once it has `count` entries.
    ///
    /// - Parameter layout: nil for that of the heap's profile.
    static func freshBytes(
        _ type: MapTypeRef, count: Int, heap: Heap, layout: MapLayout? = nil
    ) -> MapBytes {
        (layout ?? heap.profile.mapLayout).withCode { $0.freshBytes(count: count, type, heap) }
    }
}
