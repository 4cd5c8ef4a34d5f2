// Rows of a map summed up: some thousand cells stand for however many rows there are.

/// Rows in the order that they come, summed up in a bounded number of cells: as many rows a cell as it takes, a power
/// of two.
///
/// Nobody need know beforehand how many rows there will be: when the cells run out, each two of them become one.
package struct RowCells: Sendable {
    package private(set) var cells: [RowTally] = []
    /// Rows that each cell stands for; the last may have fewer.
    package private(set) var rowsPerCell = 1
    private let cellLimit: Int

    /// - Parameter cellLimit: how many cells at most; even.
    package init(cellLimit: Int) {
        precondition(cellLimit >= 2 && cellLimit % 2 == 0, "\(cellLimit) cells cannot be halved")
        self.cellLimit = cellLimit
    }

    /// Adds the next row.
    package mutating func append(_ row: RowTally) {
        if let last = cells.indices.last, cells[last].rows < rowsPerCell {
            cells[last] += row
            return
        }
        if cells.count == cellLimit { halve() }
        cells.append(row)
    }

    /// Makes one cell of each two.
    package mutating func halve() {
        rowsPerCell *= 2
        cells = stride(from: 0, to: cells.count, by: 2).map { index in
            var sum = cells[index]
            if index + 1 < cells.count { sum += cells[index + 1] }
            return sum
        }
    }

    /// All rows together; nil when there are none.
    package var total: RowTally? {
        cells.first.map { first in cells.dropFirst().reduce(into: first) { $0 += $1 } }
    }
}
