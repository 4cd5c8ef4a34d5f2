// Figures of heap and map for whoever looks many times a second.

import GoHeap
import GoMap
import HuskSystem

/// What there is of heap and map at one moment. Bytes unless the name says otherwise.
package struct HeapFigures: Equatable, Sendable {
    package var heapAlloc: Int
    package var heapInuse: Int
    package var heapIdle: Int
    package var heapReleased: Int
    package var heapSys: Int
    package var residentBytes: Int
    /// Cycles that have ended.
    package var numGC: Int
    package var retainedBytes: Int
    /// `len(m)`, and how many entries the map has slots for.
    package var count: Int
    package var slots: Int
}

extension Lab {
    /// The figures now. Unlike `readMemStats` this leaves the heap's cache and its open tiny block as they are, so it may be
    /// asked as often as one likes. O(shards).
    package func figures() -> HeapFigures {
        lock.lock()
        defer { lock.unlock() }
        let heap = state.pointee.heap
        let map = state.pointee.map.statistics()
        return HeapFigures(
            heapAlloc: heap.allocatedBytes, heapInuse: heap.inUseBytes,
            heapIdle: heap.systemBytes - heap.inUseBytes, heapReleased: heap.releasedBytes, heapSys: heap.systemBytes,
            residentBytes: ProcessMemory.residentBytes, numGC: heap.cycleCount, retainedBytes: map.retainedBytes,
            count: map.count, slots: map.slots)
    }

    /// HeapAlloc, as in `figures`.
    package var allocatedBytes: Int {
        lock.lock()
        defer { lock.unlock() }
        return state.pointee.heap.allocatedBytes
    }
}
