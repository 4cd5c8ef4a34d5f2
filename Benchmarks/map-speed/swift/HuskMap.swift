// Husk's map, through the calls that a request makes. Whatever allocates or deletes is followed by the safepoint, as there:
// the collector runs in this thread when its pacer asks for it.
//
// The `range-` cases are what ranges do: they know their keys ahead, and fetch a batch of buckets together.

import GoHeap
import GoMap

/// As many as ranges take at a time (HuskLab, Lab+Ranges.swift).
private let batchKeys = 12

func measureHusk<Keys: KeyList>(_ type: String, _ layout: MapLayout, _ keys: KeySet<Keys>) throws {
    // As the Go that the layout is compared with.
    var configuration = HeapConfiguration(profile: layout == .swiss ? .go1_27 : .go1_23)
    // Little enough address space for valgrind.
    configuration.reservedBytes = 16 << 30
    let heap = try Heap(configuration)
    let type = MapType.interned(try MapTypeName(parsing: type))
    let count = keys.inserted.count
    var map = ShardedMap.make(type, heap: heap, seed: 1, layout: layout)
    func remake(hint: Int) {
        map.destroy()
        map = ShardedMap.make(type, hint: hint, heap: heap, seed: 1, layout: layout)
    }
    func fill() {
        if map.count < count { insert(keys.inserted, map) }
    }
    func measureCollected(_ name: String, prepare: (() -> Void)? = nil, body: () -> Void) {
        heap.collect()
        measure(name, count, prepare: prepare, body: body)
    }

    if count > allCasesLimit {
        remake(hint: count)
        measureCollected("hit", prepare: fill) { find(keys.used, map) }
        return
    }
    measureCollected("insert-presized") {
        remake(hint: count)
        insert(keys.inserted, map)
    }
    measureCollected("insert-growing") {
        remake(hint: 0)
        insert(keys.inserted, map)
    }
    measureCollected("hit", prepare: fill) { find(keys.used, map) }
    measureCollected("miss", prepare: fill) { find(keys.missing, map) }
    measureCollected("update", prepare: fill) { insert(keys.used, map) }
    measureCollected("iterate", prepare: fill) { iterate(map) }
    measureCollected("delete", prepare: fill) { delete(keys.used, map) }
    measureCollected("clear", prepare: fill) { map.clear() }

    measureCollected("range-insert-presized") {
        remake(hint: count)
        insertRange(keys.inserted, map)
    }
    measureCollected("range-insert-growing") {
        remake(hint: 0)
        insertRange(keys.inserted, map)
    }
    measureCollected("range-update", prepare: fill) { insertRange(keys.used, map) }
    measureCollected("range-delete", prepare: fill) { deleteRange(keys.used, map) }
}

private func insert(_ keys: some KeyList, _ map: ShardedMap) {
    let heap = map.heap
    for index in 0..<keys.count {
        map.insert(keys.key(index), Datum(integer: index))
        heap.collectIfDue()
    }
}

private func find(_ keys: some KeyList, _ map: ShardedMap) {
    var sum: UInt64 = 0
    for index in 0..<keys.count {
        if let slot = map.access(keys.key(index)), let value = map.value(at: slot) { sum &+= value.word }
    }
    sink &+= sum
}

private func delete(_ keys: some KeyList, _ map: ShardedMap) {
    let heap = map.heap
    for index in 0..<keys.count {
        map.delete(keys.key(index))
        heap.collectIfDue()
    }
}

private func iterate(_ map: ShardedMap) {
    var sum: UInt64 = 0
    let iterator = ShardedIterator(map)
    while let entry = iterator.next() {
        sum &+= map.key(at: entry.key).word ^ (map.value(at: entry.value) ?? .empty).word
    }
    iterator.destroy()
    sink &+= sum
}

/// Calls `body` with each key; with its hash too, a batch of buckets having been fetched before, when the map is large.
@inline(__always)
private func forEachAhead(_ keys: some KeyList, _ map: ShardedMap, _ body: (Int, Datum, KeyHash?) -> Void) {
    let heap = map.heap
    withUnsafeTemporaryAllocation(of: KeyHash.self, capacity: batchKeys) { hashes in
        hashes.initialize(repeating: KeyHash())
        for start in stride(from: 0, to: keys.count, by: batchKeys) {
            let count = min(batchKeys, keys.count - start)
            let isFetchedAhead = map.isWorthPrefetching
            if isFetchedAhead {
                for place in 0..<count {
                    hashes[place] = map.hash(keys.key(start + place))
                    map.prefetch(hash: hashes[place])
                }
            }
            for place in 0..<count {
                body(start + place, keys.key(start + place), isFetchedAhead ? hashes[place] : nil)
                heap.collectIfDue()
            }
        }
    }
}

private func insertRange(_ keys: some KeyList, _ map: ShardedMap) {
    forEachAhead(keys, map) { index, key, hash in
        let value = Datum(integer: index)
        if let hash { map.insert(key, hash: hash, value) } else { map.insert(key, value) }
    }
}

private func deleteRange(_ keys: some KeyList, _ map: ShardedMap) {
    forEachAhead(keys, map) { _, key, hash in
        if let hash { map.delete(key, hash: hash) } else { map.delete(key) }
    }
}
