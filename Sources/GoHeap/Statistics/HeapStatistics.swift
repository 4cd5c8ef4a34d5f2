// What the heap counts as it goes. MemStats is made of it (Heap+Statistics.swift).

struct HeapStatistics {
    struct OfSize {
        var mallocs = 0
        var frees = 0
    }

    /// By size class. Allocations from a cached span are counted when it leaves the cache.
    let bySize: UnsafeMutablePointer<OfSize>
    var largeMallocs = 0
    var largeMallocBytes = 0
    var largeFrees = 0
    var largeFreedBytes = 0
    /// Tiny objects that were put into a block that was open already.
    var tinyMallocs = 0

    var inUsePages = 0
    var releasedPages = 0
    /// Pages on their way to the kernel: in no span, not free, not yet released.
    var releasingPages = 0
    /// Pages of spans whose objects may hold pointers.
    var scannablePages = 0

    init() {
        bySize = .allocate(capacity: SizeClasses.count)
        bySize.initialize(repeating: OfSize(), count: SizeClasses.count)
    }

    func destroy() { bySize.deallocate() }
}
