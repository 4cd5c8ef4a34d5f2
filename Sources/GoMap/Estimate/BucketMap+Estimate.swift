// What a map of buckets takes, by arithmetic.
//
// A map that grows goes through generations, one for each B: an array, and the overflow buckets that its chains need when
// they are as full as that array ever is. Entries fall into chains at random, so a chain's entries follow a Poisson
// distribution, and a chain of n has ⌈n / 8⌉ − 1 overflow buckets, whether they were inserted or evacuated into it. The spare
// buckets behind the array are used first.
//
// Growing, each write evacuates its own chain and the next in order. Of C old chains, after t writes the share e^(−t/C) of
// those that are not yet next in order is left, so the mark moves by e^(t/C) a write, and is at the end after C ln 2 writes.

import Glibc
import GoHeap

extension BucketMap {
    static func estimate(hint: Int, peak: Int, kept: Int, _ type: MapTypeRef, _ heap: Heap) -> MapEstimate {
        var sum = MapEstimate()
        sum.hold(1, of: heap.heldByteCount(48, hasPointers: true))
        sum.addIndirect(peak: peak, kept: kept, type, heap)
        let firstB = B(forHint: hint, type)
        guard firstB > 0 || peak > 0 else { return sum }

        var B = firstB
        var hasExtra = Spread(0)
        var last: Generation?
        while entryLimit(B: B) < peak {
            let generation = Generation(B: B, entryCount: entryLimit(B: B), type, heap)
            generation.allocate(in: &sum)
            hasExtra = generation.hasExtra.or(hasExtra)
            last = generation
            B += 1
        }
        var generation = Generation(B: B, entryCount: peak, type, heap)
        if B > firstB, let last {
            let writes = peak - entryLimit(B: B - 1) + peak - kept
            let growth = Growth(writes: writes, oldChains: 1 << Int(B - 1))
            last.keep(in: &sum, growth)
            if growth.isUnderWay.most == 1 { generation.takeOnly(evacuated: growth) }
        }
        generation.allocate(in: &sum)
        generation.keep(in: &sum)
        sum.hold(generation.hasExtra.or(hasExtra), of: heap.heldByteCount(24, hasPointers: true))
        return sum
    }
}

/// One array with its overflow buckets.
private struct Generation {
    private let arrayBytes: Int
    private let bucketBytes: Int
    private let spareCount: Int
    private let listsBuckets: Bool
    private let heap: Heap
    /// Overflow buckets, the spare ones among them included.
    private var overflow: Spread

    init(B: UInt8, entryCount: Int, _ type: MapTypeRef, _ heap: Heap) {
        let chains = 1 << Int(B)
        let arrayCount = BucketMap.arrayBucketCount(B: B, type, heap)
        arrayBytes = BucketMap.heldArrayByteCount(arrayCount, type, heap)
        bucketBytes = BucketMap.heldBucketByteCount(type, heap)
        spareCount = arrayCount - chains
        listsBuckets = !type.pointee.bucketHasPointers
        self.heap = heap
        overflow = B == 0 ? Spread(0) : Self.overflow(chains: chains, entryCount: entryCount)
    }

    /// Mean and deviation of the overflow buckets of so many entries, which fall into chains at random.
    private static func overflow(chains: Int, entryCount: Int) -> Spread {
        guard entryCount > 8 else { return Spread(0) }
        let load = Double(entryCount) / Double(chains)
        var probability = exp(-load)
        var mean = 0.0
        var square = 0.0
        var product = 0.0
        for entries in 1...96 {
            probability *= load / Double(entries)
            let buckets = Double((entries - 1) / 8)
            mean += probability * buckets
            square += probability * buckets * buckets
            product += probability * buckets * Double(entries)
        }
        // All chains together have `entryCount` entries, which leaves less to chance than if each had its own.
        let covariance = product - mean * load
        let variance = max(0, square - mean * mean - covariance * covariance / load)
        return Spread(
            expected: mean * Double(chains), deviation: (variance * Double(chains)).squareRoot() + 0.2)
    }

    private var allocatedOverflow: Spread { overflow.mapped { max(0, $0 - spareCount) } }

    /// Whether the header has its extra part: 0 or 1.
    var hasExtra: Spread {
        spareCount > 0 ? Spread(1) : listsBuckets ? overflow.mapped { min(1, $0) } : Spread(0)
    }

    /// The list that keeps overflow buckets alive which the collector does not see: `append`, one by one.
    private func list(_ count: Int) -> (heldBytes: Int, objects: Int, totalBytes: Int, allocations: Int) {
        guard listsBuckets, count > 0 else { return (0, 0, 0, 0) }
        let headBytes = heap.heldByteCount(24, hasPointers: true)
        var capacity = 0
        var lastBytes = 0
        var totalBytes = headBytes
        var allocations = 1
        while capacity < count {
            capacity = heap.appendCapacity(after: capacity)
            lastBytes = heap.heldByteCount(capacity * 8, hasPointers: true)
            totalBytes += lastBytes
            allocations += 1
        }
        return (headBytes + lastBytes, 2, totalBytes, allocations)
    }

    /// Counts all that this generation ever allocates.
    func allocate(in sum: inout MapEstimate) {
        sum.allocate(Spread(1), of: arrayBytes)
        sum.allocate(allocatedOverflow, of: bucketBytes)
        sum.allocate(
            bytes: overflow.mapped { list($0).totalBytes }, objects: overflow.mapped { list($0).allocations })
    }

    /// Counts what the map holds of it.
    func keep(in sum: inout MapEstimate) {
        sum.keep(bytes: Spread(arrayBytes), objects: Spread(1))
        sum.keep(bytes: allocatedOverflow * bucketBytes, objects: allocatedOverflow)
        sum.keep(bytes: overflow.mapped { list($0).heldBytes }, objects: overflow.mapped { list($0).objects })
    }

    /// Counts what the map holds of it while it grows out of it.
    func keep(in sum: inout MapEstimate, _ growth: Growth) {
        let isHeld = growth.isUnderWay
        sum.keep(bytes: isHeld * arrayBytes, objects: isHeld)
        if listsBuckets {
            let held = Spread(
                expected: allocatedOverflow.expected * isHeld.expected,
                least: allocatedOverflow.least * isHeld.least, most: allocatedOverflow.most * isHeld.most)
            sum.keep(bytes: held * bucketBytes, objects: held)
            let listed = Spread(
                expected: overflow.expected * isHeld.expected, least: overflow.least * isHeld.least,
                most: overflow.most * isHeld.most)
            sum.keep(bytes: listed.mapped { list($0).heldBytes }, objects: listed.mapped { list($0).objects })
        } else {
            // A chain that has been evacuated lets go of its overflow buckets.
            let left = growth.leftShare
            let expected = Double(allocatedOverflow.expected) * left
            let reach = 0.02 * Double(allocatedOverflow.expected) + 10
            let held = Spread(
                expected: Int(expected) * isHeld.expected, least: max(0, Int(expected - reach)) * isHeld.least,
                most: min(allocatedOverflow.most, Int(expected + reach)) * isHeld.most)
            sum.keep(bytes: held * bucketBytes, objects: held)
        }
    }

    /// Only so many of the entries may be in it yet.
    mutating func takeOnly(evacuated growth: Growth) {
        overflow = Spread(
            expected: Int(Double(overflow.expected) * (1 - growth.leftShare)), least: 0, most: overflow.most)
    }
}

/// How far a map is that grows.
private struct Growth {
    /// Whether the old array is still there: 0 or 1.
    let isUnderWay: Spread
    /// The share of the old chains that have not been evacuated.
    let leftShare: Double

    init(writes: Int, oldChains: Int) {
        let end = Double(oldChains) * M_LN2
        let reach = 4.5 * Double(oldChains).squareRoot() + 2
        isUnderWay = Spread(
            expected: Double(writes) < end ? 1 : 0, least: Double(writes) < end - reach ? 1 : 0,
            most: writes < oldChains && Double(writes) < end + reach ? 1 : 0)
        leftShare = max(0, 2 * exp(-Double(writes) / Double(oldChains)) - 1)
    }
}

extension Spread {
    /// Of two that are 0 or 1, whether one at least is 1.
    fileprivate func or(_ other: Spread) -> Spread {
        Spread(
            expected: max(expected, other.expected), least: max(least, other.least), most: max(most, other.most))
    }
}
