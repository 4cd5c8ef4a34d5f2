// Time of a whole collection with ten million entries held, as Benchmarks/gc-time/go measures Go's: one line for each
// structure and number of processors, "name procs median-microseconds".

import GoHeap
import GoMap
import HuskSystem

let entries = 10_000_000

/// Fills a heap, and measures its collections with 1 and with 2 marking threads.
func measure(_ name: String, _ fill: (Heap) throws -> Void) throws {
    let heap = try Heap()
    try fill(heap)
    for procs in [1, 2] {
        heap.settings.maxProcs = procs
        heap.collect()
        var micros: [Double] = []
        for _ in 0..<9 {
            let start = monotonicNanoseconds()
            heap.collect()
            micros.append(Double(monotonicNanoseconds() - start) / 1000)
        }
        micros.sort()
        print(name, procs, micros[4])
    }
    heap.destroy()
}

/// A map of a type with room for `hint` entries; it lives as long as its heap.
func makeMap(_ type: String, hint: Int, _ heap: Heap) throws -> ShardedMap {
    ShardedMap.make(MapType.interned(try MapTypeName(parsing: type)), hint: hint, heap: heap, seed: 1)
}

try measure("map[int32]*int32") { heap in
    let map = try makeMap("map[int32]*int32", hint: entries, heap)
    for key in 0..<entries {
        map.insert(Datum(integer: key), Datum(integer: key))
        heap.collectIfDue()
    }
}
try measure("map[int32]int32") { heap in
    let map = try makeMap("map[int32]int32", hint: entries, heap)
    for key in 0..<entries {
        map.insert(Datum(integer: key), Datum(integer: key))
        heap.collectIfDue()
    }
}
try measure("64-shards") { heap in
    let shards = try (0..<64).map { _ in try makeMap("map[int32]int32", hint: entries / 64, heap) }
    for key in 0..<entries {
        shards[key % 64].insert(Datum(integer: key), Datum(integer: key))
        heap.collectIfDue()
    }
}
try measure("slice") { heap in
    // A slice is one object without pointers: eight bytes a pair.
    let root = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 1)
    let pairs = heap.allocateBytes(entries * 8)
    for index in 0..<entries {
        pairs.storeBytes(of: UInt64(index) &* 0x1_0000_0001, toByteOffset: index * 8, as: UInt64.self)
    }
    root.initialize(to: pairs)
    heap.addRoots(root, count: 1)
}
