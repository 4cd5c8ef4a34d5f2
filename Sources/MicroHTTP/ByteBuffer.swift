// A growable buffer of bytes with a stable owner: request targets and bodies. One thread at a time.

import Glibc

/// Bytes that grow at the end. `removeAll` keeps the memory up to a bound, so a connection that is used
/// again allocates nothing.
struct ByteBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private(set) var count = 0

    // SAFETY: the pointer covers `count` initialized bytes and is valid until the next mutation.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    mutating func append(_ source: UnsafeRawBufferPointer) {
        guard let sourceBase = source.baseAddress, source.count > 0 else { return }
        reserve(count + source.count)
        // SAFETY: reserve made room for count + source.count bytes.
        (base! + count).copyMemory(from: sourceBase, byteCount: source.count)
        count += source.count
    }

    /// Room for `minimumBytes` in all, doubling; for a body whose length is declared this is one allocation.
    mutating func reserve(_ minimumBytes: Int) {
        guard minimumBytes > capacity else { return }
        let newCapacity = max(minimumBytes, capacity * 2, 128)
        guard let grown = realloc(base, newCapacity) else {
            fatalError("No memory for \(newCapacity) bytes.")
        }
        base = grown
        capacity = newCapacity
    }

    /// Drops the first `byteCount` bytes and moves the rest to the front.
    mutating func removeFirst(_ byteCount: Int) {
        precondition(byteCount <= count, "\(byteCount) of \(count) bytes")
        guard let base, byteCount > 0 else { return }
        memmove(base, base + byteCount, count - byteCount)
        count -= byteCount
    }

    /// Forgets the bytes; gives memory above `keepingBytes` back.
    mutating func removeAll(keepingBytes: Int) {
        count = 0
        if capacity > keepingBytes {
            free(base)
            base = nil
            capacity = 0
        }
    }

    deinit { free(base) }
}
