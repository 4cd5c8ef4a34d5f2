// Two generations of one map: what is used moves from the old to the young, and what is not goes with the old. In Go:
//
//     type Generations[K comparable, V any] struct{ young, old map[K]V }
//
//     func (g *Generations[K, V]) Get(k K) (V, bool) {
//         v, ok := g.young[k]
//         if !ok {
//             if v, ok = g.old[k]; ok { g.young[k] = v; delete(g.old, k) }
//         }
//         return v, ok
//     }
//     func (g *Generations[K, V]) Put(k K, v V) { g.young[k] = v; delete(g.old, k) }
//     func (g *Generations[K, V]) Rotate()      { g.old, g.young = g.young, make(map[K]V) }
//
// A key is in one of the two at most, so `len` is the sum. Both have one seed: a key is hashed once.
//
// An iteration goes over the old map, then over the young one. While one is under way nothing moves, and an entry of the old
// map is updated where it is: so every entry that is there throughout comes once.

import GoHeap

extension ShardedMap {
    /// `insert`: into the young map, and out of the old.
    func insertIntoGeneration(_ key: Datum, _ hash: KeyHash?, _ value: Datum) -> Bool {
        let hash = current(hash, of: key)
        let (young, old) = (self[0], self[1])
        if old.count == 0 { return young.insert(key, hash: hash, value) }
        if !entriesMove, old.access(key, hash: hash) != nil { return old.insert(key, hash: hash, value) }
        return young.insert(key, hash: hash, value) && !old.delete(key, hash: hash)
    }

    /// Whether entries move from the old map to the young one: not while somebody iterates.
    private var entriesMove: Bool { shards?.pointee.userCount == 1 }

    /// `v, ok := m[key]`, by which the entry becomes young.
    ///
    /// - Parameters:
    ///   - key: of the key's type; a string's bytes may lie anywhere.
    ///   - hash: of the key, if it is at hand.
    ///   - mayMove: asked before an entry moves, which takes up to `bytesNeededToInsert` and the bytes of a string key.
    /// - Returns: the address of the value; nil when the key is not there.
    package func accessPromoting(
        _ key: Datum, hash: KeyHash? = nil, mayMove: () -> Bool
    ) -> UnsafeMutableRawPointer? {
        let hash = current(hash, of: key)
        if let slot = self[0].access(key, hash: hash) { return slot }
        guard isGenerational, let slot = self[1].access(key, hash: hash) else { return nil }
        guard entriesMove, mayMove() else { return slot }
        let promoted = self[0].insertShared(key, hash: hash, valueAt: slot)
        self[1].delete(key, hash: hash)
        return promoted
    }

    /// Drops what is in the old map; what is in the young one is old then. Iterations go on over what they began with.
    ///
    /// - Precondition: the map has generations, and is not nil.
    package func rotate() {
        guard let shards, isGenerational, !isNil else { preconditionFailure("there are generations to rotate") }
        ShardTable.rotate(shards)
    }
}
