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

        // Objects with pointers of up to 512 bytes give up the span's end to its pointer bits.
        let hasPointerBits =
            spanClass.hasPointers && !spanClass.isLarge && objectBytes <= HeapConstants.maxBitmapObjectBytes
        let usableBytes = hasPointerBits ? byteCount - byteCount / 64 : byteCount
        let objectCount = spanClass.isLarge ? 1 : usableBytes / objectBytes
        let bitmapWords = (objectCount + 63) / 64

        let span = state.pointee.spanPool.allocate().assumingMemoryBound(to: Span.self)
        let bitmaps = state.pointee.bitmapPools[bitmapWords].allocate().assumingMemoryBound(to: UInt64.self)
        span.initialize(
            to: Span(
                base: base, objectBytes: objectBytes, pageCount: pageCount,
                limit: base + UInt(limitBytes ?? objectCount * objectBytes),
                reciprocal: spanClass.isLarge ? 0 : UInt32.max / UInt32(objectBytes) + 1,
                objectCount: UInt32(objectCount), allocCount: 0, allocCountBeforeCache: 0, freeIndex: 0,
                sweepGeneration: state.pointee.sweepGeneration, allocCache: ~0,
                allocBits: bitmaps, markBits: bitmaps + bitmapWords, largeType: nil,
                pointerBits: hasPointerBits
                    ? UnsafeMutablePointer(bitPattern: base + UInt(usableBytes)) : nil,
                spanClass: spanClass, bitmapWords: bitmapWords,
                needsZeroing: page << HeapConstants.pageShift < state.pointee.usedBytes, isInUse: true))
        state.pointee.usedBytes = max(state.pointee.usedBytes, endOffset)
        (state.pointee.spanOfPage + page).update(repeating: span, count: pageCount)

        state.pointee.statistics.inUsePages += pageCount
        if spanClass.hasPointers { state.pointee.statistics.scannablePages += pageCount }
        return span
    }

    private func takePages(_ pageCount: Int) -> Int {
        if let run = state.pointee.pages.allocate(pageCount: pageCount) {
            state.pointee.statistics.releasedPages -= run.releasedPages
            return run.page
        }
        grow(pageCount: pageCount)
        guard let run = state.pointee.pages.allocate(pageCount: pageCount) else {
            fatalError("the heap grew by \(pageCount) pages and has no run of as many")
        }
        state.pointee.statistics.releasedPages -= run.releasedPages
        return run.page
    }

    /// Grows into the reservation by whole chunks of 4 MiB. The new pages count as released.
    private func grow(pageCount: Int) {
        let chunks = (pageCount + HeapConstants.growthPages - 1) / HeapConstants.growthPages
        let grownBytes = state.pointee.systemBytes + chunks * HeapConstants.growthPages * HeapConstants.pageBytes
        guard grownBytes <= state.pointee.reservedBytes else {
            fatalError(
                "out of memory: the heap needs \(grownBytes) bytes, \(state.pointee.reservedBytes) are reserved")
        }
        while state.pointee.readyBytes < grownBytes {
            let arena = UnsafeMutableRawPointer(bitPattern: state.pointee.base + UInt(state.pointee.readyBytes))!
            guard OperatingSystem.makeReady(arena, byteCount: HeapConstants.arenaBytes) else {
                fatalError("out of memory: the kernel refuses an arena of \(HeapConstants.arenaBytes) bytes")
            }
            state.pointee.readyBytes += HeapConstants.arenaBytes
        }
        state.pointee.pages.grow(chunks: chunks)
        state.pointee.statistics.releasedPages += chunks * HeapConstants.growthPages
    }

    /// Gives a span's pages back. Its objects are dead and counted as freed already.
    func freeSpan(_ span: SpanRef) {
        let page = state.pointee.pageIndex(of: span.pointee.base)
        let pageCount = span.pointee.pageCount
        (state.pointee.spanOfPage + page).update(repeating: nil, count: pageCount)
        state.pointee.pages.free(page: page, pageCount: pageCount)
        state.pointee.statistics.inUsePages -= pageCount
        if span.pointee.spanClass.hasPointers { state.pointee.statistics.scannablePages -= pageCount }
        // The two bitmaps are one block; `sweep` swaps them, so it starts at the lower of the two.
        state.pointee.bitmapPools[span.pointee.bitmapWords].free(min(span.pointee.allocBits, span.pointee.markBits))
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
