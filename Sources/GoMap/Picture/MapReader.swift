// Going over all rows of a map, a few at a time, while the map may change in between.
//
// What is read of a row is what it holds at that moment. Rows do not stay where they are for ever:
//
//     bucket layout    When the map gets another array, or has evacuated the old one, what has been read is no longer
//                      half of the map: the reader says so, and whoever reads begins again.
//     swiss layout     A table is read at once. Its place in the order of tables is the top bits of its entries' hashes,
//                      which tables share out among them however often they split: the reader goes on from there.
//
// A fresh map, and a map that became empty, has another seed.
//
// Lock: none here, as for `GoMap`.

import GoHeap

/// Goes over the rows of one map.
package struct MapReader {
    package enum Progress: Sendable {
        /// There are further rows.
        case more
        /// That was all.
        case done
        /// What has been read is not the map's any more: begin again.
        case changed
    }

    /// What must stay the same for the rows already read to be rows of the map still.
    private struct Ground: Equatable {
        let root: UnsafeMutableRawPointer?
        let hashSeed: UInt64
        // Of the bucket layout.
        var array: UnsafeMutableRawPointer?
        var oldArray: UnsafeMutableRawPointer?
        // Of the swiss layout.
        var isSmall = false
    }

    /// Nil until something has been read.
    private var ground: Ground?
    /// Bucket layout: whether the array is done, and the next chain of it or of the old one.
    private var isInOldArray = false
    private var index = 0
    /// Swiss layout: the next table, and the top bits of its hashes.
    private var table = 0
    private var hashPrefix: UInt64 = 0

    private let stride: Int

    /// - Parameter stride: of how many rows one is read, a power of two; of each table at least one.
    package init(stride: Int = 1) { self.stride = stride }

    /// Reads the next rows.
    ///
    /// - Parameters:
    ///   - map: always the same variable; it may have been written to, cleared or made nil since.
    ///   - rowLimit: after how many rows to stop; a table that has been begun is read to its end.
    ///   - visit: called with each row, which is good until it returns. Must not change the map.
    /// - Complexity: O(`rowLimit`), each row as long as it is.
    package mutating func read(_ map: GoMap, rowLimit: Int, _ visit: (MapRow) -> Void) -> Progress {
        if map.isNil { return ground == nil ? .done : .changed }
        var now = Ground(root: map.state.pointee.root, hashSeed: map.hashSeed)
        switch map.layout {
        case .bucket:
            let header = map.state.pointee.header.unsafelyUnwrapped
            now.array = header.pointee.buckets
            now.oldArray = header.pointee.oldBuckets
        case .swiss:
            now.isSmall = map.state.pointee.swissHeader.unsafelyUnwrapped.pointee.isSmall
        }
        if let ground, ground != now { return .changed }
        ground = now
        switch map.layout {
        case .bucket: return readChains(map, rowLimit: rowLimit, visit)
        case .swiss: return readTables(map, rowLimit: rowLimit, visit)
        }
    }

    private mutating func readChains(_ map: GoMap, rowLimit: Int, _ visit: (MapRow) -> Void) -> Progress {
        let header = map.state.pointee.header.unsafelyUnwrapped
        var rowsLeft = rowLimit
        if !isInOldArray {
            let rowCount = header.pointee.buckets == nil ? 0 : 1 << Int(header.pointee.B)
            readChains(header.pointee.buckets, rowCount: rowCount, map.type, &rowsLeft, visit)
            if index < rowCount { return .more }
            isInOldArray = true
            index = 0
        }
        guard let oldArray = header.pointee.oldBuckets else { return .done }
        readChains(oldArray, rowCount: header.pointee.oldBucketCount, map.type, &rowsLeft, visit)
        return index < header.pointee.oldBucketCount ? .more : .done
    }

    private mutating func readChains(
        _ array: UnsafeMutableRawPointer?, rowCount: Int, _ type: MapTypeRef, _ rowsLeft: inout Int,
        _ visit: (MapRow) -> Void
    ) {
        guard let array else { return }
        while index < rowCount && rowsLeft > 0 {
            let first = Bucket(array + index * type.pointee.bucketByteCount)
            visit(
                MapRow(section: isInOldArray ? .oldArray : .array, index: index, place: .chain(first, type)))
            index += stride
            rowsLeft -= 1
        }
    }

    private mutating func readTables(_ map: GoMap, rowLimit: Int, _ visit: (MapRow) -> Void) -> Progress {
        let header = map.state.pointee.swissHeader.unsafelyUnwrapped
        guard let directory = header.pointee.directory else { return .done }
        if header.pointee.isSmall {
            visit(MapRow(section: .group, index: 0, place: .group(Group(directory))))
            return .done
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
                visit(MapRow(section: section, index: index, place: .group(group)))
                rowsLeft -= 1
            }
            if end >= header.pointee.directoryCount { return .done }
            table += 1
            place = end
            hashPrefix = UInt64(place) << UInt64(header.pointee.globalShift)
        }
        return .more
    }
}

/// Goes over the rows of all shards, one after the other.
package struct ShardedMapReader {
    /// As for `MapReader`, of what all shards have in common.
    private struct Ground: Equatable {
        let hashSeed: UInt64
        let shardCount: Int
    }

    private var ground: Ground?
    private var shard = 0
    private var reader: MapReader
    private let stride: Int

    /// - Parameter stride: as for `MapReader`.
    package init(stride: Int = 1) {
        self.stride = stride
        reader = MapReader(stride: stride)
    }

    /// Reads the next rows.
    ///
    /// - Parameters:
    ///   - map: the map as it is now; another one is noticed.
    ///   - rowLimit: after how many rows to stop, as for `MapReader`.
    ///   - visit: called with each row and the number of its shard; the row is good until it returns. Must not change
    ///     the map.
    /// - Complexity: O(`rowLimit`).
    package mutating func read(
        _ map: ShardedMap, rowLimit: Int, _ visit: (_ shard: Int, MapRow) -> Void
    ) -> MapReader.Progress {
        let now = Ground(hashSeed: map.first.hashSeed, shardCount: map.shardCount)
        if let ground, ground != now { return .changed }
        ground = now
        var rowsLeft = rowLimit
        while shard < map.shardCount {
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
