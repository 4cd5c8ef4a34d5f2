// The maps that a `ShardedMap` of several is made of.

import GoHeap
import HuskSystem

/// The maps of a `ShardedMap` that has several, and the table that leads the collector to them.
struct ShardTable {
    /// Their headers, in the heap; nil when they are nil. A root: must be first.
    private var table: UnsafeMutableRawPointer?
    let maps: UnsafeMutablePointer<GoMap>
    let count: Int
    /// Whether they are a young map and an old one (ShardedMap+Generations.swift), in this order, rather than shards.
    let isGenerational: Bool
    /// What the seed of their hash was made of.
    let hash0: UInt32
    /// What of a hash picks the map: nothing for generations, where it is the young one.
    private let indexMask: Int
    /// The copy of a shard that is to take its place: whatever is changed in the shard is changed in it.
    private(set) var copy: (map: GoMap, index: Int)?
    /// How often the maps have been exchanged among each other.
    private(set) var rotationCount = 0
    /// The handle, if it has not been destroyed, and the iterators: the last one to go takes the maps with it.
    private(set) var userCount = 1

    // SAFETY: the address of an immutable, immortal descriptor.
    nonisolated(unsafe) static let elementObjectType: ObjectTypeRef = .of(byteCount: 8, pointerWords: [0])

    init(table: UnsafeMutableRawPointer?, count: Int, isGenerational: Bool, hash0: UInt32) {
        self.table = table
        self.count = count
        self.isGenerational = isGenerational
        self.hash0 = hash0
        indexMask = isGenerational ? 0 : count &- 1
        maps = .allocate(capacity: count)
    }

    /// Which map has the keys of a hash.
    @inline(__always)
    func index(of hash: KeyHash) -> Int { Int(truncatingIfNeeded: hash.value &>> 32) & indexMask }

    /// The map that has the keys of a hash; of generations the young one.
    @inline(__always)
    func map(of hash: KeyHash) -> GoMap { maps[index(of: hash)] }

    /// The header of a map, as the collector finds it.
    func header(_ index: Int) -> UnsafeMutableRawPointer? {
        table?.load(fromByteOffset: index * 8, as: UnsafeMutableRawPointer?.self)
    }

    /// Leads the collector to a map that is another now.
    func publish(_ index: Int) {
        guard let table else { return }
        maps[index].heap.storePointer(maps[index].rootWord.pointee, at: table + index * 8)
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
        dropCopy(shards)
        shards.pointee.maps[0].heap.removeRoots(root(of: shards))
        for index in 0..<shards.pointee.count { shards.pointee.maps[index].destroy() }
        shards.pointee.maps.deallocate()
        shards.deallocate()
    }
}

// MARK: One map after the other

extension ShardTable {
    /// Begins a copy of a shard, empty as yet.
    ///
    /// - Parameter hint: for how many entries.
    static func beginCopy(_ shards: UnsafeMutablePointer<ShardTable>, of index: Int, hint: Int) {
        precondition(shards.pointee.copy == nil, "one shard is copied at a time")
        let shard = shards.pointee.maps[index]
        let copy = GoMap.make(
            shard.type, hint: hint, heap: shard.heap, seed: shards.pointee.hash0, layout: shard.layout, shards: shards)
        copy.state.pointee.random = SplitMix64(seed: shard.state.pointee.random.next())
        // The table leads to the shard; nothing leads to the copy but this.
        shard.heap.addRoots(copy.rootWord, count: 1)
        shards.pointee.copy = (copy, index)
    }

    /// Puts the copy in its shard's place.
    static func finishCopy(_ shards: UnsafeMutablePointer<ShardTable>) {
        guard let (copy, index) = shards.pointee.copy else { preconditionFailure("there is a copy to be finished") }
        shards.pointee.maps[index].take(from: copy)
        shards.pointee.publish(index)
        dropCopy(shards)
    }

    /// Gives up the copy, if there is one.
    static func dropCopy(_ shards: UnsafeMutablePointer<ShardTable>) {
        guard let copy = shards.pointee.copy?.map else { return }
        shards.pointee.copy = nil
        copy.heap.removeRoots(copy.rootWord)
        copy.destroy()
    }

    /// The old map is dropped, the young one takes its place, and a fresh one that of the young one.
    static func rotate(_ shards: UnsafeMutablePointer<ShardTable>) {
        let (young, old) = (shards.pointee.maps[0], shards.pointee.maps[1])
        old.setNil()
        old.take(from: young)
        shards.pointee.publish(1)
        young.makeEmpty(hash0: shards.pointee.hash0)
        shards.pointee.publish(0)
        shards.pointee.rotationCount += 1
    }
}
