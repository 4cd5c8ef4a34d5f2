// What a map of groups takes, by arithmetic.
//
// One group, then one table of 16 to 1,024 slots: they follow from the number of entries. Beyond that, tables are the leaves of
// a binary tree by the top bits of hashes: a node of depth d has the entries that agree in d bits, a binomial number, and has been
// split if they are more than 896. So the expected number of splits is known, and how far it strays. (R. Fagin et al., Extendible
// hashing, 1979, has the structure)

import Glibc
import GoHeap

extension SwissMap {
    static func estimate(hint: Int, peak: Int, kept: Int, _ type: MapTypeRef, _ heap: Heap) -> MapEstimate {
        var sum = MapEstimate()
        sum.hold(1, of: heap.heldByteCount(48, hasPointers: true))
        sum.addIndirect(peak: peak, kept: kept, type, heap)
        var (count, capacity) = tables(forHint: hint, type)
        if count == 0 {
            guard peak > 0 else { return sum }
            let groupBytes = heldGroupsByteCount(1, type, heap)
            if peak <= Group.slotCount {
                sum.hold(1, of: groupBytes)
                return sum
            }
            sum.allocate(Spread(1), of: groupBytes)
            (count, capacity) = (1, 2 * Group.slotCount)
        }
        func groupsBytes(_ capacity: Int) -> Int {
            heldGroupsByteCount(capacity / Group.slotCount, type, heap)
        }
        let headBytes = heap.heldByteCount(32, hasPointers: true)
        if count == 1 {
            while capacity < SwissTable.capacityLimit, peak > SwissTable.growthLimit(capacity: capacity) {
                sum.allocate(Spread(1), of: headBytes)
                sum.allocate(Spread(1), of: groupsBytes(capacity))
                capacity *= 2
            }
        }
        // Several tables are as large as tables get, or half of that.
        let grown =
            capacity == SwissTable.capacityLimit
            ? Spread(count) : Splits.grown(count: count, capacity: capacity, entryCount: peak)
        let small = grown.complement(to: count)
        if small.most > 0 {
            sum.hold(small, of: headBytes)
            sum.hold(small, of: groupsBytes(capacity))
            sum.allocate(grown, of: headBytes)
            sum.allocate(grown, of: groupsBytes(capacity))
            capacity *= 2
        }
        let splits = Splits(count: count, capacity: capacity, entryCount: peak)
        // Each split makes two tables of one.
        sum.hold(splits.count + grown, of: headBytes)
        sum.hold(splits.count + grown, of: groupsBytes(capacity))
        sum.allocate(splits.count, of: headBytes)
        sum.allocate(splits.count, of: groupsBytes(capacity))
        func directoryBytes(depth: Int) -> Int { heap.heldByteCount(8 << depth, hasPointers: true) }
        let firstDepth = count.trailingZeroBitCount
        sum.keep(bytes: splits.depth.mapped(directoryBytes), objects: Spread(1))
        sum.allocate(
            bytes: splits.depth.mapped { (firstDepth...$0).reduce(0) { $0 + directoryBytes(depth: $1) } },
            objects: splits.depth.mapped { $0 - firstDepth + 1 })
        return sum
    }
}

/// The tables that have been split.
private struct Splits {
    private(set) var count = Spread(0)
    /// Log2 of the directory's length.
    let depth: Spread

    /// - Parameters:
    ///   - count: tables at the beginning.
    ///   - capacity: slots of each; only those of the greatest size split.
    init(count tableCount: Int, capacity: Int, entryCount: Int) {
        let firstDepth = tableCount.trailingZeroBitCount
        var depth = Spread(firstDepth)
        let limit = SwissTable.growthLimit(capacity: capacity)
        var expected = 0.0
        var variance = 0.0
        var nodeDepth = firstDepth
        while capacity == SwissTable.capacityLimit, nodeDepth < 60 {
            let chance = Self.chance(ofMoreThan: limit, of: entryCount, depth: nodeDepth)
            let nodes = Double(1 << nodeDepth)
            if nodes * chance < 1e-5 { break }
            expected += nodes * chance
            // A node that is split has children that may be: what strays at one depth strays at the next.
            variance += 2 * nodes * chance * (1 - chance)
            nodeDepth += 1
            depth.most = nodeDepth
            if nodes * chance > 0.7 { depth.expected = nodeDepth }
            if nodes * chance > 12 || chance == 1 { depth.least = nodeDepth }
        }
        count = Spread(expected: expected, deviation: variance.squareRoot())
        if variance > 0 && variance < 100 { count.most += 2 }
        self.depth = depth
    }

    /// How many of the tables that a map was made with have become twice as large.
    static func grown(count: Int, capacity: Int, entryCount: Int) -> Spread {
        let limit = SwissTable.growthLimit(capacity: capacity)
        let chance = chance(ofMoreThan: limit, of: entryCount, depth: count.trailingZeroBitCount)
        let deviation = (Double(count) * chance * (1 - chance)).squareRoot()
        var grown = Spread(expected: Double(count) * chance, deviation: deviation)
        grown.most = min(grown.most, count)
        return grown
    }

    /// The chance that more than `limit` of so many entries agree in their first bits.
    private static func chance(ofMoreThan limit: Int, of entryCount: Int, depth: Int) -> Double {
        if entryCount <= limit { return 0 }
        if depth == 0 { return 1 }
        let n = Double(entryCount)
        let p = exp2(-Double(depth))
        let mean = n * p
        let reach = 40 * mean.squareRoot()
        if mean - reach > Double(limit) { return 1 }
        if mean + reach < Double(limit) { return 0 }
        // The binomial distribution from `limit` downwards; of very many entries Poisson's, which it is then.
        let isBinomial = entryCount < 1 << 27
        let k = Double(limit)
        var probability =
            isBinomial
            ? exp(
                logFactorial(n) - logFactorial(k) - logFactorial(n - k) + k * log(p) + (n - k) * log1p(-p))
            : exp(k * log(mean) - mean - logFactorial(k))
        var below = 0.0
        for entries in stride(from: limit, through: 0, by: -1) {
            below += probability
            probability *= Double(entries) / (isBinomial ? (n - Double(entries) + 1) * p / (1 - p) : mean)
        }
        return min(1, max(0, 1 - below))
    }

    private static func logFactorial(_ number: Double) -> Double {
        var sign: Int32 = 0
        return lgamma_r(number + 1, &sign)
    }
}
