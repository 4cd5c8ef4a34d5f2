// A map on a heap of its own, with nothing on it but the map: what HeapAlloc says is what the map takes.
//
// Keys are numbers; a string's eight bytes lie outside the heap. Values are zero, so pointers are nil.

import GoHeap
import GoMap

final class SizedMap {
    private let run: ScenarioRun
    private let heap: Heap
    private let map: ShardedMap
    /// The key that is used, or room for all of them if they are strings.
    private let names: UnsafeMutableRawBufferPointer
    private var limitBytes = 0

    private static let nameBytes = 8
    private static let batchesBetweenChecks = 20

    /// - Parameter greatest: how many keys there may be.
    init(_ run: ScenarioRun, layout: MapLayout, hint: Int, greatest: Int) throws(ScenarioError) {
        self.run = run
        heap = try run.makeHeap()
        map = ShardedMap.make(MapType.interned(run.type), hint: hint, heap: heap, seed: 1, layout: layout)
        let byteCount = run.type.key == .string ? Self.nameBytes * greatest : run.type.key.byteCount
        names = .allocate(byteCount: byteCount + Self.nameBytes, alignment: 8)
        names.initializeMemory(as: UInt8.self, repeating: 0)
        try checkRoom()
    }

    deinit {
        map.destroy()
        heap.destroy()
        names.deallocate()
    }

    func insert(_ numbers: Range<Int>) throws(ScenarioError) {
        try forEach(numbers) { map.insertZero($0, hash: $1) }
    }

    func delete(_ numbers: Range<Int>) throws(ScenarioError) {
        try forEach(numbers) { map.delete($0, hash: $1) }
    }

    /// What it takes once the garbage is gone, and what it has allocated so far.
    func measure() -> MemStats {
        heap.collect()
        return heap.readMemStats()
    }

    @inline(__always)
    private func key(_ number: Int) -> Datum {
        switch run.type.key {
        case .string:
            let offset = number &* Self.nameBytes
            names.storeBytes(of: number, toByteOffset: offset, as: Int.self)
            return Datum(bytes: names.baseAddress! + offset, count: Self.nameBytes)
        case .array(let count):
            names.storeBytes(of: number, as: Int.self)
            return Datum(bytes: names.baseAddress, count: count)
        default: return Datum(integer: number)
        }
    }

    /// PERF: the buckets of a few keys are fetched from memory together.
    @inline(__always)
    private func forEach(
        _ numbers: Range<Int>, _ body: (Datum, KeyHash) -> Void
    ) throws(ScenarioError) {
        var start = numbers.lowerBound
        var part = 0
        var hashes = InlineArray<12, KeyHash>(repeating: KeyHash())
        while start < numbers.upperBound {
            let end = min(start + hashes.count, numbers.upperBound)
            for number in start..<end {
                hashes[number - start] = map.hash(key(number))
                map.prefetch(hash: hashes[number - start])
            }
            for number in start..<end {
                body(key(number), hashes[number - start])
                heap.collectIfDue()
            }
            start = end
            part += 1
            if part % Self.batchesBetweenChecks == 0 {
                try run.checkpoint()
                try checkRoom()
            }
        }
        try checkRoom()
    }

    private func checkRoom() throws(ScenarioError) {
        let bytes = heap.inUseBytes + names.count
        if bytes <= limitBytes { return }
        limitBytes = run.limitBytes(bytes)
        if bytes > limitBytes { throw .noRoom(inUseBytes: bytes, limitBytes: limitBytes) }
    }
}
