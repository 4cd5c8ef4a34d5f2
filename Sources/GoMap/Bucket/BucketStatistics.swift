// What only maps of the bucket layout have, in numbers.

/// The part of the statistics that only the bucket layout has.
package struct BucketStatistics: Hashable, Sendable {
    /// Log2 of how many chains there are.
    package var B = 0
    /// How many chains there are; 0 before the first insert into a map made without a hint.
    package var chains = 0
    /// Overflow buckets in the chains, exactly.
    package var overflowBuckets = 0
    /// Go's own count of them, which is an estimate from B = 16 on; the map grows by it.
    package var noverflow = 0
    /// Whether there is an old array.
    package var growing = false
    /// Whether the growth under way keeps the number of chains.
    package var sameSizeGrow = false
    /// Chains of the old array that have been evacuated.
    package var evacuated = 0
    /// Buckets in the longest chain; while growing, of either array.
    package var longestChain = 0

    /// What a nil map has of all this.
    package static let none = BucketStatistics()

    /// With another map's: sums, and of B and the longest chain the larger.
    mutating func add(_ other: Self) {
        B = max(B, other.B)
        chains += other.chains
        overflowBuckets += other.overflowBuckets
        noverflow += other.noverflow
        growing = growing || other.growing
        sameSizeGrow = sameSizeGrow || other.sameSizeGrow
        evacuated += other.evacuated
        longestChain = max(longestChain, other.longestChain)
    }
}
