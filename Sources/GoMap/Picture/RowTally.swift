// What some rows of a map hold together.

/// What some rows hold together.
package struct RowTally: Equatable, Sendable {
    package private(set) var rows = 0
    package private(set) var slots = 0
    package private(set) var full = 0
    /// Slots that are empty since a delete, where searches must go on.
    package private(set) var deleted = 0
    package private(set) var overflowBuckets = 0
    package private(set) var evacuatedRows = 0
    /// Slots of those, their overflow buckets' included.
    package private(set) var evacuatedSlots = 0
    /// The first and the last shard that they are of.
    package private(set) var shards: ClosedRange<Int>

    /// One row.
    package init(_ row: MapRow, shard: Int = 0) {
        shards = shard...shard
        var buckets = 0
        var isEvacuated = false
        row.forEachBucket { marks in
            buckets += 1
            full += marks.full.nonzeroBitCount
            deleted += marks.deleted.nonzeroBitCount
            isEvacuated = marks.isEvacuated
        }
        rows = 1
        slots = buckets * Bucket.slotCount
        overflowBuckets = buckets - 1
        evacuatedRows = isEvacuated ? 1 : 0
        evacuatedSlots = isEvacuated ? slots : 0
    }

    package static func += (sum: inout RowTally, other: RowTally) {
        sum.rows += other.rows
        sum.slots += other.slots
        sum.full += other.full
        sum.deleted += other.deleted
        sum.overflowBuckets += other.overflowBuckets
        sum.evacuatedRows += other.evacuatedRows
        sum.evacuatedSlots += other.evacuatedSlots
        sum.shards =
            min(
                sum.shards.lowerBound, other.shards.lowerBound)...max(
                sum.shards.upperBound, other.shards.upperBound)
    }
}
