// The figures of Go's `runtime.MemStats`: the same names, order and meaning. (Go: runtime/mstats.go)
//
// Where Go counts something that Husk does not have, the field says so. These always hold:
//
//     HeapSys = HeapInuse + HeapIdle        HeapReleased ≤ HeapIdle        Mallocs − Frees = HeapObjects
//     Alloc = HeapAlloc                     Sys = the sum of the …Sys fields

/// One snapshot of a heap's statistics. Bytes unless the name says otherwise.
package struct MemStats: Equatable, Sendable {
    /// Bytes of allocated objects: live ones, and dead ones that are not yet swept.
    package var alloc: UInt64 = 0
    /// Bytes of all objects ever allocated; only grows.
    package var totalAlloc: UInt64 = 0
    /// Address space obtained from the kernel that is or was usable: the sum of the `…Sys` fields.
    package var sys: UInt64 = 0
    /// Pointer lookups; always 0, as in Go since 1.4.
    package var lookups: UInt64 = 0
    /// Objects ever allocated, tiny ones counted one by one.
    package var mallocs: UInt64 = 0
    /// Objects ever freed; a tiny object counts as freed at once, since its block is what lives on.
    package var frees: UInt64 = 0

    /// The same as `alloc`.
    package var heapAlloc: UInt64 = 0
    /// Bytes of the heap's grown address space, released parts included.
    package var heapSys: UInt64 = 0
    /// Bytes of pages in no span; `heapReleased` of them have no memory behind them.
    package var heapIdle: UInt64 = 0
    /// Bytes of pages in spans that hold at least one object, or are cached to allocate from.
    package var heapInuse: UInt64 = 0
    /// Bytes of idle pages that were given back to the kernel, or never used.
    package var heapReleased: UInt64 = 0
    /// Allocated objects: live ones, and dead ones that are not yet swept.
    package var heapObjects: UInt64 = 0

    /// Goroutine stacks in Go. Husk has none on its heap: 0.
    package var stackInuse: UInt64 = 0
    package var stackSys: UInt64 = 0
    /// Span records in use, and mapped for them.
    package var mspanInuse: UInt64 = 0
    package var mspanSys: UInt64 = 0
    /// The allocation cache.
    package var mcacheInuse: UInt64 = 0
    package var mcacheSys: UInt64 = 0
    /// The profiler's hash table.
    package var buckHashSys: UInt64 = 0
    /// The collector's records: mark and allocation bitmaps, the mark queue, the page table.
    package var gcSys: UInt64 = 0
    /// What else the heap keeps for itself: page bitmaps, lists of spans.
    package var otherSys: UInt64 = 0

    /// Bytes of heap at which the next cycle should have finished.
    package var nextGC: UInt64 = 0
    /// When the last cycle ended: nanoseconds since 1970, 0 before the first.
    package var lastGC: UInt64 = 0
    package var pauseTotalNs: UInt64 = 0
    /// The last 256 pauses in nanoseconds; the newest is at `(numGC + 255) % 256`.
    package var pauseNs: [UInt64] = Array(repeating: 0, count: 256)
    /// When each of them ended, nanoseconds since 1970.
    package var pauseEnd: [UInt64] = Array(repeating: 0, count: 256)
    package var numGC: UInt32 = 0
    /// Cycles that a client asked for (`runtime.GC`, `debug.FreeOSMemory`).
    package var numForcedGC: UInt32 = 0
    /// The share of the CPU time available since the heap was made that the collector used.
    package var gcCPUFraction: Double = 0
    package var enableGC = true
    package var debugGC = false
    /// The first 61 size classes, as Go's array has it.
    package var bySize: [SizeStatistics] = []

    package struct SizeStatistics: Equatable, Sendable {
        /// Bytes of an object of this class.
        package var size: UInt32
        package var mallocs: UInt64
        package var frees: UInt64
    }

    package static let sizeClassesShown = 61
}
