// Strings and slices made of bytes that somebody else has, as a Go programme makes them.
//
//     string(b)                  no byte: the empty string, without a pointer
//                                one byte: a pointer into a table of all 256, which is not in the heap
//                                more: an object of its own
//     append(make([]byte, 0, n), b…)   an object of its own, also of one byte; of no byte, the address that stands for none
//
// Sources: runtime/string.go `slicebytetostring`, runtime/iface.go `staticuint64s`, runtime/slice.go `makeslice`.

import GoHeap

// SAFETY: written here only, never freed.
/// A byte of each value (Go: `staticuint64s`).
private nonisolated(unsafe) let everyByte: UnsafeRawPointer = {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 8)
    for value in 0..<256 { bytes.storeBytes(of: UInt8(value), toByteOffset: value, as: UInt8.self) }
    return UnsafeRawPointer(bytes)
}()

extension Heap {
    /// `string(b)`.
    ///
    /// - Returns: a datum whose bytes stay as they are; they are in the heap if they are two or more.
    ///
    /// PERF: out of line, and the rare case once more: inlined, an insert saves registers for both.
    @inline(never)
    func makeString(_ bytes: Datum) -> Datum {
        if bytes.count > 1 { return Datum(bytes: copy(bytes), count: bytes.count) }
        return Self.shortString(bytes)
    }

    @inline(never)
    private static func shortString(_ bytes: Datum) -> Datum {
        if bytes.count == 0 { return .empty }
        // SAFETY: a datum of one byte has an address.
        return Datum(bytes: everyByte + Int(bytes.address.unsafelyUnwrapped.load(as: UInt8.self)), count: 1)
    }

    /// Stores `string(b)` into a slot of 16 bytes.
    package func storeString(_ bytes: Datum, at slot: UnsafeMutableRawPointer) {
        let string = makeString(bytes)
        storePointer(UnsafeMutableRawPointer(mutating: string.address), at: slot)
        slot.storeBytes(of: string.count, toByteOffset: 8, as: Int.self)
    }

    /// Stores a new `[]byte` with the same bytes, and room for no more, into a slot of 24.
    package func storeSlice(_ bytes: Datum, at slot: UnsafeMutableRawPointer) {
        storePointer(copy(bytes), at: slot)
        slot.storeBytes(of: bytes.count, toByteOffset: 8, as: Int.self)
        slot.storeBytes(of: bytes.count, toByteOffset: 16, as: Int.self)
    }

    @inline(__always)
    private func copy(_ bytes: Datum) -> UnsafeMutableRawPointer {
        let copy = allocateBytes(bytes.count)
        // SAFETY: the new object has room for `count` bytes, and nobody else knows it; without bytes nothing is copied.
        if bytes.count > 0 { copy.copyMemory(from: bytes.address.unsafelyUnwrapped, byteCount: bytes.count) }
        return copy
    }
}
