// The one shared map on its heap, behind one lock: what every client of a Husk server works on.
//
// Locks, in this order:
//
//     structure   held for the whole of an operation that exchanges the map or goes over all of it at once: replace, nil,
//                 clear. They come one after the other.
//     lock        guards the heap, the map and everything below. Held for one point operation, or for one slice of a
//                 long one (about `sliceNanoseconds`), so that nobody waits long.
//
// Threads: point operations run on the caller's. Long ones run on a thread of the caller's choice, and go slice by slice.
// The collector has a thread of its own (Collector.swift), and operations that allocate help it (`Heap.collectIfDue`).
//
// While a copy is under way (`copyTarget`), every change goes to the old map and to its copy: so the copy, when it
// takes the old map's place, has what the old map has.

import GoHeap
import GoMap
import Synchronization

package final class Lab: Sendable {
    package struct Configuration: Sendable {
        /// Key and value types of the map at the start.
        package var type = MapTypeName(key: .string, value: .bytes)
        package var hint = 0
        /// Most bytes of pages that the heap may have in use; an insert that may need more is refused.
        package var maxMemoryBytes = OperatingSystem.memoryBytes / 4 * 3
        /// Seeds the hash of every map that the lab makes; nil draws one from the system.
        package var seed: UInt64?

        package init() {}
    }

    /// The longest that a long operation holds the lock at a time, but for what one step of it takes.
    static let sliceNanoseconds: UInt64 = 200_000

    let lock = LabLock()
    let structure = Mutex(())
    // SAFETY: everything behind this address is guarded by `lock`.
    nonisolated(unsafe) let state: UnsafeMutablePointer<LabState>
    let collector: Collector

    /// Makes the heap and the map.
    ///
    /// - Throws: `HeapError` when the kernel refuses the address space.
    package init(_ configuration: Configuration = Configuration()) throws(HeapError) {
        let heap = try Heap()
        var random = SystemRandomNumberGenerator()
        let seed = configuration.seed ?? random.next()
        let type = MapType.interned(configuration.type)
        state = .allocate(capacity: 1)
        state.initialize(
            to: LabState(
                heap: heap,
                map: GoMap.make(type, hint: configuration.hint, heap: heap, seed: UInt32(truncatingIfNeeded: mix(seed))),
                hint: configuration.hint, seed: seed, maxMemoryBytes: configuration.maxMemoryBytes))
        collector = Collector(lock: lock, heap: heap)
    }

    deinit {
        collector.stop()
        state.pointee.map.destroy()
        state.pointee.copyTarget?.destroy()
        state.pointee.heap.destroy()
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
}

/// What the lock guards.
struct LabState {
    let heap: Heap
    var map: GoMap
    /// What the map was made with.
    var hint: Int
    /// Where the hash seeds of coming maps are drawn from.
    var seed: UInt64
    var maxMemoryBytes: Int
    /// A map that is to take `map`'s place once all of it is copied.
    var copyTarget: GoMap?
    /// Room for the longest `[N]byte` key.
    let keyScratch = UnsafeMutableRawBufferPointer.allocate(byteCount: GoType.arrayCountLimit, alignment: 8)
    /// About how many bytes have become garbage since a collection was last forced to make room.
    var likelyGarbageBytes = 0

    /// A hash seed for the next map.
    mutating func nextSeed() -> UInt32 {
        seed &+= 1
        return UInt32(truncatingIfNeeded: mix(seed))
    }
}
