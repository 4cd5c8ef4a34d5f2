// Operations on keys that are known in advance, some hundred at a time: what a workload hands to the lab.

import GoMap
import HuskSystem

/// What is done to one key.
package struct Operation {
    package enum Kind: UInt8, CaseIterable, Sendable {
        /// `_, ok := m[key]`
        case get
        /// The same, and `m[key] = value` if it was not there: as a cache does.
        case getOrLoad
        /// `m[key] = value`
        case set
        /// `delete(m, key)`
        case delete
    }

    package var kind: Kind
    /// Of the map's key type; of `[N]byte`, all N bytes.
    package var key: Datum
    /// Of the map's value type.
    package var value: Datum

    @inlinable
    package init(_ kind: Kind, _ key: Datum, _ value: Datum = .empty) {
        self.kind = kind
        self.key = key
        self.value = value
    }
}

/// Operations in their order. What keys and values lead to is the business of whoever puts them in, and stays as it is until
/// the batch has been applied. Used by one thread.
package final class OperationBatch {
    /// As many as stay in the processor's first cache.
    package static let capacity = 512

    // SAFETY: allocated here, freed in deinit; operations are trivial.
    @usableFromInline let operations = UnsafeMutablePointer<Operation>.allocate(capacity: OperationBatch.capacity)
    package private(set) var count = 0

    package init() {}

    deinit { operations.deallocate() }

    package var isFull: Bool { count == Self.capacity }

    package func append(_ operation: Operation) {
        precondition(!isFull, "the batch is full")
        (operations + count).initialize(to: operation)
        count &+= 1
    }

    package func removeAll() { count = 0 }

    package subscript(_ index: Int) -> Operation {
        precondition(index < count, "there are \(count) operations")
        return operations[index]
    }
}

/// What operations came to.
package struct OperationCounts: Equatable, Sendable {
    /// Sets of keys that were not there, and of keys that were.
    package var inserted = 0
    package var updated = 0
    /// Deletes of keys that were there, and of keys that were not.
    package var deleted = 0
    package var absent = 0
    /// Gets, those of keys that were not there, and those of them that were loaded.
    package var reads = 0
    package var misses = 0
    package var loads = 0

    package init() {}

    /// All operations; a load is part of its get.
    package var operations: Int { inserted &+ updated &+ deleted &+ absent &+ reads }

    package static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.inserted += right.inserted
        sum.updated += right.updated
        sum.deleted += right.deleted
        sum.absent += right.absent
        sum.reads += right.reads
        sum.misses += right.misses
        sum.loads += right.loads
        return sum
    }
}

/// What is kept of operations as they are applied. Used by one thread.
package struct OperationTally {
    package var counts = OperationCounts()
    /// How long each took, from the end of the one before it.
    package let waits = LatencyHistogram()
    /// When the last one ended; whoever pauses between two moves it on.
    package var lastNanoseconds = monotonicNanoseconds()
    /// The most that HeapAlloc has been between two slices.
    package var peakHeapAllocBytes = 0

    package init() {}
}
