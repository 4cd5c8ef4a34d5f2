// What can be done about memory that is held and not used: when a client asks, by the checks that Husk makes of itself
// (Check.swift), or between the rounds of a workload. What each does is in Lab+Remedies.swift.

import GoMap

/// What to do. When is another matter: `Conditions`.
package struct Remedy: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// Nothing.
        case none
        /// `runtime.GC()`. It frees garbage; what a map retains is none.
        case gc
        /// `debug.FreeOSMemory()`. It gives idle pages back too; what a map retains is not idle.
        case freeMemory = "free-memory"
        /// `clear(m)`: the entries go, and the map keeps its buckets.
        case clear
        /// `m = make(map[K]V)`: entries and buckets go; what was there is missed, and loaded again by whoever misses it.
        case replace
        /// A fresh map with the same entries in the map's place.
        case copy
        /// The same, a few entries moved with each operation, so that none of them waits for all of it.
        case incrementalCopy = "incremental-copy"
        /// Several maps that the hash of a key picks from, copied one at a time: all that it takes on the way is one of them.
        case shards
        /// A young map and an old one: what is read moves from the old to the young; the old one is dropped, and the young one
        /// takes its place.
        case twoGenerations = "two-generations"
        /// The map of Go 1.24: a copy in the other layout, once.
        case swiss
    }

    package var kind: Kind
    /// Of `shards`: how many, a power of two from 2 on.
    package var shards = 64
    /// Of `incremental-copy`: how many entries each operation moves.
    package var entriesPerOperation = 16

    package init(_ kind: Kind) { self.kind = kind }

    package static let entriesPerOperationRange = 1...1024

    /// Whether there may be so many `shards`.
    package static func isShardCount(_ number: Int) -> Bool { number > 1 && ShardedMap.isCount(number) }
}
