// The picture of the map, read in slices while other clients go on: each slot of a small map, the sums of a large one.

import GoHeap
import GoMap
import HuskSystem

/// What there is to draw.
package struct MapPicture: Sendable {
    package enum Rows: Sendable {
        /// Every slot, at one moment.
        case slots([PictureSection])
        /// Rows summed up, with as many of them in each cell of either array.
        case cells(RowCells, ofOldArray: RowCells)
        /// Not read: the map got other arrays again and again meanwhile.
        case unread
    }

    package let rows: Rows
    /// What the map was when the last row was read.
    package let report: MapReport
    /// `len(m)` when the first row was read.
    package let countBefore: Int
    /// Of how many rows one was read.
    package let stride: Int
    /// How often the lock was taken. After one slice, all of this is of one moment.
    package let sliceCount: Int
}

/// An array or a table, slot by slot.
package struct PictureSection: Sendable {
    package let shard: Int
    package let section: MapSection
    /// Each a chain's buckets, or a group.
    package fileprivate(set) var rows: [[SlotMarks]]
}

extension MapPicture {
    /// Buckets or groups that a map has at most to be shown slot by slot.
    package static let slotwiseBucketLimit = 256
    /// Arrays and tables that it has at most then.
    package static let slotwiseSectionLimit = 64
    /// Cells that larger maps are summed up in, those of the old array included.
    package static let cellLimit = 2_048
    /// Rows that are read at most, about; of a map that has more, one of so many.
    package static let readLimit = 1 << 21
    /// How often reading begins again when the map gets other arrays meanwhile.
    fileprivate static let attemptLimit = 5
    /// Rows between two looks at the clock.
    private static let stepRows = 64

    /// Rows as they are read.
    private struct Reading {
        var cells = RowCells(cellLimit: MapPicture.cellLimit)
        var oldCells = RowCells(cellLimit: MapPicture.cellLimit)
        var sections: [PictureSection] = []
        var bucketCount = 0

        /// Whether all rows so far have been kept slot by slot.
        var isSlotwise: Bool {
            bucketCount <= MapPicture.slotwiseBucketLimit && sections.count <= MapPicture.slotwiseSectionLimit
        }

        mutating func append(_ row: MapRow, ofShard shard: Int) {
            let tally = RowTally(row, shard: shard)
            if row.section == .oldArray { oldCells.append(tally) } else { cells.append(tally) }
            bucketCount += 1 + tally.overflowBuckets
            guard isSlotwise else { return }
            if row.index == 0 {
                sections.append(PictureSection(shard: shard, section: row.section, rows: []))
            }
            var marks: [SlotMarks] = []
            row.forEachBucket { marks.append($0) }
            sections[sections.count - 1].rows.append(marks)
        }

        /// - Parameter sliceCount: how many slices it took.
        func rows(sliceCount: Int) -> Rows {
            if isSlotwise && sliceCount == 1 { return .slots(sections) }
            var cells = cells
            var oldCells = oldCells
            while cells.rowsPerCell < oldCells.rowsPerCell { cells.halve() }
            while oldCells.rowsPerCell < cells.rowsPerCell { oldCells.halve() }
            while cells.cells.count + oldCells.cells.count > MapPicture.cellLimit {
                cells.halve()
                oldCells.halve()
            }
            return .cells(cells, ofOldArray: oldCells)
        }
    }

    /// Of how many rows one is read.
    private static func stride(ofRows statistics: MapStatistics) -> Int {
        let rows = statistics.ofLayout?.rows ?? 0
        var stride = 1
        while rows / stride > readLimit { stride *= 2 }
        return stride
    }

    /// Reads the map from its first row to its last.
    ///
    /// - Returns: nil when the map got other arrays meanwhile.
    fileprivate static func read(
        _ lab: Lab, isCancelled: () -> Bool
    ) throws(LabError) -> MapPicture? {
        var reading = Reading()
        let stride = stride(ofRows: lab.report().statistics)
        var reader = ShardedMapReader(stride: stride)
        var sliceCount = 0
        var countBefore = 0
        while true {
            sliceCount += 1
            lab.lock.lock()
            let sliceEnd = monotonicNanoseconds() + Lab.sliceNanoseconds
            if sliceCount == 1 { countBefore = lab.state.pointee.map.count }
            var progress: ReadingProgress
            repeat {
                progress = reader.read(lab.state.pointee.map, rowLimit: stepRows) { shard, row in
                    reading.append(row, ofShard: shard)
                }
            } while progress == .more && monotonicNanoseconds() < sliceEnd
            if progress == .done {
                let report = lab.state.pointee.report()
                lab.lock.unlock()
                return MapPicture(
                    rows: reading.rows(sliceCount: sliceCount), report: report, countBefore: countBefore,
                    stride: stride, sliceCount: sliceCount)
            }
            lab.lock.unlock()
            if progress == .changed { return nil }
            if isCancelled() { throw .cancelled }
            lab.lock.letOthersIn()
        }
    }
}

extension Lab {
    /// What there is to draw of the map. Other clients go on meanwhile.
    ///
    /// - Parameter isCancelled: asked between slices.
    /// - Throws: `LabError.cancelled`.
    /// - Complexity: O(slots) time up to some million rows, in slices of 0.2 ms under the lock; O(1) memory.
    package func picture(isCancelled: () -> Bool = { false }) throws(LabError) -> MapPicture {
        for _ in 0..<MapPicture.attemptLimit {
            if let picture = try MapPicture.read(self, isCancelled: isCancelled) { return picture }
        }
        let report = report()
        return MapPicture(
            rows: .unread, report: report, countBefore: report.statistics.count, stride: 1, sliceCount: 0)
    }
}
