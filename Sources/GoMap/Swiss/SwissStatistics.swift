// What only maps of the swiss layout have, in numbers.

/// The part of the statistics that only the swiss layout has.
package struct SwissStatistics: Hashable, Sendable {
    /// Log2 of how many tables the directory has room for.
    package var globalDepth = 0
    /// How many tables there are; 0 for a map of up to 8 entries, which has none.
    package var tables = 0
    /// Groups of eight slots, of all tables together.
    package var groups = 0
    /// Slots that a delete has marked, because searches must go on past them.
    package var tombstones = 0
    /// Empty slots that may be filled before some table has to grow: of all tables together.
    package var growthLeft = 0

    /// What a nil map has of all this.
    package static let none = SwissStatistics()

    /// With another map's: sums, and of the depth the larger.
    mutating func add(_ other: Self) {
        globalDepth = max(globalDepth, other.globalDepth)
        tables += other.tables
        groups += other.groups
        tombstones += other.tombstones
        growthLeft += other.growthLeft
    }
}
