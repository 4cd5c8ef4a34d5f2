import GoMap

/// What the map is and what it holds.
package struct MapReport: Equatable, Sendable {
    package var statistics: MapStatistics
    /// What the map was made with.
    package var hint: Int
    package var shards: Int
}
