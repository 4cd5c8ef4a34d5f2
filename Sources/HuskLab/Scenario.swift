// The scenarios of the source documents, each on a heap of its own, so that its figures are its own.
//
// What is measured is real: objects on a Go heap, collections, pages. RSS is the whole process's.

import GoHeap
import GoMap

/// A scenario: a name, and what it shows.
package enum Scenario: String, CaseIterable, Sendable {
    case globalDelete = "global-delete"
    case globalNil = "global-nil"
    case functionDelete = "function-delete"
    case functionNil = "function-nil"
    case local
    case partialUpdate = "partial-update"
    case hint
    case reuse
    case fifteenMinutes = "fifteen-minutes"
    case channelAndMap = "channel-and-map"
    case gcTime = "gc-time"

    package var title: String {
        switch self {
        case .globalDelete: "A global map[int]int of 8,192 entries, every key deleted"
        case .globalNil: "A global map[int]int of 8,192 entries, every key deleted, then nil"
        case .functionDelete: "A global map filled and deleted inside a function that has returned"
        case .functionNil: "A global map filled, deleted and set to nil inside a function"
        case .local: "A map in a local variable, every key deleted"
        case .partialUpdate: "A cache of 100,000 live keys, a fifth of them replaced each round"
        case .hint: "A map[int]int of 1,000,000 entries, made without a hint and with one"
        case .reuse: "A map[int]int of 8,192 entries, deleted and inserted again"
        case .fifteenMinutes:
            "A map of 80 MB set to nil, and 15 minutes of Go 1.10 in which nobody asks for the memory"
        case .channelAndMap: "A global channel drained, and a global map of as many bytes emptied"
        case .gcTime: "How long a collection takes with 1,000,000 entries held in four ways"
        }
    }

    /// Runs it.
    ///
    /// - Parameters:
    ///   - isCancelled: asked between steps.
    ///   - onStep: told after each step of those that take long, how many are done of how many.
    /// - Throws: `LabError.cancelled`, or `HeapError` when there is no address space for a heap.
    package func run(
        isCancelled: () -> Bool = { false }, onStep: (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) throws -> ScenarioTable {
        switch self {
        case .partialUpdate: try runPartialUpdate(isCancelled: isCancelled)
        case .hint: try runHint(isCancelled: isCancelled)
        case .reuse: try runReuse(isCancelled: isCancelled)
        case .fifteenMinutes: try runFifteenMinutes(isCancelled: isCancelled, onStep: onStep)
        case .channelAndMap: try runChannelAndMap(isCancelled: isCancelled)
        case .gcTime: try runGCTime(isCancelled: isCancelled)
        default: try runDeletes(isCancelled: isCancelled)
        }
    }
}

/// A map on a heap of its own, used by one thread.
final class ScenarioHeap {
    let heap: Heap
    var map: ShardedMap

    init(_ type: String, _ configuration: HeapConfiguration = HeapConfiguration()) throws {
        heap = try Heap(configuration)
        map = ShardedMap.makeNil(
            MapType.interned(try MapTypeName(parsing: type)), heap: heap, seed: 1, count: 1)
    }

    deinit {
        map.destroy()
        heap.destroy()
    }

    func make(hint: Int, seed: UInt32, shards: Int = 1) {
        let fresh = makeMap(hint: hint, seed: seed, shards: shards)
        map.destroy()
        map = fresh
    }

    /// A fresh map of the same type, not yet in the old one's place.
    func makeMap(hint: Int, seed: UInt32, shards: Int = 1) -> ShardedMap {
        ShardedMap.make(map.type, hint: hint, heap: heap, seed: seed, count: shards)
    }

    /// Inserts `int` keys with values of their own number, as the documents' programmes do.
    func insert(_ keys: Range<Int>) {
        for key in keys {
            map.insert(Datum(integer: key), Datum(integer: key))
            heap.collectIfDue()
        }
    }

    func delete(_ keys: Range<Int>) {
        for key in keys {
            map.delete(Datum(integer: key))
            heap.collectIfDue()
        }
    }

    func sample() -> MemorySample { MemorySample(heap.readMemStats()) }
}
