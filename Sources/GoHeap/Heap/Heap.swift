// Go's memory manager: pages, spans, size classes, objects, and a collector that finds what is dead.
//
// Terms, all Go's:
//
//     page     8 KiB, the unit of address space (PageAllocator.swift)
//     span     a run of pages cut into objects of one size class, or one large object (Span.swift)
//     object   bytes and a layout (ObjectType.swift) that says which of its words are pointers
//     cache    for each span class, the span that is being allocated from (Go: mcache)
//     central  for each span class, all other spans: with free slots or full, swept or not (Go: mcentral)
//     roots    words outside the heap that hold pointers into it; what they do not lead to is garbage
//
// An allocation takes the next free slot of its class's cached span; when that is full, a span with room from
// the central lists; when there is none, fresh pages; when those run out, 4 MiB more of the reservation.
//
// Address space: one reservation, made ready in arenas of 64 MiB, grown into (`HeapSys`) in steps of 4 MiB (what differs
// with the release of Go is in GoProfile.swift). A page counts as released until it is first used, and again once
// `madvise` has given it back: RSS follows HeapSys − HeapReleased, but for pages of large objects that nobody has
// touched yet.
//
// Time: what Go's runtime does by the clock is `backgroundStep` (Heap+Background.swift), for a thread of the owner's.
//
// Lock: none. The owner serialises all calls on a heap.
//
// Safepoints: an allocation never runs a collection. The owner calls `collectIfDue()` between operations, when no
// raw pointer into the heap is held outside the roots. So no stack is ever scanned, and marking is precise.

import Glibc

/// A handle on one heap: a single address, freely copied, like Go's `*mheap`.
package struct Heap {
    // SAFETY: valid from `init` to `destroy`; the owner's lock serialises all use.
    let state: UnsafeMutablePointer<HeapState>

    /// Makes an empty heap.
    ///
    /// - Throws: `HeapError.cannotReserve` when the kernel refuses the address space.
    package init(_ configuration: HeapConfiguration = HeapConfiguration()) throws(HeapError) {
        state = .allocate(capacity: 1)
        guard let made = HeapState(configuration) else {
            state.deallocate()
            throw .cannotReserve(byteCount: configuration.reservedBytes)
        }
        state.initialize(to: made)
        // A Go programme's runtime has allocated before `main` begins.
        grow(pageCount: 1)
        commitPacing()
    }

    /// Unmaps everything. No pointer into the heap and no handle on it may be used afterwards.
    package func destroy() {
        dismissCrew()
        state.pointee.destroy()
        state.deinitialize(count: 1)
        state.deallocate()
    }
}

/// Everything a heap keeps, outside the heap itself. One allocation, so that a handle is one address.
struct HeapState {
    let configuration: HeapConfiguration
    var settings: RuntimeSettings
    let clock: RuntimeClock
    /// `clock` as of the last background step or cycle: near enough for ages, and free.
    var coarseNowNanoseconds: UInt64 = 0

    // Address space
    let base: UInt
    let reservedBytes: Int
    /// Bytes from `base` on that may be touched; whole arenas.
    var readyBytes = 0
    /// Bytes from `base` on that have been in a span once, and so may not read as zeros (Go: `zeroedBase`).
    var usedBytes = 0
    var pages: PageAllocator
    /// For each page of the reservation, its span, or nil when it is free.
    let spanOfPage: UnsafeMutablePointer<SpanRef?>
    let pageAges: PageAges
    /// For each word of the reservation whether it is a pointer, where the profile keeps that outside the spans.
    let outsideBits: UnsafeMutablePointer<UInt64>?

    // Spans
    let classes: SizeClasses
    /// By span class: the span to allocate from. Never nil: `noSpan` stands for none, and is always full.
    let cache: UnsafeMutablePointer<SpanRef>
    let noSpan: SpanRef
    let central: UnsafeMutablePointer<Central>
    var spanPool = RecordPool(blockBytes: (MemoryLayout<Span>.stride + 63) & ~63)
    /// By length in words: blocks for a span's two bitmaps.
    let bitmapPools: UnsafeMutablePointer<RecordPool>
    var tiny = TinyBlock()

    // Sweeping
    var sweepGeneration: UInt32 = 0
    var unsweptSpans = 0
    /// The span class at which the sweeper goes on.
    var sweepClass = 0
    var sweepPace = SweepPace()

    // Marking
    var isMarking = false
    /// Whether the next safepoint has to look whether a cycle is to start, or has to help with one: see `collectIfDue`.
    var isSafepointDue = false
    var markQueue = MarkQueue()
    /// The owner's own marker.
    let marker: UnsafeMutablePointer<Marker>
    /// The threads that help to mark; none before they are first wanted.
    var crew: MarkCrew?
    var roots: [Roots] = []
    var pacer: Pacer
    var limiter: CPULimiter
    var cycle = CycleState()

    var scavenge = ScavengeState()
    var log = TraceLog()

    var statistics = HeapStatistics()

    static let bitmapPoolCount = 17

    init?(_ configuration: HeapConfiguration) {
        let reserved = max(
            HeapConstants.arenaBytes, configuration.reservedBytes & ~(HeapConstants.arenaBytes - 1))
        let pageCount = reserved >> HeapConstants.pageShift
        guard
            let reservation = OperatingSystem.reserve(
                byteCount: reserved, alignment: HeapConstants.arenaBytes),
            let table = OperatingSystem.map(byteCount: pageCount * MemoryLayout<SpanRef?>.stride),
            let pages = PageAllocator(maxPages: pageCount),
            let ages = PageAges(maxPages: pageCount)
        else { return nil }
        if configuration.profile.keepsPointerBitsOutside {
            guard let bits = OperatingSystem.map(byteCount: Self.outsideBitsBytes(reservedBytes: reserved))
            else { return nil }
            outsideBits = bits.assumingMemoryBound(to: UInt64.self)
        } else {
            outsideBits = nil
        }
        self.configuration = configuration
        settings = configuration.settings
        clock = RuntimeClock(scale: configuration.timeScale)
        classes = SizeClasses.of(configuration.profile)
        isSafepointDue = configuration.stressPeriod > 0
        pacer = Pacer(otherScanBytes: configuration.otherScanBytes)
        limiter = CPULimiter(procs: configuration.settings.maxProcs, now: clock.bornNanoseconds)
        pageAges = ages
        base = UInt(bitPattern: reservation)
        reservedBytes = reserved
        spanOfPage = table.assumingMemoryBound(to: SpanRef?.self)
        self.pages = pages

        marker = .allocate(capacity: 1)
        marker.initialize(to: Marker(spanOfPage: spanOfPage))
        noSpan = .allocate(capacity: 1)
        memset(noSpan, 0, MemoryLayout<Span>.stride)
        cache = .allocate(capacity: SpanClass.count)
        cache.initialize(repeating: noSpan, count: SpanClass.count)
        central = .allocate(capacity: SpanClass.count)
        for raw in 0..<SpanClass.count { (central + raw).initialize(to: Central()) }
        bitmapPools = .allocate(capacity: Self.bitmapPoolCount)
        for words in 0..<Self.bitmapPoolCount {
            (bitmapPools + words).initialize(to: RecordPool(blockBytes: max(8, words * 16)))
        }
    }

    /// A bit for each word, and a page more for reads that begin at the last word.
    private static func outsideBitsBytes(reservedBytes: Int) -> Int { reservedBytes / 64 + 4096 }

    mutating func destroy() {
        OperatingSystem.unmap(UnsafeMutableRawPointer(bitPattern: base)!, byteCount: reservedBytes)
        OperatingSystem.unmap(spanOfPage, byteCount: (reservedBytes >> HeapConstants.pageShift) * 8)
        pages.destroy()
        pageAges.destroy()
        if let outsideBits {
            OperatingSystem.unmap(outsideBits, byteCount: Self.outsideBitsBytes(reservedBytes: reservedBytes))
        }
        for raw in 0..<SpanClass.count { central[raw].destroy() }
        central.deinitialize(count: SpanClass.count)
        central.deallocate()
        cache.deallocate()
        noSpan.deallocate()
        spanPool.destroy()
        for words in 0..<Self.bitmapPoolCount { bitmapPools[words].destroy() }
        bitmapPools.deinitialize(count: Self.bitmapPoolCount)
        bitmapPools.deallocate()
        markQueue.destroy()
        marker.pointee.destroy()
        marker.deallocate()
        statistics.destroy()
    }
}

extension HeapState {
    @inline(__always)
    func pageIndex(of address: UInt) -> Int { Int(bitPattern: address &- base) &>> HeapConstants.pageShift }

    @inline(__always)
    func pageAddress(_ page: Int) -> UInt { base &+ UInt(bitPattern: page &<< HeapConstants.pageShift) }

    /// Whether an address lies in the part that the heap has grown into.
    @inline(__always)
    func contains(_ address: UInt) -> Bool { address &- base < UInt(bitPattern: readyBytes) }

    /// Bytes of the grown address space (MemStats' HeapSys).
    var systemBytes: Int { pages.pageCount << HeapConstants.pageShift }

    /// Bytes of it that the kernel does not have back (Go: `heapRetained`).
    var heapRetainedBytes: Int { (pages.pageCount - statistics.releasedPages) << HeapConstants.pageShift }

    /// How the collector finds the pointers of objects of a span class.
    func layout(of spanClass: SpanClass, objectBytes: Int) -> ObjectLayout {
        if !spanClass.hasPointers { return .none }
        if spanClass.isLarge { return .large }
        if objectBytes <= HeapConstants.maxBitmapObjectBytes { return .bits }
        return classes.keepsPointerBitsOutside ? .longBits : .header
    }
}
