// A map on a heap of its own, used by one thread.

import GoHeap
import GoMap
import HuskSystem

final class ScenarioHeap {
    let heap: Heap
    var map: ShardedMap
    private let run: ScenarioRun
    /// What the heap was last allowed to have in use.
    private var limitBytes = 0
    private let entries: EntrySource
    /// Whether keys and values are integers.
    private let isPlain: Bool

    /// A heap as the run's Go has it, and a nil map.
    ///
    /// - Parameters:
    ///   - type: of the map; nil for that of the run.
    ///   - timeScale: how many times as fast as the wall clock the runtime's clock runs.
    init(_ run: ScenarioRun, type: MapTypeName? = nil, timeScale: Double = 1) throws(ScenarioError) {
        self.run = run
        let type = type ?? run.type
        heap = try run.makeHeap(timeScale: timeScale)
        map = ShardedMap.makeNil(MapType.interned(type), heap: heap, seed: 1, layout: run.layout, count: 1)
        entries = EntrySource(type)
        isPlain = type.key.isInteger && type.value.isInteger
    }

    deinit {
        map.destroy()
        heap.destroy()
    }

    func make(hint: Int, seed: UInt32, shards: Int = 1) throws(ScenarioError) {
        let fresh = makeMap(hint: hint, seed: seed, shards: shards)
        map.destroy()
        map = fresh
        try checkRoom()
    }

    /// A fresh map of the same type, not yet in the old one's place.
    private func makeMap(hint: Int, seed: UInt32, shards: Int = 1) -> ShardedMap {
        ShardedMap.make(map.type, hint: hint, heap: heap, seed: seed, layout: run.layout, count: shards)
    }

    /// Inserts the keys of numbers with values of the same numbers, as the documents' programmes do.
    func insert(_ numbers: Range<Int>) throws(ScenarioError) {
        try forEachPart(of: numbers) { part in
            // PERF: what a scenario times is the map, not the making of entries.
            if isPlain {
                for number in part {
                    map.insert(Datum(integer: number), Datum(integer: number))
                    heap.collectIfDue()
                }
            } else {
                for number in part {
                    map.insert(entries.key(number), entries.value(number))
                    heap.collectIfDue()
                }
            }
        }
    }

    func delete(_ numbers: Range<Int>) throws(ScenarioError) {
        try forEachPart(of: numbers) { part in
            for number in part {
                map.delete(entries.key(number))
                heap.collectIfDue()
            }
        }
    }

    /// `fresh := make(map[K]V, len(m)); for k, v := range m { fresh[k] = v }; m = fresh`.
    func replaceWithCopy() throws(ScenarioError) {
        let fresh = makeMap(hint: map.count, seed: 2)
        let iterator = ShardedIterator(map)
        defer {
            iterator.destroy()
            map.destroy()
            map = fresh
        }
        let entries = UnsafeMutableBufferPointer<MapEntry>.allocate(capacity: 16)
        defer { entries.deallocate() }
        var count = entries.count
        while count == entries.count {
            count = iterator.next(into: entries)
            fresh.copyEntries(UnsafeBufferPointer(rebasing: entries[..<count]), from: map)
            heap.collectIfDue()
        }
        try checkRoom()
    }

    /// Does what Go's background threads do by the clock, on this thread.
    ///
    /// - Parameter end: when to return; a monotonic time in nanoseconds.
    func runBackground(until end: UInt64) throws(ScenarioError) {
        let pause = Semaphore()
        while true {
            switch heap.backgroundStep() {
            case .release(var release):
                release.perform()
                heap.finishRelease(release)
            case .sleep(let nanoseconds):
                while heap.collectSlice(nanoseconds: 250_000) {}
                try run.checkpoint()
                let now = monotonicNanoseconds()
                if now >= end { return }
                pause.wait(nanoseconds: min(nanoseconds, end - now))
            }
        }
    }

    func readMemStats() -> MemStats { heap.readMemStats() }

    /// Between the parts the run may end: nobody waits for it, or the heap is full.
    private static let partCount = 256

    private func forEachPart(of numbers: Range<Int>, _ body: (Range<Int>) -> Void) throws(ScenarioError) {
        var start = numbers.lowerBound
        while start < numbers.upperBound {
            let end = min(start + Self.partCount, numbers.upperBound)
            body(start..<end)
            try run.checkpoint()
            try checkRoom()
            start = end
        }
    }

    private func checkRoom() throws(ScenarioError) {
        if heap.inUseBytes <= limitBytes { return }
        limitBytes = run.limitBytes(heap.inUseBytes)
        if heap.inUseBytes > limitBytes {
            throw .noRoom(inUseBytes: heap.inUseBytes, limitBytes: limitBytes)
        }
    }
}

extension ScenarioRun {
    /// A heap as the run's Go has it.
    func makeHeap(timeScale: Double = 1) throws(ScenarioError) -> Heap {
        var configuration = HeapConfiguration(profile: profile)
        configuration.timeScale = timeScale
        do throws(HeapError) {
            return try Heap(configuration)
        } catch {
            throw .noHeap(error)
        }
    }
}
