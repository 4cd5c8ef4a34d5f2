// The bytes that a map holds.

/// Bytes of the heap that a map itself holds, each object counted with all that its size class takes. What
/// strings, slices and pointers of the entries lead to is not the map's.
package struct MapBytes: Hashable, Sendable {
    /// The header, and its extra part.
    package var header = 0
    /// The array of buckets, its spare ones included; the swiss layout's groups.
    package var buckets = 0
    /// Overflow buckets that were allocated one by one, and the list that keeps overflow buckets alive.
    package var overflow = 0
    /// The array that is being evacuated, with its overflow buckets and their list.
    package var oldBuckets = 0
    /// The swiss layout's directory and tables' headers.
    package var directory = 0
    /// Keys and values of more than 128 bytes.
    package var indirect = 0

    package var total: Int { header + buckets + overflow + oldBuckets + directory + indirect }

    mutating func add(_ other: MapBytes) {
        header += other.header
        buckets += other.buckets
        overflow += other.overflow
        oldBuckets += other.oldBuckets
        directory += other.directory
        indirect += other.indirect
    }

    mutating func multiply(by factor: Int) {
        header *= factor
        buckets *= factor
        overflow *= factor
        oldBuckets *= factor
        directory *= factor
        indirect *= factor
    }
}
