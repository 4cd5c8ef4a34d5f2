// Where every byte is: one sum that adds up to HeapSys, and from there to RSS.
//
//     HeapSys = entries + retained + otherLive + garbage + waste + idle + released
//     RSS     = what of the heap is resident + tables + rest
//
// The sum is of one moment, that of the last look at the statistics, and exact. Its parts that need a look at all entries or
// spans (`keysAndValues`, `otherLive`, the two kinds of garbage, `tails`) are what was found in the moments before: as long as
// nothing was changed meanwhile, they are exact too, and `isExact` says so.

import GoHeap
import GoMap

/// Bytes, all of them.
package struct MemoryAccount: Equatable, Sendable {
    package var heapSys = 0
    /// What a fresh map would hold for the same entries.
    package var map = 0
    /// What the entries lead to: bytes of strings and slices, what pointers point to.
    package var keysAndValues = 0
    /// What the map holds beyond a fresh one.
    package var retained = 0
    /// What else is live: a copy under way, arrays that an export still goes over.
    package var otherLive = 0
    /// Garbage that the last cycle has found, and that waits to be swept.
    package var unsweptGarbage = 0
    /// Garbage that no cycle has found yet.
    package var unmarkedGarbage = 0
    /// Slots of spans that have no object.
    package var freeSlots = 0
    /// What is left of spans behind the last slot, and pointer bits.
    package var tails = 0
    /// Pages in no span that the kernel does not have back.
    package var idle = 0
    package var released = 0

    /// What makes up RSS.
    package var resident = 0
    /// Of pages in spans, of idle ones, and of those that count as released.
    package var residentInSpans = 0
    package var residentIdle = 0
    package var residentReleased = 0
    package var tables = Tables()
    /// Resident pages that were given back with MADV_FREE, and that the kernel has not taken yet; nil when the advice is another.
    package var lazyFree: Int?

    /// The spans, by size class.
    package var classes: [HeapCensus.OfClass] = []
    /// Whether nothing was changed while this was counted.
    package var isExact = false
    /// Whether a collection is under way: HeapAlloc is about to fall by itself.
    package var isCollecting = false

    package var forecasts: [Forecast] = []
    package var advice = Advice()

    /// What the runtime keeps beside the heap, as MemStats has it.
    package struct Tables: Equatable, Sendable {
        package var mspan = 0
        package var mcache = 0
        package var gc = 0
        package var other = 0

        package var total: Int { mspan + mcache + gc + other }
    }

    package var entries: Int { map + keysAndValues }
    package var garbage: Int { unsweptGarbage + unmarkedGarbage }
    package var waste: Int { freeSlots + tails }
    package var heapAlloc: Int { entries + retained + otherLive + garbage }
    package var residentHeap: Int { residentInSpans + residentIdle + residentReleased }
    /// What of RSS is neither heap nor tables: the rest of the process. Tables are counted as if all of them were resident.
    package var restOfProcess: Int { resident - residentHeap - tables.total }
}

extension MemoryAccount {
    /// - Parameters:
    ///   - stats: of one moment, and `statistics` of the same.
    ///   - census: found before.
    init(_ stats: MemStats, _ statistics: MapStatistics, _ census: HeapCensus, isCollecting: Bool) {
        self.isCollecting = isCollecting
        heapSys = Int(stats.heapSys)
        released = Int(stats.heapReleased)
        idle = Int(stats.heapIdle) - released
        retained = statistics.retainedBytes
        map = statistics.bytes.total - retained

        // What is left of HeapAlloc is shared out among what was found.
        var left = Int(stats.heapAlloc) - map - retained
        func take(_ found: Int) -> Int {
            let taken = max(0, min(found, left))
            left -= taken
            return taken
        }
        keysAndValues = take(census.sharedBytes)
        otherLive = take(census.reachableBytes - census.sharedBytes - statistics.bytes.total)
        unsweptGarbage = isCollecting ? take(census.unsweptBytes) : 0
        unmarkedGarbage = left

        let waste = Int(stats.heapInuse - stats.heapAlloc)
        tails = min(waste, census.tailBytes)
        freeSlots = waste - tails

        residentInSpans = census.inSpans.residentBytes
        residentIdle = census.idle.residentBytes
        residentReleased = census.released.residentBytes
        tables = Tables(
            mspan: Int(stats.mspanSys), mcache: Int(stats.mcacheSys), gc: Int(stats.gcSys),
            other: Int(stats.otherSys))
        classes = census.classes
    }
}
