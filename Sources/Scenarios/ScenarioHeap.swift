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
    /// The most that the heap has had in use (HeapInuse) since somebody set it.
    var peakInUseBytes = 0
    private let entries: EntrySource
    /// Whether keys and values are integers.
    private let isPlain: Bool

    /// A heap as the run's Go has it, and a nil map.
    ///
    /// - Parameters:
    ///   - type: of the map; nil for that of the run.
    ///   - timeScale: how many times as fast as the wall clock the runtime's clock runs.
    ///   - shape: of its entries.
    init(
        _ run: ScenarioRun, type: MapTypeName? = nil, timeScale: Double = 1, shape: EntryShape = EntryShape()
    ) throws(ScenarioError) {
        self.run = run
        let type = type ?? run.type
        heap = try run.makeHeap(timeScale: timeScale)
        map = ShardedMap.makeNil(MapType.interned(type), heap: heap, seed: 1, layout: run.layout, count: 1)
        entries = EntrySource(type, shape: shape)
        isPlain = type.key.isInteger && type.value.isInteger
    }

    deinit {
        let remains = Remains(map: map, heap: heap, loan: run.loan)
        // The kernel takes some 200 ms for a gigabyte: whoever cancels does not wait for it.
        if run.isCancelled() {
            OwnedThread(name: "husk-unmap") { remains.destroy() }.letGo()
        } else {
            remains.destroy()
        }
    }

    /// What is left of it, and whom its memory belongs to.
    // SAFETY: one thread has it, and nobody else what is in it.
    private struct Remains: @unchecked Sendable {
        let map: ShardedMap
        let heap: Heap
        let loan: AnyObject?

        func destroy() {
            map.destroy()
            heap.destroy()
        }
    }

    func make(hint: Int, seed: UInt32, shards: Int = 1) throws(ScenarioError) {
        let fresh = makeMap(hint: hint, seed: seed, shards: shards)
        map.destroy()
        map = fresh
        try checkRoom()
    }

    /// A fresh map of the same type, not yet in the old one's place.
    func makeMap(hint: Int, seed: UInt32, shards: Int = 1) -> ShardedMap {
        ShardedMap.make(map.type, hint: hint, heap: heap, seed: seed, layout: run.layout, count: shards)
    }

    /// Inserts the keys of entries with values of the same numbers, as the documents' programmes do.
    func insert(_ indices: Range<Int>, as numbering: Numbering = .plain) throws(ScenarioError) {
        try forEachPart(of: indices) { part in
            // PERF: what a scenario times is the map, not the making of entries.
            if isPlain {
                for index in part {
                    let number = Datum(integer: numbering.number(index))
                    map.insert(number, number)
                    heap.collectIfDue()
                }
            } else {
                for index in part {
                    let number = numbering.number(index)
                    map.insert(entries.key(number), entries.value(number))
                    heap.collectIfDue()
                }
            }
        }
    }

    /// - Parameter isKept: which of them are not deleted.
    func delete(
        _ indices: Range<Int>, as numbering: Numbering = .plain, unless isKept: (Int) -> Bool = { _ in false }
    ) throws(ScenarioError) {
        try forEachPart(of: indices) { part in
            for index in part where !isKept(index) {
                map.delete(entries.key(numbering.number(index)))
                heap.collectIfDue()
            }
        }
    }

    /// `_ = m[key]`.
    func read(_ number: Int) -> Bool { map.access(entries.key(number)) != nil }

    /// `m[key] = value`.
    func insert(number: Int) {
        map.insert(entries.key(number), entries.value(number))
        heap.collectIfDue()
    }

    func delete(number: Int) {
        map.delete(entries.key(number))
        heap.collectIfDue()
    }

    /// `clear(m)`, and what Go makes of `for k := range m { delete(m, k) }`.
    func clear() {
        map.clear()
        heap.collectIfDue()
    }

    /// Does what the collector's thread does beside a programme that waits for something: all of its work.
    func finishBackgroundWork() { while heap.collectSlice(nanoseconds: 1_000_000) {} }

    /// Does what the collector's thread does beside a programme that is busy: some of its work.
    func doBackgroundWork(nanoseconds: UInt64) {
        if heap.hasCollectionWork { _ = heap.collectSlice(nanoseconds: nanoseconds) }
    }

    /// `runtime.GC()`, but for whoever has gone meanwhile.
    func collect() throws(ScenarioError) { try run.collect(heap) }

    /// `debug.FreeOSMemory()`, likewise.
    func freeOSMemory() throws(ScenarioError) { try run.freeOSMemory(heap) }

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
        var copied = 0
        while count == entries.count {
            count = iterator.next(into: entries)
            fresh.copyEntries(UnsafeBufferPointer(rebasing: entries[..<count]), from: map)
            heap.collectIfDue()
            copied += count
            if copied % Self.partCount == 0 { try checkpoint() }
        }
        try checkpoint()
    }

    /// The values again, in objects of their own: `for k, v := range m { m[k] = append([]byte(nil), v...) }`.
    func copyValues(_ indices: Range<Int>, where isKept: (Int) -> Bool) throws(ScenarioError) {
        try forEachPart(of: indices) { part in
            for index in part where isKept(index) { insert(number: index) }
        }
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
            try checkpoint()
            start = end
        }
    }

    func checkpoint() throws(ScenarioError) {
        try run.checkpoint()
        try checkRoom()
    }

    private func checkRoom() throws(ScenarioError) {
        peakInUseBytes = max(peakInUseBytes, heap.inUseBytes)
        if heap.inUseBytes <= limitBytes { return }
        limitBytes = run.limitBytes(heap.inUseBytes)
        if heap.inUseBytes > limitBytes {
            throw .noRoom(inUseBytes: heap.inUseBytes, limitBytes: limitBytes)
        }
    }
}

extension ScenarioRun {
    /// A whole collection, in slices.
    func collect(_ heap: Heap) throws(ScenarioError) {
        while heap.collectSlice(nanoseconds: Self.sliceNanoseconds) { try checkpoint() }
        heap.startForcedCycle()
        while heap.collectSlice(nanoseconds: Self.sliceNanoseconds) { try checkpoint() }
    }

    func freeOSMemory(_ heap: Heap) throws(ScenarioError) {
        try collect(heap)
        var pass = Heap.ReleasePass()
        while heap.releaseSlice(&pass) { try checkpoint() }
    }

    /// How long it takes at most to notice that nobody waits.
    private static let sliceNanoseconds: UInt64 = 10_000_000

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
