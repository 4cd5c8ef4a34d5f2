// What a handle on a map keeps outside the heap, whatever the layout.

import GoHeap

/// Its address never changes, and its first word is a root of the collector.
struct MapState {
    /// The map's header in the heap; nil for a nil map. A root: must be first. Each layout gives it its type (`header`,
    /// `swissHeader`); in both, the first word of the header is how many entries there are.
    var root: UnsafeMutableRawPointer?
    let type: MapTypeRef
    let heap: Heap
    let layout: MapLayout
    /// Whether this is one of the maps of a `ShardedMap`: then that one leads the collector to the header, and the
    /// seed, which all of its maps share, stays.
    let isShard: Bool
    /// Whether a cycle of the heap is marking (`Heap.isMarkingAddress`).
    let isMarking: UnsafePointer<Bool>
    /// What hashes depend on: the header's, which the bucket layout spreads to 64 bits.
    var seed: UInt64
    /// Where new hash seeds, iteration starts and the coin of `noverflow` come from.
    var random: RandomState
    /// Whether the swiss layout is as it was in Go 1.24.
    let hasFirstSwissMap: Bool
    /// Of the bucket layout: the header's `bucketMask`, at hand.
    var bucketMask: UInt64 = 0
    /// Of the bucket layout: with so many entries an insert looks whether the map has to grow. 0 if it has to whatever
    /// their number.
    var countLimit = 0
    /// Of the bucket layout.
    var counters = MapCounters()
    /// Of the swiss layout.
    var swissCounters = SwissCounters()
}
