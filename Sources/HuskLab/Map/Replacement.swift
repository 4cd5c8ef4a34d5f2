import GoHeap
import GoMap

/// What a fresh map is made as; nil stays as it is.
package struct Replacement: Equatable, Sendable {
    package var type: MapTypeName?
    package var hint: Int?
    package var layout: MapLayout?
    /// A power of two in `ShardedMap.countRange`.
    package var shards: Int?
    /// Whether it has two generations: one shard then. Several shards have none.
    package var isGenerational: Bool?
    package var copy = false

    package init() {}
}

package struct ReplaceResult: Sendable {
    package var report: MapReport
    /// Entries that were copied over.
    package var copied: Int
}
