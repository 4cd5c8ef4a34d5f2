// The body of a request, collected before its handler is asked. One thread at a time.

import HuskSystem

/// Bytes that take what they grow by from a budget. `removeAll` keeps the memory up to a bound, so a connection that is used
/// again allocates nothing.
struct CollectedBody: ~Copyable {
    private var buffer = ByteBuffer()
    private let budget: BufferBudget

    /// Up to this capacity a body costs its budget nothing: what a connection costs has it in.
    private static let freeBytes = 4 << 10
    /// What is taken at most on the strength of an announcement.
    private static let preparedBytes = 64 << 10

    init(budget: BufferBudget) { self.budget = budget }

    deinit { giveBack(Self.cost(buffer.capacity)) }

    var bytes: UnsafeRawBufferPointer { buffer.bytes }

    /// - Returns: false when there is no memory for it; then nothing has changed.
    mutating func append(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard reserve(buffer.count + piece.count) else { return false }
        buffer.append(piece)
        return true
    }

    /// Gets ready for bytes that are announced. That is only a promise, so little is taken on the strength of it; but what
    /// would find no memory is refused before it is sent.
    /// - Returns: false when there is no memory for them.
    mutating func prepare(for announcedBytes: Int) -> Bool {
        // PERF: small bodies never touch the budget.
        if announcedBytes <= buffer.capacity { return true }
        if announcedBytes > Self.freeBytes, !budget.hasRoom(for: announcedBytes) { return false }
        return reserve(min(announcedBytes, Self.preparedBytes))
    }

    /// Forgets the bytes; gives memory above `keepingBytes` back.
    mutating func removeAll(keepingBytes: Int) {
        let cost = Self.cost(buffer.capacity)
        buffer.removeAll(keepingBytes: keepingBytes)
        if cost > 0 { giveBack(cost - Self.cost(buffer.capacity)) }
    }

    private mutating func reserve(_ minimumBytes: Int) -> Bool {
        minimumBytes <= buffer.capacity || grow(minimumBytes)
    }

    @inline(never)
    private mutating func grow(_ minimumBytes: Int) -> Bool {
        let larger = buffer.capacity(growingTo: minimumBytes)
        let taken = Self.cost(larger) - Self.cost(buffer.capacity)
        if taken > 0, !budget.take(taken) { return false }
        if buffer.tryReserve(larger) { return true }
        giveBack(taken)
        return false
    }

    private func giveBack(_ byteCount: Int) {
        if byteCount > 0 { budget.giveBack(byteCount) }
    }

    private static func cost(_ capacity: Int) -> Int { capacity > freeBytes ? capacity : 0 }
}
