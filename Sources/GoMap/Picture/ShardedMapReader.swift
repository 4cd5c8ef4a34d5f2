// Going over the rows of all shards, a few at a time, while the map may change in between.

import GoHeap

/// Goes over the rows of a map: of all its shards, one after the other.
package struct ShardedMapReader {
    /// What must stay the same for the rows already read to be rows of the map still, of what all shards have in common.
    private struct Identity: Equatable {
        let hashSeed: UInt64
        let mapCount: Int
        let rotationCount: Int
    }

    /// Nil until something has been read.
    private var identity: Identity?
    private var shard = 0
    private var reader: MapReader
    private let stride: Int

    /// - Parameter stride: of how many rows one is read, a power of two; of each table at least one.
    package init(stride: Int = 1) {
        self.stride = stride
        reader = MapReader(stride: stride)
    }

    /// Reads the next rows.
    ///
    /// - Parameters:
    ///   - map: the map as it is now; another one is noticed.
    ///   - rowLimit: after how many rows to stop; a table that has been begun is read to its end.
    ///   - visit: called with each row and the number of its shard; the row is good until it returns. Must not change
    ///     the map.
    /// - Complexity: O(`rowLimit`), each row as long as it is.
    package mutating func read(
        _ map: ShardedMap, rowLimit: Int, _ visit: (_ shard: Int, MapRow) -> Void
    ) -> ReadingProgress {
        let now = Identity(
            hashSeed: map.first.hashSeed, mapCount: map.mapCount,
            rotationCount: map.shards?.pointee.rotationCount ?? 0)
        if let identity, identity != now { return .changed }
        identity = now
        var rowsLeft = rowLimit
        while shard < map.mapCount {
            // A shard without rows takes time too.
            if rowsLeft <= 0 { return .more }
            rowsLeft -= 1
            let number = shard
            let progress = reader.read(map[shard], rowLimit: rowsLeft + 1) { row in
                rowsLeft -= 1
                visit(number, row)
            }
            if progress != .done { return progress }
            shard += 1
            reader = MapReader(stride: stride)
        }
        return .done
    }
}
