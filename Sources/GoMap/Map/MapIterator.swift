// An iteration over a map, which may change meanwhile.

import GoHeap

/// `for k, v := range m`, one entry at a time: every entry that is there throughout comes once; one that is deleted before
/// it is reached does not come; one that is inserted meanwhile may come. The order is random.
///
/// Holds the map's memory alive until it is destroyed, as a Go loop does.
struct MapIterator {
    private let layout: MapLayout
    private let heap: Heap
    /// The iteration of the layout's code.
    private let iteration: UnsafeMutableRawPointer

    /// Begins an iteration; it must be destroyed.
    ///
    /// - Parameter map: a nil map has no entries.
    init(_ map: GoMap) {
        layout = map.layout
        heap = map.heap
        iteration = map.withCode { Self.begin($0) }
    }

    private static func begin<Code: MapCode>(_ code: Code) -> UnsafeMutableRawPointer {
        let iteration = UnsafeMutablePointer<Code.Iteration>.allocate(capacity: 1)
        iteration.initialize(to: Code.Iteration(type: code.type, heap: code.heap))
        code.heap.addRoots(roots(iteration), count: Code.Iteration.rootCount)
        code.begin(iteration)
        return UnsafeMutableRawPointer(iteration)
    }

    // SAFETY: an iteration's first words are pointers into the heap or nil, and it stays where it is until `destroy`.
    private static func roots(
        _ iteration: UnsafeMutableRawPointer
    ) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        iteration.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    }

    /// Goes to the next entry.
    ///
    /// - Returns: the entry; nil after the last one, and from then on.
    @inline(__always)
    func next() -> MapEntry? {
        layout.withCode { Self.next(iteration, of: $0) }
    }

    @inline(__always)
    private static func next<Code: MapCode>(_ iteration: UnsafeMutableRawPointer, of _: Code.Type)
        -> MapEntry?
    {
        // SAFETY: made for this code in `begin`.
        Code.Iteration.next(iteration.assumingMemoryBound(to: Code.Iteration.self))
    }

    /// Goes over several entries at once, for callers that change nothing in between.
    ///
    /// - Parameter entries: where to put them.
    /// - Returns: how many there are; less than there is room for only at the end.
    func next(into entries: UnsafeMutableBufferPointer<MapEntry>) -> Int {
        layout.withCode { Self.next(iteration, of: $0, into: entries) }
    }

    private static func next<Code: MapCode>(
        _ iteration: UnsafeMutableRawPointer, of _: Code.Type,
        into entries: UnsafeMutableBufferPointer<MapEntry>
    ) -> Int {
        // SAFETY: made for this code in `begin`.
        Code.Iteration.next(iteration.assumingMemoryBound(to: Code.Iteration.self), into: entries)
    }

    /// Ends the iteration.
    func destroy() {
        heap.removeRoots(Self.roots(iteration))
        layout.withCode { Self.free(iteration, of: $0) }
    }

    private static func free<Code: MapCode>(_ iteration: UnsafeMutableRawPointer, of _: Code.Type) {
        // SAFETY: made for this code in `begin`.
        iteration.assumingMemoryBound(to: Code.Iteration.self).deinitialize(count: 1)
        iteration.deallocate()
    }
}
