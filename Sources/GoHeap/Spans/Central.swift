// The spans of one span class that are not cached. (Go: `mcentral`, runtime/mcentral.go)
//
// Two pairs of lists, and their meaning turns over with each cycle: when the heap's sweep generation rises by 2,
// what was swept is now unswept, and the emptied unswept lists take the newly swept. No span is moved for that.

struct Central {
    // Indexed by `sweepGeneration / 2 % 2`: that one holds swept spans, the other one unswept.
    private var partial: (SpanStack, SpanStack) = (SpanStack(), SpanStack())
    private var full: (SpanStack, SpanStack) = (SpanStack(), SpanStack())

    enum Kind { case partial, full }

    /// Adds a span that is swept in this generation.
    mutating func pushSwept(_ span: SpanRef, generation: UInt32) {
        let isFull = span.pointee.allocCount == span.pointee.objectCount
        switch (isFull, generation & 2 == 0) {
        case (false, true): partial.0.push(span)
        case (false, false): partial.1.push(span)
        case (true, true): full.0.push(span)
        case (true, false): full.1.push(span)
        }
    }

    mutating func popPartialSwept(generation: UInt32) -> SpanRef? {
        generation & 2 == 0 ? partial.0.popIfAny() : partial.1.popIfAny()
    }

    mutating func popUnswept(_ kind: Kind, generation: UInt32) -> SpanRef? {
        switch (kind, generation & 2 == 0) {
        case (.partial, true): partial.1.popIfAny()
        case (.partial, false): partial.0.popIfAny()
        case (.full, true): full.1.popIfAny()
        case (.full, false): full.0.popIfAny()
        }
    }

    /// How many spans are swept in this generation, and how many are not.
    func counts(generation: UInt32) -> (swept: Int, unswept: Int) {
        let even = partial.0.count + full.0.count
        let odd = partial.1.count + full.1.count
        return generation & 2 == 0 ? (even, odd) : (odd, even)
    }

    /// Bytes of the lists themselves.
    var recordBytes: Int {
        partial.0.recordBytes + partial.1.recordBytes + full.0.recordBytes + full.1.recordBytes
    }

    mutating func destroy() {
        partial.0.destroy()
        partial.1.destroy()
        full.0.destroy()
        full.1.destroy()
    }
}

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
