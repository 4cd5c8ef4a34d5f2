// Marking: what the roots lead to is live. (Go: runtime/mgcmark.go)
//
// Three colours: white = not marked; grey = marked and in the queue; black = marked and scanned. An object without
// pointers is black as soon as it is marked. While a cycle marks, operations go on between its slices, and these hold:
//
//   1. A pointer stored into the heap makes what it points to grey (Heap+Store.swift: an insertion barrier, as
//      Dijkstra's). So no black object ever points to a white one.
//   2. A new object is black.
//   3. Marking ends in one step that marks from the roots once more and finds nothing grey.
//
// A store also makes grey what it overwrites, as Go's hybrid barrier does for the sake of stacks. Husk has no stacks to
// scan (see safepoints in Heap.swift) and would be correct without; but then the overflow buckets that a growing map
// drops during a cycle would be freed a cycle earlier than Go frees them, and their spans be reused and fragmented
// in a way that Go's are not: HeapInuse would differ by hundreds of KB.

/// Words outside the heap that hold pointers into it.
struct Roots {
    let slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    let count: Int
}

extension Heap {
    /// Makes words outside the heap roots. They must stay where they are until `removeRoots`.
    package func addRoots(_ slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>, count: Int) {
        state.pointee.roots.append(Roots(slots: slots, count: count))
    }

    /// Takes back what `addRoots` was called with. O(roots).
    package func removeRoots(_ slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        guard let index = state.pointee.roots.lastIndex(where: { $0.slots == slots }) else {
            preconditionFailure("roots are removed that were never added")
        }
        state.pointee.roots.swapAt(index, state.pointee.roots.count - 1)
        state.pointee.roots.removeLast()
    }

    func markRoots() {
        for roots in state.pointee.roots {
            for index in 0..<roots.count {
                if let pointer = roots.slots[index] { shade(UInt(bitPattern: pointer)) }
            }
        }
    }

    /// Makes the object that `address` points into grey, if it is white. Addresses outside the heap are ignored.
    @inline(__always)
    func shade(_ address: UInt) {
        guard state.pointee.contains(address) else { return }
        guard let span = state.pointee.spanOfPage[state.pointee.pageIndex(of: address)] else {
            fatalError("a pointer into a free page: \(String(address, radix: 16))")
        }
        let index = span.pointee.objectIndex(of: address)
        let word = span.pointee.markBits + index &>> 6
        let bit: UInt64 = 1 &<< UInt64(index & 63)
        if word.pointee & bit != 0 { return }
        word.pointee |= bit
        let objectBytes = span.pointee.objectBytes
        state.pointee.cycle.markedBytes &+= objectBytes
        if span.pointee.spanClass.hasPointers { state.pointee.markQueue.push(span.pointee.objectBase(index)) }
    }

    /// Makes an object that was just allocated black.
    func markNew(_ span: SpanRef, index: Int) {
        span.pointee.markBits[index &>> 6] |= 1 &<< UInt64(index & 63)
        state.pointee.cycle.markedBytes &+= span.pointee.objectBytes
    }

    /// Scans grey objects until at least `budgetBytes` have been scanned or none is left.
    ///
    /// - Returns: the bytes that were scanned.
    func drain(budgetBytes: Int) -> Int {
        var scanned = 0
        while scanned < budgetBytes && !state.pointee.markQueue.isEmpty {
            scanned &+= scan(state.pointee.markQueue.pop())
        }
        state.pointee.cycle.scannedBytes &+= scanned
        return scanned
    }

    /// Follows the pointers of one grey object, or of one piece of a large one.
    ///
    /// - Parameter address: the object's start; of a large object, the start of a piece.
    /// - Returns: bytes looked at.
    private func scan(_ address: UInt) -> Int {
        let span = state.pointee.spanOfPage[state.pointee.pageIndex(of: address)].unsafelyUnwrapped
        if span.pointee.pointerBits != nil {
            var bits = span.pointee.readPointerBits(at: address)
            let words = UnsafePointer<UInt>(bitPattern: address).unsafelyUnwrapped
            while bits != 0 {
                shade(words[bits.trailingZeroBitCount])
                bits &= bits &- 1
            }
            return span.pointee.objectBytes
        }
        if span.pointee.spanClass.isLarge { return scanPiece(of: span, at: address) }
        let type = UnsafePointer<ObjectTypeRef>(bitPattern: address).unsafelyUnwrapped.pointee
        let end = address &+ UInt(bitPattern: span.pointee.objectBytes)
        scanElements(type, from: address &+ UInt(HeapConstants.mallocHeaderBytes), to: end)
        return span.pointee.objectBytes
    }

    /// Large objects are scanned in pieces of about this much, so that no slice takes long (Go: `maxObletBytes`).
    private static let pieceBytes = 128 << 10

    private func scanPiece(of span: SpanRef, at address: UInt) -> Int {
        let type = span.pointee.largeType.unsafelyUnwrapped
        let elementBytes = type.pointee.byteCount
        let pieceBytes = UInt(bitPattern: max(1, Self.pieceBytes / elementBytes) * elementBytes)
        let base = span.pointee.base
        if address == base {
            var piece = base &+ pieceBytes
            while piece < span.pointee.limit {
                state.pointee.markQueue.push(piece)
                piece = piece &+ pieceBytes
            }
        }
        let end = min(address &+ pieceBytes, span.pointee.limit)
        scanElements(type, from: address, to: end)
        return Int(bitPattern: end &- address)
    }

    /// Scans consecutive values of one type. A rest shorter than a value is not scanned: it is padding.
    private func scanElements(_ type: ObjectTypeRef, from start: UInt, to end: UInt) {
        let elementBytes = UInt(bitPattern: type.pointee.byteCount)
        let maskWords = (type.pointee.pointerBytes / HeapConstants.wordBytes &+ 63) / 64
        let mask = type.pointee.mask
        var element = start
        while element &+ elementBytes <= end {
            for maskWord in 0..<maskWords {
                var bits = mask[maskWord]
                let words = UnsafePointer<UInt>(bitPattern: element).unsafelyUnwrapped + maskWord &* 64
                while bits != 0 {
                    shade(words[bits.trailingZeroBitCount])
                    bits &= bits &- 1
                }
            }
            element = element &+ elementBytes
        }
    }
}
