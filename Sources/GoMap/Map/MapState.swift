// What a handle on a map keeps outside the heap, whatever the layout.
//
//     MapState │ the layout's own: BucketState or SwissState

import GoHeap
import HuskSystem

/// Its address never changes, and its first word is a root of the collector.
struct MapState {
    /// The map's header in the heap; nil for a nil map. A root: must be first. Each layout gives it its type; in each, the
    /// first word of the header is how many entries there are.
    var root: UnsafeMutableRawPointer?
    let type: MapTypeRef
    let heap: Heap
    let layout: MapLayout
    /// The maps that this is one of; nil for one alone.
    let shards: UnsafeMutablePointer<ShardTable>?
    /// Whether a cycle of the heap is marking (`Heap.isMarkingAddress`).
    let isMarking: UnsafePointer<Bool>
    /// What hashes depend on: the header's, which the bucket layout spreads to 64 bits.
    var seed: UInt64
    /// Where new hash seeds, iteration starts and the coin of `noverflow` come from.
    var random: SplitMix64

    /// Whether this is one of several maps of a `ShardedMap`: then their table leads the collector to the header, and the
    /// seed, which all of them share, stays.
    @inline(__always) var isShard: Bool { shards != nil }

    /// A nil map.
    ///
    /// - Returns: the state, with the layout's own behind it; for `free`.
    static func allocate(
        _ type: MapTypeRef, heap: Heap, seed: UInt32, layout: MapLayout,
        shards: UnsafeMutablePointer<ShardTable>?
    ) -> UnsafeMutablePointer<MapState> {
        let state = MapState(
            root: nil, type: type, heap: heap, layout: layout, shards: shards,
            isMarking: heap.isMarkingAddress,
            seed: Hash.seed(from: seed), random: SplitMix64(seed: UInt64(seed) ^ Hash.k3))
        return layout.withCode { allocate(state, $0) }
    }

    private static func allocate<Code: MapCode>(_ state: MapState, _: Code.Type) -> UnsafeMutablePointer<
        MapState
    > {
        // SAFETY: neither needs more than a word's alignment, and the stride of the first is whole words.
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<MapState>.stride + MemoryLayout<Code.Own>.stride, alignment: 16)
        let address = memory.initializeMemory(as: MapState.self, to: state)
        UnsafeMutableRawPointer(address + 1).initializeMemory(
            as: Code.Own.self, to: Code.Own(state.heap.profile))
        return address
    }

    static func free(_ state: UnsafeMutablePointer<MapState>) {
        // The layout's own holds nothing that would have to be released.
        state.deinitialize(count: 1)
        UnsafeMutableRawPointer(state).deallocate()
    }
}
