// The one shared map on its heap, behind one lock: what every client of a Husk server works on.
//
// Locks, in this order:
//
//     copying     held for the whole of a copy of the map: copies come one after the other. Nothing else waits for it.
//     roomMaking  held by whoever collects because there was no room (Lab+HeapLimit.swift), so that all who wait share it.
//     lock        guards the heap, the map and everything below. Held for one point operation, or for one slice of a
//                 long one (about `sliceNanoseconds`), so that nobody waits long.
//
// Threads: point operations run on the caller's. Long ones run on a thread of the caller's choice, and go slice by slice.
// The collector has a thread of its own (Collector.swift), and operations that allocate help it (`collectIfDue`).
// Two others do what comes by the clock: Background.swift and Checks.swift.
//
// While a copy is under way (`copyTarget`), every change goes to the old map and to its copy: so the copy, when it
// takes the old map's place, has what the old map has.
//
// Nil, a replacement without a copy and another heap take the lock once, whatever is under way, and end it: each makes
// another map of it (`mapNumber`), and who works on the map in slices looks at every slice whether it is still the same.

import GoHeap
import GoMap
import HuskSystem
import Synchronization

package final class Lab: Sendable {
    package struct Configuration: Sendable {
        /// Key and value types of the map at the start.
        package var type = MapTypeName(key: .string, value: .bytes)
        package var hint = 0
        /// Nil is that of the Go that the settings name.
        package var layout: MapLayout?
        /// A power of two in `ShardedMap.countRange`.
        package var shards = 1
        /// Most bytes of pages that the heap may have in use, and of what it lends (`Lab+Loans.swift`); an insert that may
        /// need more is refused.
        package var maxMemoryBytes = MemoryCeiling.ofThisProcess.bytes / 4 * 3
        /// Seeds the hash of every map that the lab makes; nil draws one from the system.
        package var seed: UInt64?
        package var settings = LabSettings()
        /// How many times as fast as the wall clock the runtime's clock runs, 1 or more.
        package var timeScale = 1.0
        /// Is given gctrace and scavenger lines as they come, while the settings ask for it. Called on a thread of the lab's.
        package var printTrace: @Sendable ([String]) -> Void = { _ in }
        /// Is told of each remedy that a check has applied. Called on a thread of the lab's.
        package var reportCheck: @Sendable (CheckAction) -> Void = { _ in }

        package init() {}
    }

    /// The longest that a long operation holds the lock at a time, but for what one step of it takes.
    static let sliceNanoseconds: UInt64 = 200_000

    let lock = LabLock()
    let copying = Mutex(())
    let roomMaking = Mutex(())
    // SAFETY: everything behind this address is guarded by `lock`.
    nonisolated(unsafe) let state: UnsafeMutablePointer<LabState>
    let work: HeapWork
    let collector: Collector
    let background: Background
    let checks: Checks
    let remedyLedger = RemedyLedger()
    package let timeScale: Double
    /// Address space of each of its heaps.
    let reservedBytes: Int

    /// Makes the heap and the map.
    ///
    /// - Throws: `HeapError` when the kernel refuses the address space.
    package init(_ configuration: Configuration = Configuration()) throws(HeapError) {
        var heapConfiguration = HeapConfiguration(profile: configuration.settings.profile)
        heapConfiguration.settings = configuration.settings.runtime
        heapConfiguration.timeScale = configuration.timeScale
        heapConfiguration.reservedBytes = Self.reservedBytes(forHeapOf: configuration.maxMemoryBytes)
        let owned = try OwnedHeap(heapConfiguration)
        var random = SystemRandomNumberGenerator()
        let seed = configuration.seed ?? random.next()
        let map = ShardedMap.make(
            MapType.interned(configuration.type), hint: configuration.hint, heap: owned.heap,
            seed: UInt32(truncatingIfNeeded: mix(seed)),
            layout: configuration.layout, count: configuration.shards)
        let pauses = Histogram(boundsNanoseconds: HeapWork.pauseBoundsNanoseconds)
        state = .allocate(capacity: 1)
        state.initialize(
            to: LabState(
                ownedHeap: owned, heap: owned.heap, map: map, hint: configuration.hint, seed: seed,
                heapLimitBytes: configuration.maxMemoryBytes, settings: configuration.settings, pauses: pauses
            ))
        timeScale = configuration.timeScale
        reservedBytes = heapConfiguration.reservedBytes
        work = HeapWork(lock: lock, state: state, pauses: pauses)
        collector = Collector(work)
        background = Background(work, collector: collector, print: configuration.printTrace)
        checks = Checks(report: configuration.reportCheck)
        checks.start(self)
    }

    /// Address space for a heap that has at most so many bytes of pages in use. First fit needs up to as many times that as
    /// the largest run of pages has doublings (J. M. Robson, Worst case fragmentation of first fit and best fit storage
    /// allocation strategies, 1977): 24 of them are 128 GiB.
    private static func reservedBytes(forHeapOf maxBytes: Int) -> Int {
        let greatest = HeapConfiguration().reservedBytes
        return maxBytes >= greatest / 32 ? greatest : max(1 << 30, 32 * maxBytes)
    }

    deinit {
        checks.stop()
        background.stop()
        collector.stop()
        state.pointee.endMigration(.cancelled)
        state.pointee.map.destroy()
        state.pointee.keyScratch.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Ends a stretch with the lock held; the collector is told if it has work.
    @inline(__always)
    func unlock() {
        let hasWork = state.pointee.heap.hasCollectionWork
        lock.unlock()
        if hasWork { collector.wake() }
    }

    /// The safepoint, with the lock held: starts a collection, or helps with one, when the heap asks for it. Costs a
    /// comparison otherwise. PERF: a method of the lab's: one of the state's that changes nothing gets a copy of it all.
    @inline(__always)
    func collectIfDue() {
        if state.pointee.heap.isCollectionDue { collectCounted() }
    }

    @inline(never)
    private func collectCounted() { work.counted { state.pointee.heap.collectIfDue() } }
}
