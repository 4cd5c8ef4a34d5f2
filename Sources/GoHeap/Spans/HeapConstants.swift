/// Sizes of heap structures, in bytes unless the name says otherwise (Go: runtime/malloc.go).
enum HeapConstants {
    static let pageShift = 13
    /// A runtime page: the unit that spans are made of.
    static let pageBytes = 1 << pageShift
    static let wordBytes = 8
    /// Larger requests get a span of their own (Go: `_MaxSmallSize`).
    static let maxSmallBytes = 32_768
    /// Pointer-free requests below this share 16-byte blocks (Go: `maxTinySize`).
    static let tinyBlockBytes = 16
    /// The type word in front of larger objects with pointers, since Go 1.22 (Go: `mallocHeaderSize`).
    static let mallocHeaderBytes = 8
    /// Objects with pointers up to this size have their pointer bits at their span's end instead
    /// (Go: `minSizeForMallocHeader`).
    static let maxBitmapObjectBytes = 512
    /// Address space is made ready this much at a time (Go: `heapArenaBytes`).
    static let arenaBytes = 64 << 20
}
