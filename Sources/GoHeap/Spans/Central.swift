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
