// Spans come from pages and go back to them. (Go: mheap.alloc, mheap.grow, mheap.freeSpan, runtime/mheap.go)

extension Heap {
    /// A span of fresh pages.
    ///
    /// - Parameters:
    ///   - pageCount: its length.
    ///   - spanClass: what it will hold.
    ///   - objectBytes: bytes of an object; for a large object, of all pages.
    ///   - limitBytes: for a large object, the bytes that were asked for.
    /// - Returns: the span, with no slot taken. Traps when the reservation is used up.
    func makeSpan(pageCount: Int, spanClass: SpanClass, objectBytes: Int, limitBytes: Int? = nil) -> SpanRef {
        if state.pointee.unsweptSpans > 0 { reclaim(pageCount: pageCount) }
        let page = takePages(pageCount)
        let base = state.pointee.pageAddress(page)
        let byteCount = pageCount << HeapConstants.pageShift
        let endOffset = (page + pageCount) << HeapConstants.pageShift

        let (usableBytes, hasBitsAtEnd) = state.pointee.classes.division(
            spanBytes: byteCount, spanClass: spanClass, objectBytes: objectBytes)
        let layout = state.pointee.layout(of: spanClass, objectBytes: objectBytes)
        let pointerBits: UnsafeMutablePointer<UInt64>? =
            switch layout {
            case .bits, .longBits:
                hasBitsAtEnd
                    ? UnsafeMutablePointer(bitPattern: base + UInt(usableBytes))
                    : state.pointee.outsideBits.unsafelyUnwrapped + page * HeapConstants.pageBytes / 512
            case .none, .header, .large: nil
            }
        let objectCount = spanClass.isLarge ? 1 : usableBytes / objectBytes
        let bitmapWords = (objectCount + 63) / 64

        let span = state.pointee.spanPool.allocate().assumingMemoryBound(to: Span.self)
        let bitmaps = state.pointee.bitmapPools[bitmapWords].allocate().assumingMemoryBound(to: UInt64.self)
        span.initialize(
            to: Span(
                base: base, markBits: bitmaps + bitmapWords, objectBytes: objectBytes,
                reciprocal: spanClass.isLarge ? 0 : UInt32.max / UInt32(objectBytes) + 1,
                layout: layout, spanClass: spanClass, pointerBits: pointerBits, largeType: nil,
                limit: base + UInt(limitBytes ?? objectCount * objectBytes), pageCount: pageCount,
                objectCount: UInt32(objectCount), allocCount: 0, allocCountBeforeCache: 0, freeIndex: 0,
                allocCache: ~0, allocBits: bitmaps, sweepGeneration: state.pointee.sweepGeneration,
                bitmapWords: bitmapWords,
                needsZeroing: page << HeapConstants.pageShift < state.pointee.usedBytes, isInUse: true))
        state.pointee.usedBytes = max(state.pointee.usedBytes, endOffset)
        (state.pointee.spanOfPage + page).update(repeating: span, count: pageCount)

        state.pointee.statistics.inUsePages += pageCount
        if spanClass.hasPointers { state.pointee.statistics.scannablePages += pageCount }
        return span
    }

    /// Takes a run of pages. What that adds to the memory in use over the limit, or by growing over the scavenger's goal, is
    /// released elsewhere at once. (Go: mheap.allocSpan)
    private func takePages(_ pageCount: Int) -> Int {
        var grownBytes = 0
        var taken = state.pointee.pages.allocate(pageCount: pageCount)
        if taken == nil {
            grownBytes = grow(pageCount: pageCount)
            taken = state.pointee.pages.allocate(pageCount: pageCount)
        }
        guard let run = taken else {
            fatalError("the heap grew by \(grownBytes) bytes and has no run of \(pageCount) pages")
        }
        let limit = state.pointee.memoryLimitBytes
        if limit != nil || (grownBytes > 0 && state.pointee.scavenge.percentGoalBytes != .max) {
            releaseForAllocation(of: run.releasedPages << HeapConstants.pageShift, grownBytes: grownBytes)
        }
        state.pointee.statistics.releasedPages -= run.releasedPages
        return run.page
    }

    private func releaseForAllocation(of releasedBytes: Int, grownBytes: Int) {
        var excess = 0
        if let limit = state.pointee.memoryLimitBytes {
            excess = max(0, state.pointee.pacerMemory().mappedBytes + releasedBytes - limit)
        }
        let isForced = excess > 0
        let goal = state.pointee.scavenge.percentGoalBytes
        if grownBytes > 0 && goal != .max {
            excess = max(excess, min(grownBytes, state.pointee.heapRetainedBytes + grownBytes - goal))
        }
        if excess > 0 && !state.pointee.limiter.isLimiting {
            releaseEagerly(byteCount: excess, isForced: isForced)
        }
    }

    /// Grows into the reservation in the profile's steps.
    ///
    /// - Returns: by how many bytes.
    @discardableResult
    func grow(pageCount: Int) -> Int {
        let profile = state.pointee.configuration.profile
        // The last free run of the heap may be part of what is needed; Go does not look, and grows by all of it.
        let pages = profile.growthPages(for: pageCount)
        let grownBytes = state.pointee.systemBytes + (pages << HeapConstants.pageShift)
        guard grownBytes <= state.pointee.reservedBytes else {
            fatalError(
                "out of memory: the heap needs \(grownBytes) bytes, \(state.pointee.reservedBytes) are reserved"
            )
        }
        while state.pointee.readyBytes < grownBytes {
            let arena = UnsafeMutableRawPointer(
                bitPattern: state.pointee.base + UInt(state.pointee.readyBytes))!
            guard OperatingSystem.makeReady(arena, byteCount: HeapConstants.arenaBytes) else {
                fatalError("out of memory: the kernel refuses an arena of \(HeapConstants.arenaBytes) bytes")
            }
            state.pointee.readyBytes += HeapConstants.arenaBytes
        }
        state.pointee.pages.grow(pages: pages, asReleased: profile.countsFreshPagesAsReleased)
        if profile.countsFreshPagesAsReleased { state.pointee.statistics.releasedPages += pages }
        return pages << HeapConstants.pageShift
    }

    /// Gives a span's pages back. Its objects are dead and counted as freed already.
    func freeSpan(_ span: SpanRef) {
        let page = state.pointee.pageIndex(of: span.pointee.base)
        let pageCount = span.pointee.pageCount
        (state.pointee.spanOfPage + page).update(repeating: nil, count: pageCount)
        state.pointee.pages.free(page: page, pageCount: pageCount)
        if state.pointee.settings.scavenger == .periodic {
            state.pointee.pageAges.free(
                page: page, pageCount: pageCount, at: state.pointee.coarseNowNanoseconds)
        }
        state.pointee.statistics.inUsePages -= pageCount
        if span.pointee.spanClass.hasPointers { state.pointee.statistics.scannablePages -= pageCount }
        // The two bitmaps are one block; `sweep` swaps them, so it starts at the lower of the two.
        state.pointee.bitmapPools[span.pointee.bitmapWords].free(
            min(span.pointee.allocBits, span.pointee.markBits))
        span.pointee.isInUse = false
        state.pointee.spanPool.free(span)
    }

    /// Sweeps until as many pages have come free as are about to be taken, so that garbage is used
    /// before the heap grows. (Go: mheap.reclaim)
    private func reclaim(pageCount: Int) {
        let before = state.pointee.statistics.inUsePages
        while before - state.pointee.statistics.inUsePages < pageCount, sweepOne() {}
    }
}
