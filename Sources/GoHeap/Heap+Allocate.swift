// Allocation. (Go: mallocgc, runtime/malloc.go of 1.23)
//
//     request                          goes to                                   pointers are told by
//     0 bytes                          one shared address                        —
//     < 16 bytes, no pointers          the open 16-byte tiny block               —
//     ≤ 32,760 bytes, no pointers      a slot of its size class                  —
//     ≤ 512 bytes, pointers            a slot of its size class                  bits at the span's end
//     ≤ 32,752 bytes, pointers         a slot for 8 bytes more                   a type word in front
//     larger                           a span of its own, whole pages            the span's `largeType`

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The block that tiny objects are being packed into.
struct TinyBlock {
    /// Its address, 0 when there is none.
    var block: UInt = 0
    /// Where its free part starts.
    var offset = 0
    /// Objects put into blocks that were open already, not yet counted in the statistics.
    var uncountedAllocs = 0
}

/// What requests for 0 bytes answer: an address that is never read (Go: `zerobase`).
// SAFETY: immutable address; the byte behind it is never accessed.
private nonisolated(unsafe) let zeroBase = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)

extension Heap {
    /// The largest request that is still small.
    private static let smallLimitBytes = HeapConstants.maxSmallBytes - HeapConstants.mallocHeaderBytes

    /// A zeroed object (Go: `newobject`).
    package func allocate(_ type: ObjectTypeRef) -> UnsafeMutableRawPointer {
        let byteCount = type.pointee.byteCount
        return type.pointee.pointerBytes == 0
            ? allocateWithoutPointers(byteCount, zeroed: true)
            : allocateWithPointers(type, count: 1, byteCount: byteCount)
    }

    /// A zeroed array of `count` elements (Go: `newarray`).
    package func allocateArray(_ type: ObjectTypeRef, count: Int) -> UnsafeMutableRawPointer {
        precondition(count >= 0, "an array has 0 or more elements")
        let byteCount = type.pointee.byteCount * count
        return type.pointee.pointerBytes == 0
            ? allocateWithoutPointers(byteCount, zeroed: true)
            : allocateWithPointers(type, count: count, byteCount: byteCount)
    }

    /// Bytes without pointers that the caller fills at once: not zeroed (Go: `rawstring`, `rawbyteslice`).
    package func allocateBytes(_ byteCount: Int) -> UnsafeMutableRawPointer {
        allocateWithoutPointers(byteCount, zeroed: false)
    }

    /// What an allocation of `byteCount` bytes really takes, less its type word (Go: `roundupsize`).
    package func roundUpSize(_ byteCount: Int, hasPointers: Bool) -> Int {
        if byteCount == 0 { return 0 }
        guard byteCount <= Self.smallLimitBytes else {
            return (byteCount + HeapConstants.pageBytes - 1) & ~(HeapConstants.pageBytes - 1)
        }
        let header =
            hasPointers && byteCount > HeapConstants.maxBitmapObjectBytes ? HeapConstants.mallocHeaderBytes : 0
        let sizeClass = state.pointee.classes.sizeClass(for: byteCount + header)
        return state.pointee.classes.bytes[sizeClass] - header
    }

    private func allocateWithoutPointers(_ byteCount: Int, zeroed: Bool) -> UnsafeMutableRawPointer {
        if byteCount < HeapConstants.tinyBlockBytes { return allocateTiny(byteCount) }
        guard byteCount <= Self.smallLimitBytes else {
            let span = allocateLarge(byteCount, hasPointers: false)
            let address = UnsafeMutableRawPointer(bitPattern: span.pointee.base).unsafelyUnwrapped
            if zeroed && span.pointee.needsZeroing { memset(address, 0, byteCount) }
            return address
        }
        let sizeClass = state.pointee.classes.sizeClass(for: byteCount)
        let slot = takeSlot(SpanClass(sizeClass: sizeClass, hasPointers: false))
        if zeroed && slot.span.pointee.needsZeroing { memset(slot.address, 0, slot.span.pointee.objectBytes) }
        return slot.address
    }

    private func allocateTiny(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if byteCount == 0 { return zeroBase }
        // Align as the size asks: conservative, since the type is not known here.
        var offset = state.pointee.tiny.offset
        if byteCount & 7 == 0 {
            offset = (offset &+ 7) & ~7
        } else if byteCount & 3 == 0 {
            offset = (offset &+ 3) & ~3
        } else if byteCount & 1 == 0 {
            offset = (offset &+ 1) & ~1
        }
        if offset &+ byteCount <= HeapConstants.tinyBlockBytes && state.pointee.tiny.block != 0 {
            let address = state.pointee.tiny.block &+ UInt(bitPattern: offset)
            state.pointee.tiny.offset = offset &+ byteCount
            state.pointee.tiny.uncountedAllocs &+= 1
            return UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped
        }
        let address = takeSlot(.tiny).address
        address.storeBytes(of: 0, as: UInt64.self)
        address.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
        // Keep whichever block has more room left.
        if byteCount < state.pointee.tiny.offset || state.pointee.tiny.block == 0 {
            state.pointee.tiny.block = UInt(bitPattern: address)
            state.pointee.tiny.offset = byteCount
        }
        return address
    }

    private func allocateWithPointers(
        _ type: ObjectTypeRef, count: Int, byteCount: Int
    ) -> UnsafeMutableRawPointer {
        if byteCount == 0 { return zeroBase }
        let classes = state.pointee.classes
        if byteCount <= HeapConstants.maxBitmapObjectBytes {
            let slot = takeSlot(SpanClass(sizeClass: classes.sizeClass(for: byteCount), hasPointers: true))
            let objectBytes = slot.span.pointee.objectBytes
            if slot.span.pointee.needsZeroing { memset(slot.address, 0, objectBytes) }
            slot.span.pointee.writePointerBits(at: slot.address, objectBytes: objectBytes, type: type, count: count)
            return slot.address
        }
        if byteCount <= Self.smallLimitBytes {
            let sizeClass = classes.sizeClass(for: byteCount + HeapConstants.mallocHeaderBytes)
            let slot = takeSlot(SpanClass(sizeClass: sizeClass, hasPointers: true))
            if slot.span.pointee.needsZeroing { memset(slot.address, 0, slot.span.pointee.objectBytes) }
            slot.address.storeBytes(of: type, as: ObjectTypeRef.self)
            return slot.address + HeapConstants.mallocHeaderBytes
        }
        let span = allocateLarge(byteCount, hasPointers: true)
        let address = UnsafeMutableRawPointer(bitPattern: span.pointee.base).unsafelyUnwrapped
        if span.pointee.needsZeroing { memset(address, 0, byteCount) }
        span.pointee.largeType = type
        return address
    }

    private func allocateLarge(_ byteCount: Int, hasPointers: Bool) -> SpanRef {
        let pageCount = (byteCount + HeapConstants.pageBytes - 1) >> HeapConstants.pageShift
        let objectBytes = pageCount << HeapConstants.pageShift
        let spanClass = SpanClass(sizeClass: 0, hasPointers: hasPointers)
        let span = makeSpan(
            pageCount: pageCount, spanClass: spanClass, objectBytes: objectBytes, limitBytes: byteCount)
        span.pointee.freeIndex = 1
        span.pointee.allocCount = 1
        state.pointee.statistics.largeMallocs += 1
        state.pointee.statistics.largeMallocBytes += objectBytes
        state.pointee.pacer.liveBytes += objectBytes
        state.pointee.central[spanClass.raw].pushSwept(span, generation: state.pointee.sweepGeneration)
        if state.pointee.isMarking { markNew(span, index: 0) }
        return span
    }

    /// Takes the next free slot of a class. It may hold old bytes.
    @inline(__always)
    private func takeSlot(_ spanClass: SpanClass) -> (address: UnsafeMutableRawPointer, span: SpanRef) {
        var span = state.pointee.cache[spanClass.raw]
        // Go's nextFreeFast: the next free slot is in the bits at hand.
        let zeros = span.pointee.allocCache.trailingZeroBitCount
        let candidate = span.pointee.freeIndex &+ UInt32(truncatingIfNeeded: zeros)
        let index: Int
        if zeros < 64 && candidate < span.pointee.objectCount
            && ((candidate &+ 1) & 63 != 0 || candidate &+ 1 == span.pointee.objectCount)
        {
            span.pointee.allocCache = (span.pointee.allocCache &>> UInt64(zeros)) &>> 1
            span.pointee.freeIndex = candidate &+ 1
            index = Int(candidate)
        } else {
            (span, index) = takeSlotSlow(spanClass)
        }
        span.pointee.allocCount &+= 1
        if state.pointee.isMarking { markNew(span, index: index) }
        return (UnsafeMutableRawPointer(bitPattern: span.pointee.objectBase(index)).unsafelyUnwrapped, span)
    }

    @inline(never)
    private func takeSlotSlow(_ spanClass: SpanClass) -> (SpanRef, Int) {
        var span = state.pointee.cache[spanClass.raw]
        var index = span.pointee.nextFreeIndex()
        if index == Int(span.pointee.objectCount) {
            refill(spanClass)
            span = state.pointee.cache[spanClass.raw]
            index = span.pointee.nextFreeIndex()
        }
        assert(index < Int(span.pointee.objectCount), "a refilled cache has no free slot")
        return (span, index)
    }
}

extension Span {
    /// Writes the pointer bits of a new object, and zeros for the rest of its slot.
    @inline(__always)
    func writePointerBits(
        at address: UnsafeMutableRawPointer, objectBytes: Int, type: ObjectTypeRef, count: Int
    ) {
        // At most 64 words, so one object's bits fit into one UInt64.
        var bits = type.pointee.mask[0]
        if count > 1 {
            let elementWords = UInt64(type.pointee.byteCount / HeapConstants.wordBytes)
            var all: UInt64 = 0
            for element in 0..<UInt64(count) { all |= bits &<< (element &* elementWords) }
            bits = all
        }
        let slotWords = objectBytes / HeapConstants.wordBytes
        let slotMask: UInt64 = slotWords == 64 ? ~0 : (1 &<< UInt64(slotWords)) &- 1
        let firstWord = Int(bitPattern: UInt(bitPattern: address) &- base) / HeapConstants.wordBytes
        let bit = UInt64(firstWord & 63)
        let words = pointerBits.unsafelyUnwrapped + firstWord &>> 6
        words[0] = words[0] & ~(slotMask &<< bit) | bits &<< bit
        if bit &+ UInt64(slotWords) > 64 {
            words[1] = words[1] & ~(slotMask &>> (64 &- bit)) | bits &>> (64 &- bit)
        }
    }

    /// The pointer bits of the object at `address`: bit i = its word i is a pointer.
    @inline(__always)
    func readPointerBits(at address: UInt) -> UInt64 {
        let slotWords = objectBytes / HeapConstants.wordBytes
        let slotMask: UInt64 = slotWords == 64 ? ~0 : (1 &<< UInt64(slotWords)) &- 1
        let firstWord = Int(bitPattern: address &- base) / HeapConstants.wordBytes
        let bit = UInt64(firstWord & 63)
        let words = pointerBits.unsafelyUnwrapped + firstWord &>> 6
        var bits = words[0] &>> bit
        if bit &+ UInt64(slotWords) > 64 { bits |= words[1] &<< (64 &- bit) }
        return bits & slotMask
    }
}

extension HeapState {
    mutating func countTinyAllocs() {
        statistics.tinyMallocs += tiny.uncountedAllocs
        tiny.uncountedAllocs = 0
    }
}
