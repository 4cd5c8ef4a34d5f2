// Allocation. (Go: mallocgc, runtime/malloc.go of 1.23)
//
//     request                          goes to                                   pointers are told by
//     0 bytes                          one shared address                        —
//     < 16 bytes, no pointers          the open 16-byte tiny block               —
//     ≤ 32,760 bytes, no pointers      a slot of its size class                  —
//     ≤ 512 bytes, pointers            a slot of its size class                  bits at the span's end
//     ≤ 32,752 bytes, pointers         a slot for 8 bytes more                   a type word in front
//     larger                           a span of its own, whole pages            the span's `largeType`
//
// Before Go 1.22 there is no type word: all small objects with pointers have bits, in a table beside the heap, and
// small goes up to 32,768 bytes. `SizeClasses` has the limits of the heap's profile.
//
// A large object on pages that were in use before is zeroed in one go: some 60 ms for the 302 MB of a map's array, in which
// nobody else has the owner's lock. Go does it in pieces and lets others run in between, which it can, for nobody knows the
// object yet; here it is made in the middle of an insert. `MADV_DONTNEED` would be quicker, but RSS would fall where Go's
// does not. Pages that were never used need no zeroing.

import Glibc

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
        let classes = state.pointee.classes
        guard byteCount <= classes.smallLimitBytes else {
            return (byteCount + HeapConstants.pageBytes - 1) & ~(HeapConstants.pageBytes - 1)
        }
        let header = hasPointers && byteCount > classes.bitmapLimitBytes ? HeapConstants.mallocHeaderBytes : 0
        return classes.bytes[classes.sizeClass(for: byteCount + header)] - header
    }

    /// The capacity that a full slice of pointers has after an `append` of one: what the release wants, rounded up to what
    /// the heap gives anyway. (Go: growslice, runtime/slice.go)
    package func appendCapacity(after capacity: Int) -> Int {
        roundUpSize(profile.appendCapacity(after: capacity) * 8, hasPointers: true) / 8
    }

    private func allocateWithoutPointers(_ byteCount: Int, zeroed: Bool) -> UnsafeMutableRawPointer {
        if byteCount < HeapConstants.tinyBlockBytes { return allocateTiny(byteCount) }
        guard byteCount <= state.pointee.classes.smallLimitBytes else {
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
        if byteCount <= classes.bitmapLimitBytes {
            let slot = takeSlot(SpanClass(sizeClass: classes.sizeClass(for: byteCount), hasPointers: true))
            let objectBytes = slot.span.pointee.objectBytes
            if slot.span.pointee.needsZeroing { memset(slot.address, 0, objectBytes) }
            if objectBytes <= HeapConstants.maxBitmapObjectBytes {
                slot.span.pointee.writePointerBits(
                    at: slot.address, objectBytes: objectBytes, type: type, count: count)
            } else {
                slot.span.pointee.writeLongPointerBits(at: slot.address, type: type, count: count)
            }
            return slot.address
        }
        if byteCount <= classes.smallLimitBytes {
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
        sweepInProportion()
        let span = makeSpan(
            pageCount: pageCount, spanClass: spanClass, objectBytes: objectBytes, limitBytes: byteCount)
        span.pointee.freeIndex = 1
        span.pointee.allocCount = 1
        state.pointee.statistics.largeMallocs += 1
        state.pointee.statistics.largeMallocBytes += objectBytes
        state.pointee.pacer.liveBytes += objectBytes
        state.pointee.isSafepointDue = true
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

extension HeapState {
    mutating func countTinyAllocs() {
        statistics.tinyMallocs += tiny.uncountedAllocs
        tiny.uncountedAllocs = 0
    }
}
