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
    /// What hashes depend on: copied from the header, or for the bucket layout made of what is there.
    var seed: UInt64
    /// Where new hash seeds, iteration starts and the coin of `noverflow` come from.
    var random: RandomState
    /// Of the bucket layout.
    var counters = MapCounters()
}
