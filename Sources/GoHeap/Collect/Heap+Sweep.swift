// Sweeping: the marks of the last cycle become the allocation bits, and what is not marked is free.
//
// Lazy: after a cycle all spans wait to be swept. An allocation sweeps the spans of its class before it asks for a
// fresh one, and before the heap takes pages it sweeps until as many have come free; `collectSlice` does the
// rest. A new cycle does not start before every span is swept, so that allocation also sweeps in proportion, such that
// all is done when the heap reaches the trigger. (Go: runtime/mgcsweep.go)

/// How many spans allocations sweep. (Go: deductSweepCredit)
struct SweepPace {
    var spansPerByte = 0.0
    /// `liveBytes` when the pace was set.
    var startBytes = 0
    /// Spans that waited then.
    var startSpans = 0

    /// Spans that may still wait when the heap has grown to `liveBytes`.
    func allowedSpans(liveBytes: Int) -> Int {
        startSpans - Int(Double(max(0, liveBytes - startBytes)) * spansPerByte)
    }
}

extension Heap {
    /// Sets how many spans allocations sweep, so that all are swept when the trigger is still a MiB away.
    /// (Go: gcPaceSweeper)
    func paceSweeper() {
        let spans = state.pointee.unsweptSpans
        let live = state.pointee.pacer.liveBytes
        let trigger = state.pointee.pacer.triggerBytes(state.pointee.pacerMemory())
        let way = max(HeapConstants.pageBytes, trigger - live - Pacer.sweepDistanceBytes)
        state.pointee.sweepPace = SweepPace(
            spansPerByte: Double(spans) / Double(way), startBytes: live, startSpans: spans)
    }

    /// Sweeps one span that waits for it.
    ///
    /// - Returns: false when none did.
    @discardableResult
    func sweepOne() -> Bool {
        guard state.pointee.unsweptSpans > 0 else { return false }
        let generation = state.pointee.sweepGeneration
        while state.pointee.sweepClass < SpanClass.count {
            let central = state.pointee.central + state.pointee.sweepClass
            if let span = central.pointee.popUnswept(.full, generation: generation)
                ?? central.pointee.popUnswept(.partial, generation: generation)
            {
                if sweep(span, keepsEmpty: false) { central.pointee.pushSwept(span, generation: generation) }
                countSwept()
                return true
            }
            state.pointee.sweepClass += 1
        }
        fatalError("\(state.pointee.unsweptSpans) unswept spans are in no list")
    }

    /// Sweeps until no more spans wait than should at the heap's size.
    func sweepInProportion() {
        guard state.pointee.unsweptSpans > 0 else { return }
        let allowed = state.pointee.sweepPace.allowedSpans(liveBytes: state.pointee.pacer.liveBytes)
        while state.pointee.unsweptSpans > allowed, sweepOne() {}
    }

    /// Sweeps at most `spanLimit` spans.
    ///
    /// - Returns: whether all are swept.
    func finishSweeping(spanLimit: Int) -> Bool {
        for _ in 0..<spanLimit where !sweepOne() { return true }
        return state.pointee.unsweptSpans == 0
    }

    /// Spans that one safepoint sweeps at most, some 100 µs.
    static let spansSweptAtOnce = 512

    /// One of the spans that waited has been swept. The last one ends the cycle's work, but does not change its goal.
    func countSwept() {
        state.pointee.unsweptSpans -= 1
        if state.pointee.unsweptSpans == 0 && profile > .go1_10 { logScavenger() }
    }

    /// Frees a span's unmarked objects.
    ///
    /// - Parameters:
    ///   - span: a span in no list.
    ///   - keepsEmpty: keep the span when nothing in it is live: it is about to be allocated from.
    /// - Returns: false when the span was empty and its pages were freed.
    func sweep(_ span: SpanRef, keepsEmpty: Bool) -> Bool {
        var live = 0
        for word in 0..<span.pointee.bitmapWords { live &+= span.pointee.markBits[word].nonzeroBitCount }
        let freed = Int(span.pointee.allocCount) &- live
        assert(freed >= 0, "a span has more marked objects than allocated ones")
        let spanClass = span.pointee.spanClass
        if spanClass.isLarge {
            if live == 1 {
                span.pointee.markBits[0] = 0
                span.pointee.sweepGeneration = state.pointee.sweepGeneration
                return true
            }
            state.pointee.statistics.largeFrees += 1
            state.pointee.statistics.largeFreedBytes += span.pointee.objectBytes
            freeSpan(span)
            return false
        }
        if freed > 0 { span.pointee.needsZeroing = true }
        state.pointee.statistics.bySize[spanClass.sizeClass].frees += freed
        if live == 0 && !keepsEmpty {
            freeSpan(span)
            return false
        }
        span.pointee.allocCount = UInt32(live)
        span.pointee.freeIndex = 0
        (span.pointee.allocBits, span.pointee.markBits) = (span.pointee.markBits, span.pointee.allocBits)
        for word in 0..<span.pointee.bitmapWords { span.pointee.markBits[word] = 0 }
        span.pointee.refillAllocCache(word: 0)
        span.pointee.sweepGeneration = state.pointee.sweepGeneration
        return true
    }
}
