// An iteration over a map, which may change meanwhile.

import GoHeap

/// One entry that an iterator has reached: where its key and value are, until the next operation on the map.
package struct MapEntry {
    package let key: UnsafeMutableRawPointer
    package let value: UnsafeMutableRawPointer
}

/// `for k, v := range m`, one entry at a time: every entry that is there throughout comes once; one that is deleted before
/// it is reached does not come; one that is inserted meanwhile may come. The order is random.
///
/// Holds the map's memory alive until it is destroyed, as a Go loop does.
package struct MapIterator {
    private let iteration: UnsafeMutablePointer<BucketIteration>

    /// Begins an iteration; it must be destroyed.
    ///
    /// - Parameter map: a nil map has no entries.
    package init(_ map: GoMap) {
        iteration = .allocate(capacity: 1)
        iteration.initialize(to: BucketIteration(type: map.type, heap: map.heap))
        map.heap.addRoots(roots, count: BucketIteration.rootCount)
        map.bucketMap.begin(iteration)
    }

    // SAFETY: the iteration's first words are pointers into the heap or nil, and it stays where it is until
    // `destroy`.
    private var roots: UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        UnsafeMutableRawPointer(iteration).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    }

    /// Goes to the next entry.
    ///
    /// - Returns: the entry; nil after the last one, and from then on.
    package func next() -> MapEntry? {
        BucketIteration.advance(iteration)
        guard let key = iteration.pointee.key, let value = iteration.pointee.value else { return nil }
        return MapEntry(key: key, value: value)
    }

    /// Goes over several entries at once, for callers that change nothing in between.
    ///
    /// - Parameter entries: where to put them.
    /// - Returns: how many there are; less than there is room for only at the end.
    package func next(into entries: UnsafeMutableBufferPointer<MapEntry>) -> Int {
        BucketIteration.advance(iteration, into: entries)
    }

    /// Ends the iteration.
    package func destroy() {
        iteration.pointee.heap.removeRoots(roots)
        iteration.deinitialize(count: 1)
        iteration.deallocate()
    }
}

// SAFETY: as for `GoMap`.
extension MapIterator: @unchecked Sendable {}
