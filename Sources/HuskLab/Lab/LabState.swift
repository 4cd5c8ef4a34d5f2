import GoHeap
import GoMap
import HuskSystem

/// What the lock guards.
struct LabState {
    /// Keeps `heap` alive.
    var ownedHeap: OwnedHeap
    // PERF: apart from its owner, so that no operation counts references.
    var heap: Heap
    var map: ShardedMap
    /// What the map was made with.
    var hint: Int
    /// Where the hash seeds of coming maps are drawn from.
    var seed: UInt64
    /// Most bytes of pages that the heap may have in use now: what the configuration says, less what has been lent.
    var heapLimitBytes: Int
    var settings: LabSettings
    let pauses: Histogram
    /// Trace lines of `heap` that have been printed, or that nobody wanted printed.
    var printedLineCount = 0
    /// A map that is to take `map`'s place once all of it is copied. Whoever copies to it destroys it.
    var copyTarget: ShardedMap?
    /// The copy that operations make; `copyTarget` is its map then, and it is destroyed with it.
    var migration: Migration?
    /// Those that are over and have not been counted yet.
    var endedMigrations: [EndedMigration] = []
    /// Counts the maps that there have been; a copy with all entries is the same map.
    var mapNumber: UInt64 = 0
    /// Room for the longest `[N]byte` key.
    let keyScratch = UnsafeMutableRawBufferPointer.allocate(byteCount: GoType.arrayCountLimit, alignment: 8)
    /// Changes so far that may have left garbage: all, for an insert may drop the array that the map has outgrown.
    var changeCount: UInt64 { deleteCount &+ otherChangeCount }
    /// Those that were no deletes. PERF: counted apart from them, so that a delete counts once.
    var otherChangeCount: UInt64 = 1
    /// Entries that have been deleted or cleared.
    var deleteCount: UInt64 = 0
    /// `deleteCount` when the map was made.
    var deletesAtRebuild: UInt64 = 0
    /// `changeCount` when the last whole collection began; what was garbage then is free.
    var collectedChangeCount: UInt64 = 0

    /// A hash seed for the next map.
    mutating func nextSeed() -> UInt32 {
        seed &+= 1
        return UInt32(truncatingIfNeeded: mix(seed))
    }
}
