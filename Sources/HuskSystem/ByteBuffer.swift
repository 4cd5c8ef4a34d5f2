// Bytes that grow at the end, in memory that is used again and can be handed over to whoever sends it.

import Glibc

/// A growing buffer. One thread at a time. Memory that is not there is a fatal error, but for `tryReserve`.
// PERF: what is called for every request is inlinable.
package struct ByteBuffer: ~Copyable {
    @usableFromInline var start: UnsafeMutableRawPointer?
    @usableFromInline var storedCount = 0
    @usableFromInline var storedCapacity = 0
    /// Whether the bytes are still where they were lent memory.
    package private(set) var isInLentMemory = false

    package init() {}

    /// Begins in memory of the caller's, which must outlive the buffer; what does not fit there is allocated.
    package init(lent room: UnsafeMutableRawBufferPointer) {
        start = room.baseAddress
        storedCapacity = room.count
        isInLentMemory = true
    }

    deinit { if !isInLentMemory { free(start) } }

    @inlinable package var count: Int { storedCount }
    /// Bytes that there is room for.
    @inlinable package var capacity: Int { storedCapacity }

    // SAFETY: the pointer covers `count` initialized bytes and is valid until the next mutation.
    @inlinable package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: start, count: storedCount)
    }

    // MARK: Memory

    /// What a buffer of this capacity grows to when it needs room for `minimumBytes` in all.
    package func capacity(growingTo minimumBytes: Int) -> Int { max(minimumBytes, storedCapacity * 2, 128) }

    /// Makes room for so many bytes in all.
    /// - Returns: false when there is no memory for it; then nothing has changed.
    package mutating func tryReserve(_ wantedBytes: Int) -> Bool {
        if wantedBytes <= storedCapacity { return true }
        guard let larger = realloc(isInLentMemory ? nil : start, wantedBytes) else { return false }
        if isInLentMemory, let start { memcpy(larger, start, storedCount) }
        isInLentMemory = false
        start = larger
        storedCapacity = wantedBytes
        return true
    }

    @inlinable @inline(__always)
    mutating func makeRoom(_ byteCount: Int) {
        if storedCount &+ byteCount > storedCapacity { grow(storedCount + byteCount) }
    }

    @usableFromInline @inline(never)
    mutating func grow(_ minimumBytes: Int) {
        let wantedBytes = capacity(growingTo: minimumBytes)
        if !tryReserve(wantedBytes) { fatalError("no memory for \(wantedBytes) bytes") }
    }

    /// Forgets the bytes; gives the memory back if it is more than `keepingBytes`.
    @inlinable
    package mutating func removeAll(keepingBytes: Int = .max) {
        storedCount = 0
        if storedCapacity > keepingBytes { release() }
    }

    @usableFromInline @inline(never)
    mutating func release() {
        if isInLentMemory { return }
        free(start)
        start = nil
        storedCapacity = 0
    }

    /// Gives the bytes away, which must not be in lent memory: malloc'ed, the new owner's to free.
    package mutating func take() -> UnsafeMutableRawBufferPointer {
        precondition(!isInLentMemory, "lent memory cannot be given away")
        let taken = UnsafeMutableRawBufferPointer(start: start, count: storedCount)
        start = nil
        storedCount = 0
        storedCapacity = 0
        return taken
    }

    /// Drops the first `byteCount` bytes and moves the rest to the front.
    package mutating func removeFirst(_ byteCount: Int) {
        precondition(byteCount <= storedCount, "\(byteCount) of \(storedCount) bytes")
        guard let start, byteCount > 0 else { return }
        memmove(start, start + byteCount, storedCount - byteCount)
        storedCount -= byteCount
    }

    // MARK: Appending

    @inlinable @inline(__always)
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        makeRoom(bytes.count)
        (start.unsafelyUnwrapped + storedCount).copyMemory(from: source, byteCount: bytes.count)
        storedCount &+= bytes.count
    }

    @inlinable
    package mutating func append(_ byte: UInt8) {
        makeRoom(1)
        start.unsafelyUnwrapped.storeBytes(of: byte, toByteOffset: storedCount, as: UInt8.self)
        storedCount &+= 1
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
        makeRoom(20)
        storedCount &+= writeDecimal(number, at: start.unsafelyUnwrapped + storedCount)
    }

    package mutating func append(_ number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(number.magnitude)
    }

    package mutating func append(_ number: Int) { append(Int64(number)) }
}
