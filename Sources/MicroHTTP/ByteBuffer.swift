// A growable buffer of bytes with a stable owner: request targets and bodies. One thread at a time.

import Glibc

/// Bytes that grow at the end. `removeAll` keeps the memory up to a bound, so a connection that is used
/// again allocates nothing.
struct ByteBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private(set) var count = 0
    private let budget: BufferBudget?

    /// Up to this capacity a buffer costs its budget nothing: what a connection costs has it in.
    static let freeBytes = 4 << 10

    /// - Parameter budget: which the capacity is taken from; nil for a buffer whose owner sees to that.
    init(budget: BufferBudget? = nil) { self.budget = budget }

    // SAFETY: the pointer covers `count` initialized bytes and is valid until the next mutation.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// - Returns: false when there is no memory for it; then nothing has changed.
    @discardableResult
    mutating func append(_ source: UnsafeRawBufferPointer) -> Bool {
        guard let sourceBase = source.baseAddress, source.count > 0 else { return true }
        guard reserve(count + source.count) else { return false }
        // SAFETY: reserve made room for count + source.count bytes.
        (base! + count).copyMemory(from: sourceBase, byteCount: source.count)
        count += source.count
        return true
    }

    /// Room for `minimumBytes` in all, doubling.
    /// - Returns: false when there is no memory for it; then nothing has changed.
    mutating func reserve(_ minimumBytes: Int) -> Bool {
        minimumBytes <= capacity || grow(minimumBytes)
    }

    /// Gets ready for bytes that are announced. That is only a promise, so little is taken on the strength of it; but what
    /// would find no memory is refused before it is sent.
    mutating func prepare(for announcedBytes: Int) -> Bool {
        // PERF: small bodies never touch the budget.
        if announcedBytes <= capacity { return true }
        if announcedBytes > Self.freeBytes, let budget, !budget.hasRoom(for: announcedBytes) { return false }
        return reserve(min(announcedBytes, Self.preparedBytes))
    }

    private static let preparedBytes = 64 << 10

    @inline(never)
    private mutating func grow(_ minimumBytes: Int) -> Bool {
        let larger = max(minimumBytes, capacity * 2, 128)
        let taken = Self.cost(larger) - Self.cost(capacity)
        if let budget, taken > 0, !budget.take(taken) { return false }
        guard let grown = realloc(base, larger) else {
            if let budget { budget.giveBack(taken) }
            // Without a budget it is a few kilobytes that are wanted, and nothing can be answered without them.
            if budget == nil { fatalError("No memory for \(larger) bytes.") }
            return false
        }
        base = grown
        capacity = larger
        return true
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
        if capacity > keepingBytes { release() }
    }

    private mutating func release() {
        free(base)
        if let budget, Self.cost(capacity) > 0 { budget.giveBack(Self.cost(capacity)) }
        base = nil
        capacity = 0
    }

    private static func cost(_ capacity: Int) -> Int { capacity > freeBytes ? capacity : 0 }

    deinit {
        free(base)
        if let budget, Self.cost(capacity) > 0 { budget.giveBack(Self.cost(capacity)) }
    }
}
