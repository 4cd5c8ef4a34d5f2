// The memory that a server's connections and buffers take, all together, and its bounds.
//
//     used          what is taken now
//     own           always there for buffers
//     available     own, and what has been borrowed on top of it, in steps
//     greatest      the most that may ever be available
//
// One atomic counter; what is taken and given back is counted in pieces of kilobytes, so a request with a small body never
// touches it. Whoever finds nothing left is refused (503), and nothing is allocated.
// Lock: `borrowing` serialises loans and their return; it is taken once in some mebibytes.

import Synchronization

/// Where a budget borrows from. Any thread.
package protocol MemoryLender: AnyObject, Sendable {
    /// Gives `byteCount` bytes up for buffers, or answers false. Must not take long: pool threads ask.
    func lend(byteCount: Int) -> Bool
    /// Gets bytes back that it has lent.
    func takeBack(byteCount: Int)
}

package final class BufferBudget: Sendable {
    private let ownBytes: Int
    private let greatestBytes: Int
    private let lender: (any MemoryLender)?
    private let used = Atomic(0)
    private let available: Atomic<Int>
    private let borrowing = Mutex(())

    /// What is borrowed and given back at a time, if there is as much.
    private static let stepBytes = 4 << 20

    /// - Parameters:
    ///   - ownBytes: what may be taken without asking.
    ///   - greatestBytes: what may be taken at most, with loans.
    ///   - lender: who lends; nil for no loans.
    package init(ownBytes: Int, greatestBytes: Int, lender: (any MemoryLender)? = nil) {
        precondition(ownBytes >= 0 && greatestBytes >= ownBytes, "\(ownBytes) of \(greatestBytes) bytes")
        self.ownBytes = ownBytes
        self.greatestBytes = greatestBytes
        self.lender = lender
        available = Atomic(ownBytes)
    }

    /// Counts, and refuses nothing.
    package static var unlimited: BufferBudget { BufferBudget(ownBytes: .max / 2, greatestBytes: .max / 2) }

    /// Bytes that are taken now.
    package var usedBytes: Int { used.load(ordering: .relaxed) }

    /// Takes bytes.
    /// - Returns: false when there are not as many left; then nothing is taken.
    package func take(_ byteCount: Int) -> Bool {
        let now = used.add(byteCount, ordering: .relaxed).newValue
        if now <= available.load(ordering: .relaxed) || borrow() { return true }
        used.subtract(byteCount, ordering: .relaxed)
        return false
    }

    /// Takes bytes for what is there already and cannot be refused any more.
    func takeRegardless(_ byteCount: Int) { used.add(byteCount, ordering: .relaxed) }

    /// Gives back what was taken.
    package func giveBack(_ byteCount: Int) {
        let now = used.subtract(byteCount, ordering: .relaxed).newValue
        // A step is kept, so that one buffer that comes and goes does not borrow each time.
        let spare = available.load(ordering: .relaxed) - max(now, ownBytes)
        if spare >= 2 * Self.stepBytes { returnSpare() }
    }

    /// Whether as many bytes could be taken now; others may take them meanwhile.
    func hasRoom(for byteCount: Int) -> Bool {
        if !take(byteCount) { return false }
        giveBack(byteCount)
        return true
    }

    /// Borrows what is used and not yet available.
    private func borrow() -> Bool {
        guard let lender else { return false }
        return borrowing.withLock { _ in
            let present = available.load(ordering: .relaxed)
            let missing = used.load(ordering: .relaxed) - present
            if missing <= 0 { return true }
            let room = greatestBytes - present
            if missing > room { return false }
            let steps = (missing + Self.stepBytes - 1) / Self.stepBytes * Self.stepBytes
            guard lender.lend(byteCount: min(steps, room)) else { return false }
            available.add(min(steps, room), ordering: .relaxed)
            return true
        }
    }

    private func returnSpare() {
        borrowing.withLock { _ in
            let spare =
                available.load(ordering: .relaxed) - max(used.load(ordering: .relaxed), ownBytes)
                - Self.stepBytes
            guard spare > 0 else { return }
            let left = available.subtract(spare, ordering: .relaxed).newValue
            if used.load(ordering: .relaxed) > left {
                // Somebody took some of it just now.
                available.add(spare, ordering: .relaxed)
            } else {
                lender?.takeBack(byteCount: spare)
            }
        }
    }
}

/// Bytes taken from a budget, for as long as this lives. Used by one thread at a time.
package final class BufferLease: @unchecked Sendable {
    // SAFETY: one thread at a time; handing the lease on is what orders them.
    private let budget: BufferBudget
    private var byteCount: Int

    /// - Returns: nil when the budget has not as much left.
    package init?(_ byteCount: Int, of budget: BufferBudget) {
        guard budget.take(byteCount) else { return nil }
        self.budget = budget
        self.byteCount = byteCount
    }

    deinit { budget.giveBack(byteCount) }

    /// Takes more, or gives some back, so that it is so many bytes.
    /// - Returns: false when there are not as many left; then the lease stays as it is.
    package func resize(to wantedBytes: Int) -> Bool {
        if wantedBytes > byteCount {
            guard budget.take(wantedBytes - byteCount) else { return false }
        } else {
            budget.giveBack(byteCount - wantedBytes)
        }
        byteCount = wantedBytes
        return true
    }
}
