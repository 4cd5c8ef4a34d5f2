// The header of a map of the swiss layout.
//
// Source: Go 1.24.11 internal/runtime/maps/map.go `Map`.

import GoHeap

/// The header of a map in the heap (Go: `Map`).
struct SwissHeader {
    /// How many entries there are. Must be first: `MapState.root`.
    var count: Int
    /// The seed of the hash.
    var seed: UInt64
    /// The directory; of a small map its group, nil until the first insert.
    var directory: UnsafeMutableRawPointer?
    /// How many pointers the directory has; 0 for a small map.
    var directoryCount: Int
    /// Log2 of that.
    var globalDepth: UInt8
    /// 64 less that: how far down a hash is shifted to give its place in the directory.
    var globalShift: UInt8
    // What follows in Go tells of two writers at a time, and of NaN keys after a clear; here there are neither.
    private var unused: UInt64

    // SAFETY: the address of an immutable, immortal descriptor.
    nonisolated(unsafe) static let objectType: ObjectTypeRef = .of(byteCount: 48, pointerWords: [2])
    nonisolated(unsafe) static let directoryElementType: ObjectTypeRef = .of(byteCount: 8, pointerWords: [0])
    static let directoryOffset = 16

    @inline(__always) var isSmall: Bool { directoryCount == 0 }

    /// Which of the directory's pointers a hash leads to.
    @inline(__always)
    func directoryIndex(hash: UInt64) -> Int {
        // In two steps, because a shift by 64 would be a shift by 0.
        Int(truncatingIfNeeded: (hash &>> 1) &>> UInt64(globalShift &- 1))
    }

    /// The table at a place of the directory.
    @inline(__always)
    func table(at index: Int) -> UnsafeMutablePointer<SwissTable> {
        // SAFETY: callers check that the map has a directory, and every pointer of one is to a table.
        directory.unsafelyUnwrapped.load(
            fromByteOffset: index &* 8, as: UnsafeMutablePointer<SwissTable>?.self
        ).unsafelyUnwrapped
    }
}
