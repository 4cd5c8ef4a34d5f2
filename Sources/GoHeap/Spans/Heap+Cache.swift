// The cache of spans, one of each class, that allocations take their slots from. (Go: mcache, runtime/mcache.go)

extension Heap {
    /// Puts a span with a free slot into the cache of its class. (Go: mcache.refill, mcentral.cacheSpan)
    ///
    /// The span that was cached must be full.
    func refill(_ spanClass: SpanClass) {
        uncache(spanClass)
        sweepInProportion()
        let span = spanWithRoom(spanClass)
        let free = Int(span.pointee.objectCount - span.pointee.allocCount)
        assert(free > 0, "a span without a free slot is cached")
        span.pointee.sweepGeneration = state.pointee.sweepGeneration &+ 3
        span.pointee.allocCountBeforeCache = span.pointee.allocCount
        // Position the cache of free bits at `freeIndex`.
        let freeIndex = span.pointee.freeIndex
        span.pointee.refillAllocCache(word: Int(freeIndex) >> 6)
        span.pointee.allocCache >>= UInt64(freeIndex & 63)
        // The pacer counts the free slots as used from now on: it corrects that when the span leaves the cache.
        state.pointee.pacer.liveBytes += span.pointee.pageCount << HeapConstants.pageShift
        state.pointee.pacer.liveBytes -= Int(span.pointee.allocCount) * span.pointee.objectBytes
        state.pointee.isSafepointDue = true
        state.pointee.cache[spanClass.raw] = span
    }

    private func spanWithRoom(_ spanClass: SpanClass) -> SpanRef {
        let central = state.pointee.central + spanClass.raw
        let generation = state.pointee.sweepGeneration
        if let span = central.pointee.popPartialSwept(generation: generation) { return span }
        if state.pointee.unsweptSpans > 0 {
            // Go's bound on the search: more than 100 spans without room, and a fresh one is cheaper.
            var budget = 100
            for kind in [Central.Kind.partial, .full] {
                while budget >= 0, let span = central.pointee.popUnswept(kind, generation: generation) {
                    budget -= 1
                    let hasRoom =
                        sweep(span, keepsEmpty: true) && span.pointee.allocCount < span.pointee.objectCount
                    if !hasRoom { central.pointee.pushSwept(span, generation: generation) }
                    countSwept()
                    if hasRoom { return span }
                }
            }
        }
        let sizeClass = spanClass.sizeClass
        return makeSpan(
            pageCount: state.pointee.classes.pages[sizeClass], spanClass: spanClass,
            objectBytes: state.pointee.classes.bytes[sizeClass])
    }

    /// Moves the cached span of a class, if any, to the central lists and counts what was allocated from it.
    func uncache(_ spanClass: SpanClass) {
        let span = state.pointee.cache[spanClass.raw]
        if span == state.pointee.noSpan { return }
        let used = Int(span.pointee.allocCount - span.pointee.allocCountBeforeCache)
        state.pointee.statistics.bySize[spanClass.sizeClass].mallocs += used
        state.pointee.pacer.liveBytes -=
            Int(span.pointee.objectCount - span.pointee.allocCount) * span.pointee.objectBytes
        if spanClass == .tiny { state.pointee.countTinyAllocs() }
        span.pointee.sweepGeneration = state.pointee.sweepGeneration
        span.pointee.allocCountBeforeCache = 0
        state.pointee.central[spanClass.raw].pushSwept(span, generation: state.pointee.sweepGeneration)
        state.pointee.cache[spanClass.raw] = state.pointee.noSpan
    }

    /// Empties the cache: every span is in the central lists, every allocation counted. The tiny block is closed.
    /// (Go: mcache.releaseAll)
    func flushCache() {
        for raw in 0..<SpanClass.count { uncache(SpanClass(raw: raw)) }
        state.pointee.countTinyAllocs()
        state.pointee.tiny.block = 0
        state.pointee.tiny.offset = 0
    }
}
