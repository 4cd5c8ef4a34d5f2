// Stores of pointers into heap objects. While a cycle is marking, each makes grey what it stores and what it
// overwrites.
//
// Everything that writes or clears a heap pointer in a heap object goes through here. Roots need no barrier: they
// are marked from again when marking ends. (Go: runtime/mbarrier.go, bulkBarrierPreWrite in runtime/mbitmap.go)

import Glibc

extension Heap {
    /// Whether a cycle is marking, so that stores need the barrier.
    package var isMarking: Bool { @inline(__always) get { state.pointee.isMarking } }

    /// Where `isMarking` is kept, as long as the heap lives.
    ///
    /// PERF: Swift 6.3 inlines across modules only what is public. Other modules' hot paths look here themselves, and call
    /// only while a cycle is marking.
    package var isMarkingAddress: UnsafePointer<Bool> {
        // SAFETY: the state stays where it is until `destroy`, and the flag within it.
        let offset = MemoryLayout<HeapState>.offset(of: \.isMarking)!
        return UnsafePointer((UnsafeMutableRawPointer(state) + offset).assumingMemoryBound(to: Bool.self))
    }

    /// Stores one pointer.
    @inline(__always)
    package func storePointer(_ value: UnsafeMutableRawPointer?, at slot: UnsafeMutableRawPointer) {
        if state.pointee.isMarking { barrier(storing: value, at: slot) }
        slot.storeBytes(of: value, as: UnsafeMutableRawPointer?.self)
    }

    @inline(never)
    private func barrier(storing value: UnsafeMutableRawPointer?, at slot: UnsafeMutableRawPointer) {
        shade(slot.load(as: UInt.self))
        if let value { shade(UInt(bitPattern: value)) }
    }

    /// Copies one value (Go: `typedmemmove`). Source and destination may overlap.
    package func moveTyped(
        _ type: ObjectTypeRef, from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer
    ) {
        if state.pointee.isMarking && type.pointee.hasPointers {
            shadePointers(type, in: UnsafeRawPointer(destination))
            shadePointers(type, in: source)
        }
        memmove(destination, source, type.pointee.byteCount)
    }

    /// Overwrites one value with zeros (Go: `typedmemclr`).
    package func clearTyped(_ type: ObjectTypeRef, at address: UnsafeMutableRawPointer) {
        if state.pointee.isMarking && type.pointee.hasPointers {
            shadePointers(type, in: UnsafeRawPointer(address))
        }
        memset(address, 0, type.pointee.byteCount)
    }

    /// Overwrites consecutive values of a type with zeros (Go: `memclrHasPointers`).
    ///
    /// - Parameter byteCount: a multiple of the type's size.
    package func clearTypedArray(
        _ type: ObjectTypeRef, at address: UnsafeMutableRawPointer, byteCount: Int
    ) {
        if state.pointee.isMarking && type.pointee.hasPointers {
            for offset in stride(from: 0, to: byteCount, by: type.pointee.byteCount) {
                shadePointers(type, in: UnsafeRawPointer(address) + offset)
            }
        }
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
