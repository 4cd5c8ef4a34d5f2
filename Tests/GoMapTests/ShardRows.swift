import GoMap

/// What one shard holds, counted row by row: chains of the array, or groups of the tables.
struct ShardRows {
    var rows = 0
    var slots = 0
    /// Those of an array that is being evacuated too.
    var entries = 0
    var deleted = 0
    var overflowBuckets = 0
    /// In buckets.
    var longestChain = 0
    var tables = 0
    /// Of the table that has split most.
    var depth = 0

    fileprivate mutating func count(_ row: MapRow) {
        let tally = RowTally(row)
        entries += tally.full
        if row.section == .oldArray { return }
        rows += 1
        slots += tally.slots
        deleted += tally.deleted
        overflowBuckets += tally.overflowBuckets
        longestChain = max(longestChain, 1 + tally.overflowBuckets)
        guard case .table(_, let localDepth, _) = row.section, row.index == 0 else { return }
        tables += 1
        depth = max(depth, localDepth)
    }
}

/// Counts the rows of every shard of a map.
func countRows(_ map: ShardedMap) -> [ShardRows] {
    var shards = [ShardRows](repeating: ShardRows(), count: map.shardCount)
    var reader = ShardedMapReader()
    let progress = reader.read(map, rowLimit: .max) { shard, row in shards[shard].count(row) }
    precondition(progress == .done)
    return shards
}
