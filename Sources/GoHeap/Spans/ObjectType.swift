// What the collector knows of a type: how large one is, and which of its words are pointers.
//
// The part of Go's `abi.Type` (internal/abi/type.go) that memory management needs: Size_, PtrBytes and GCData.
// Descriptors are interned and immortal, so that a heap object may name its type by a bare address
// (the malloc header of Go 1.22 and later does) and never outlive it.

import Synchronization

/// The pointer layout of one type. Always reached through an `ObjectTypeRef`.
package struct ObjectType {
    /// Bytes that one value takes, its padding included (Go: `Size_`).
    package let byteCount: Int
    /// Bytes of the prefix that holds pointers; 0 when the type has none (Go: `PtrBytes`).
    package let pointerBytes: Int
    /// Bit `i % 64` of word `i / 64` is set when the value's word `i` is a pointer (Go: `GCData`).
    /// Holds `pointerBytes / 8` bits, rounded up to whole words; bits past those are zero.
    package let mask: UnsafePointer<UInt64>
    /// Where the one run of pointers starts, in words, and its length; 0 words if there are several runs or more than 64.
    let runStartWord: Int
    let runWords: Int

    /// Whether a value holds a pointer, and so must be scanned.
    package var hasPointers: Bool { pointerBytes != 0 }
}

/// The address of an interned, immortal type descriptor: two are equal exactly when their layouts are.
package typealias ObjectTypeRef = UnsafePointer<ObjectType>

extension ObjectType {
    private struct Shape: Hashable {
        let byteCount: Int
        let pointerWords: [Int]
    }

    // SAFETY: an address of immutable memory that is never freed may be read from any thread.
    private struct Interned: @unchecked Sendable {
        let address: ObjectTypeRef
    }

    private static let interned = Mutex<[Shape: Interned]>([:])

    /// The descriptor for values of a given shape.
    ///
    /// - Parameters:
    ///   - byteCount: the size of a value in bytes, padding included.
    ///   - pointerWords: the indices of its 8-byte words that are pointers, ascending.
    /// - Returns: the one descriptor of that shape in this process.
    package static func interned(byteCount: Int, pointerWords: [Int] = []) -> ObjectTypeRef {
        precondition(byteCount >= 0, "a type has a size of 0 or more bytes")
        precondition(
            pointerWords.allSatisfy { $0 >= 0 && ($0 + 1) * 8 <= byteCount },
            "a pointer word lies inside the value")
        let shape = Shape(byteCount: byteCount, pointerWords: pointerWords.sorted())
        return interned.withLock { table in
            if let known = table[shape] { return known.address }
            let pointerBytes = shape.pointerWords.last.map { ($0 + 1) * 8 } ?? 0
            let mask = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, (pointerBytes / 8 + 63) / 64))
            mask.initialize(repeating: 0, count: max(1, (pointerBytes / 8 + 63) / 64))
            for word in shape.pointerWords { mask[word / 64] |= 1 << (word % 64) }
            let made = UnsafeMutablePointer<ObjectType>.allocate(capacity: 1)
            let runWords = shape.pointerWords.count
            let runStart = shape.pointerWords.first ?? 0
            let isOneRun =
                runWords <= 64 && runWords > 0 && shape.pointerWords.last! - runStart == runWords - 1
            made.initialize(
                to: ObjectType(
                    byteCount: byteCount, pointerBytes: pointerBytes, mask: UnsafePointer(mask),
                    runStartWord: runStart, runWords: isOneRun ? runWords : 0))
            table[shape] = Interned(address: ObjectTypeRef(made))
            return ObjectTypeRef(made)
        }
    }
}
