// The maps that a `ShardedMap` of several is made of.

import GoHeap

/// The maps of a `ShardedMap` that has several, and the table that leads the collector to them.
struct ShardTable {
    /// Their headers, in the heap; nil when they are nil. A root: must be first.
    private var table: UnsafeMutableRawPointer?
    let maps: UnsafeMutablePointer<GoMap>
    let count: Int
    /// The handle, if it has not been destroyed, and the iterators: the last one to go takes the maps with it.
    private var userCount = 1

    // SAFETY: the address of an immutable, immortal descriptor.
    nonisolated(unsafe) static let elementObjectType: ObjectTypeRef = .of(byteCount: 8, pointerWords: [0])

    init(table: UnsafeMutableRawPointer?, count: Int) {
        self.table = table
        self.count = count
        maps = .allocate(capacity: count)
    }

    /// The map that has the keys of a hash.
    @inline(__always)
    func map(of hash: KeyHash) -> GoMap {
        maps[Int(truncatingIfNeeded: hash.value &>> 32) & (count &- 1)]
    }

    /// The header of a shard, as the collector finds it.
    func header(_ index: Int) -> UnsafeMutableRawPointer? {
        table?.load(fromByteOffset: index * 8, as: UnsafeMutableRawPointer?.self)
    }

    // SAFETY: the first word is a pointer into the heap, and the table stays where it is until the last `release`.
    static func root(
        of shards: UnsafeMutablePointer<ShardTable>
    ) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        UnsafeMutableRawPointer(shards).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    }

    static func retain(_ shards: UnsafeMutablePointer<ShardTable>) { shards.pointee.userCount += 1 }

    static func release(_ shards: UnsafeMutablePointer<ShardTable>) {
        shards.pointee.userCount -= 1
        guard shards.pointee.userCount == 0 else { return }
        shards.pointee.maps[0].heap.removeRoots(root(of: shards))
        for index in 0..<shards.pointee.count { shards.pointee.maps[index].destroy() }
        shards.pointee.maps.deallocate()
        shards.deallocate()
    }
}
