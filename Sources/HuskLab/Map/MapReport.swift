import GoMap

/// What the map is and what it holds.
package struct MapReport: Equatable, Sendable {
    package var statistics: MapStatistics
    /// What the map was made with.
    package var hint: Int
    package var shards: Int
    /// Two if it has a young one and an old one.
    package var generations: Int

    /// Whether it is made of several maps: shards, or generations.
    package var hasParts: Bool { shards > 1 || generations > 1 }

    /// What one of several maps is called.
    package func partName(_ index: Int) -> String {
        generations == 1 ? "shard \(index)" : index == 0 ? "young" : "old"
    }
}
