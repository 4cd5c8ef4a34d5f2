// Stores of pointers into heap objects: each makes what it stores grey while a cycle is marking.
//
// Everything that writes a heap pointer into a heap object goes through here. Roots need no barrier: they
// are marked from again when marking ends. (Go: runtime/mbarrier.go)

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Heap {
    /// Whether a cycle is marking, so that stores need the barrier.
    package var isMarking: Bool { @inline(__always) get { state.pointee.isMarking } }

    /// Stores one pointer.
    @inline(__always)
    package func storePointer(_ value: UnsafeMutableRawPointer?, at slot: UnsafeMutableRawPointer) {
        if state.pointee.isMarking, let value { shade(UInt(bitPattern: value)) }
        slot.storeBytes(of: value, as: UnsafeMutableRawPointer?.self)
    }

    /// Copies one value (Go: `typedmemmove`). Source and destination may overlap.
    package func moveTyped(
        _ type: ObjectTypeRef, from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer
    ) {
        if state.pointee.isMarking && type.pointee.hasPointers { shadePointers(type, in: source) }
        memmove(destination, source, type.pointee.byteCount)
    }

    /// Overwrites one value with zeros (Go: `typedmemclr`). What it pointed to needs no barrier: see Heap+Mark.swift.
    package func clearTyped(_ type: ObjectTypeRef, at address: UnsafeMutableRawPointer) {
        memset(address, 0, type.pointee.byteCount)
    }

    /// Overwrites memory that holds values of a type with zeros (Go: `memclrHasPointers`).
    package func clearTypedArray(
        _ type: ObjectTypeRef, at address: UnsafeMutableRawPointer, byteCount: Int
    ) {
        memset(address, 0, byteCount)
    }

    private func shadePointers(_ type: ObjectTypeRef, in value: UnsafeRawPointer) {
        let words = value.assumingMemoryBound(to: UInt.self)
        for maskWord in 0..<(type.pointee.pointerBytes / HeapConstants.wordBytes + 63) / 64 {
            var bits = type.pointee.mask[maskWord]
            while bits != 0 {
                shade(words[maskWord &* 64 &+ bits.trailingZeroBitCount])
                bits &= bits &- 1
            }
        }
    }
}
