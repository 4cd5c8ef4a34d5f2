// Going over all rows of a map, a few at a time, while the map may change in between.
//
// What is read of a row is what it holds at that moment. Rows do not stay where they are for ever: each layout's reader
// (`BucketRows`, `SwissRows`) goes on from where it was, or says that what has been read is no longer part of the map, and
// whoever reads begins again.
//
// A fresh map, and a map that became empty, has another seed.
//
// Lock: none here, as for `ShardedMap`.

import GoHeap

/// How far a reader is.
package enum ReadingProgress: Sendable {
    /// There are further rows.
    case more
    /// That was all.
    case done
    /// What has been read is not the map's any more: begin again.
    case changed
}

/// Goes over the rows of a map of one layout.
protocol RowReader {
    associatedtype Code: MapCode

    /// Before the first row.
    ///
    /// - Parameters:
    ///   - map: not nil.
    ///   - stride: of how many rows one is read, a power of two; of each table at least one.
    init(_ map: Code, stride: Int)

    /// Whether the rows already read are rows of the map still, as far as its header and seed do not tell.
    func isValid(for map: Code) -> Bool

    /// Reads the next rows.
    ///
    /// - Parameters:
    ///   - map: not nil, and the reader is valid for it.
    ///   - rowLimit: after how many rows to stop; what can only be read at once is read to its end.
    ///   - visit: called with each row.
    /// - Returns: whether there are further rows.
    mutating func read(_ map: Code, rowLimit: Int, _ visit: (MapRow) -> Void) -> Bool
}

/// Goes over the rows of one map, whatever its layout.
struct MapReader {
    /// What must stay the same for the rows already read to be rows of the map still.
    private struct Identity: Equatable {
        let root: UnsafeMutableRawPointer?
        let hashSeed: UInt64
    }

    /// Nil until something has been read.
    private var identity: Identity?
    private var rows: (any RowReader)?
    private let stride: Int

    /// - Parameter stride: of how many rows one is read, a power of two; of each table at least one.
    init(stride: Int) { self.stride = stride }

    /// Reads the next rows.
    ///
    /// - Parameters:
    ///   - map: always the same variable; it may have been written to, cleared or made nil since.
    ///   - rowLimit: after how many rows to stop; a table that has been begun is read to its end.
    ///   - visit: called with each row, which is good until it returns. Must not change the map.
    /// - Complexity: O(`rowLimit`), each row as long as it is.
    mutating func read(_ map: GoMap, rowLimit: Int, _ visit: (MapRow) -> Void) -> ReadingProgress {
        if map.isNil { return identity == nil ? .done : .changed }
        let now = Identity(root: map.state.pointee.root, hashSeed: map.hashSeed)
        if let identity, identity != now { return .changed }
        identity = now
        return map.withCode { read($0, rowLimit: rowLimit, visit) }
    }

    private mutating func read<Code: MapCode>(
        _ map: Code, rowLimit: Int, _ visit: (MapRow) -> Void
    ) -> ReadingProgress {
        guard var rows = self.rows.map({ $0 as? Code.Rows }) ?? Code.Rows(map, stride: stride),
            rows.isValid(for: map)
        else { return .changed }
        defer { self.rows = rows }
        return rows.read(map, rowLimit: rowLimit, visit) ? .more : .done
    }
}
