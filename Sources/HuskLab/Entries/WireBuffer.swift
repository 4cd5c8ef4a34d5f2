// Bytes on their way out: memory that grows, is used again, and can be handed over to whoever sends it.

import Glibc

/// A growing buffer. `take()` gives its memory away, to be freed with `free`.
package struct WireBuffer: ~Copyable {
    private var start: UnsafeMutableRawPointer?
    package private(set) var count = 0
    private var capacity = 0
    /// Whether the bytes are still where they were lent memory.
    package private(set) var isInLentMemory = false

    package init() {}

    /// Begins in memory of the caller's, which must outlive the buffer; what does not fit there is allocated.
    package init(lent room: UnsafeMutableRawBufferPointer) {
        start = room.baseAddress
        capacity = room.count
        isInLentMemory = true
    }

    deinit { if !isInLentMemory { free(start) } }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Forgets the bytes; gives the memory back if it is more than `keepingBytes`.
    package mutating func removeAll(keepingBytes: Int = .max) {
        count = 0
        if capacity > keepingBytes, !isInLentMemory {
            free(start)
            start = nil
            capacity = 0
        }
    }

    /// Gives the bytes away, which must not be in lent memory: malloc'ed, the new owner's to free.
    package mutating func take() -> UnsafeMutableRawBufferPointer {
        precondition(!isInLentMemory, "lent memory cannot be given away")
        let taken = UnsafeMutableRawBufferPointer(start: start, count: count)
        start = nil
        count = 0
        capacity = 0
        return taken
    }

    @inline(__always)
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        memcpy(start.unsafelyUnwrapped + count, source, bytes.count)
        count &+= bytes.count
    }

    package mutating func append(_ byte: UInt8) {
        reserve(1)
        start.unsafelyUnwrapped.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    package mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends a number in decimal.
    package mutating func append(_ number: UInt64) {
        reserve(20)
        count &+= writeDecimal(number, at: start.unsafelyUnwrapped + count)
    }

    package mutating func append(_ number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(number.magnitude)
    }

    package mutating func append(_ number: Int) { append(Int64(number)) }

    private mutating func reserve(_ byteCount: Int) {
        guard count &+ byteCount > capacity else { return }
        capacity = max(64, max(capacity * 2, count + byteCount))
        guard let larger = realloc(isInLentMemory ? nil : start, capacity) else {
            fatalError("out of memory: \(capacity) bytes for an answer")
        }
        if isInLentMemory, let start { memcpy(larger, start, count) }
        isInLentMemory = false
        start = larger
    }
}

/// Writes a number in decimal.
///
/// - Parameters:
///   - number: which.
///   - destination: room for 20 bytes.
/// - Returns: how many digits there are.
func writeDecimal(_ number: UInt64, at destination: UnsafeMutableRawPointer) -> Int {
    var digits = 1
    var bound: UInt64 = 10
    while digits < 20 && number >= bound {
        digits &+= 1
        if digits < 20 { bound = bound &* 10 }
    }
    var rest = number
    var position = digits
    while position > 0 {
        position &-= 1
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        destination.storeBytes(of: UInt8(ascii: "0") &+ UInt8(digit), toByteOffset: position, as: UInt8.self)
        rest = quotient
    }
    return digits
}
