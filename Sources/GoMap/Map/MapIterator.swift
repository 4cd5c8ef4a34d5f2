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
    /// What is kept outside the heap, by the map's layout.
    private enum Iteration {
        case bucket(UnsafeMutablePointer<BucketIteration>)
        case swiss(UnsafeMutablePointer<SwissIteration>)
    }

    private let iteration: Iteration
    private let heap: Heap

    /// Begins an iteration; it must be destroyed.
    ///
    /// - Parameter map: a nil map has no entries.
    package init(_ map: GoMap) {
        heap = map.heap
        switch map.layout {
        case .bucket:
            let bucket = UnsafeMutablePointer<BucketIteration>.allocate(capacity: 1)
            bucket.initialize(to: BucketIteration(type: map.type, heap: map.heap))
            iteration = .bucket(bucket)
            heap.addRoots(roots, count: BucketIteration.rootCount)
            map.bucketMap.begin(bucket)
        case .swiss:
            let swiss = UnsafeMutablePointer<SwissIteration>.allocate(capacity: 1)
            swiss.initialize(to: SwissIteration(type: map.type, heap: map.heap))
            iteration = .swiss(swiss)
            heap.addRoots(roots, count: SwissIteration.rootCount)
            map.swissMap.begin(swiss)
        }
    }

    // SAFETY: the iteration's first words are pointers into the heap or nil, and it stays where it is until
    // `destroy`.
    private var roots: UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        let address =
            switch iteration {
            case .bucket(let bucket): UnsafeMutableRawPointer(bucket)
            case .swiss(let swiss): UnsafeMutableRawPointer(swiss)
            }
        return address.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    }

    /// Goes to the next entry.
    ///
    /// - Returns: the entry; nil after the last one, and from then on.
    package func next() -> MapEntry? {
        switch iteration {
        case .bucket(let bucket): BucketIteration.advance(bucket)
        case .swiss(let swiss): SwissIteration.advance(swiss)
        }
        // In both, key and value come first.
        guard let key = roots[0], let value = roots[1] else { return nil }
        return MapEntry(key: key, value: value)
    }

    /// Goes over several entries at once, for callers that change nothing in between.
    ///
    /// - Parameter entries: where to put them.
    /// - Returns: how many there are; less than there is room for only at the end.
    package func next(into entries: UnsafeMutableBufferPointer<MapEntry>) -> Int {
        switch iteration {
        case .bucket(let bucket): BucketIteration.advance(bucket, into: entries)
        case .swiss(let swiss): SwissIteration.advance(swiss, into: entries)
        }
    }

    /// Ends the iteration.
    package func destroy() {
        heap.removeRoots(roots)
        switch iteration {
        case .bucket(let bucket):
            bucket.deinitialize(count: 1)
            bucket.deallocate()
        case .swiss(let swiss):
            swiss.deinitialize(count: 1)
            swiss.deallocate()
        }
    }
}

// SAFETY: as for `GoMap`.
extension MapIterator: @unchecked Sendable {}
