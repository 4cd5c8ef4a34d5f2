// All figures of one moment, for whoever looks every second: the looking itself must change nothing, and keep nobody waiting.

import GoHeap
import GoMap
import HuskSystem

/// How heap, map and process stand. Bytes unless the name says otherwise.
package struct LabReading: Sendable {
    package var memStats: MemStats
    package var map: MapReport
    package var residentBytes: Int
    /// Nil for none.
    package var memoryLimitBytes: Int?
    package var profile: GoProfile
}

extension Lab {
    /// Shards that are added up with the lock held at a time: some 20 µs.
    private static let shardsAtOnce = 256

    /// Reads them. Unlike `readMemStats` it leaves the allocation cache as it is. Of a map of many shards some are looked at
    /// a fraction of a millisecond after the others.
    ///
    /// - Parameter held: is told, each time that the lock was held, for how many nanoseconds.
    package func read(held: (UInt64) -> Void) -> LabReading {
        let residentBytes = ProcessMemory.residentBytes
        var part = ShardedMap.PartialStatistics()
        while true {
            lock.lock()
            let start = monotonicNanoseconds()
            if state.pointee.map.add(to: &part, atMost: Self.shardsAtOnce) {
                lock.unlock()
                held(monotonicNanoseconds() - start)
                lock.letOthersIn()
                continue
            }
            let reading = LabReading(
                memStats: state.pointee.heap.peekMemStats(),
                map: state.pointee.report(state.pointee.map.statistics(part)),
                residentBytes: residentBytes, memoryLimitBytes: state.pointee.settings.runtime.memoryLimitBytes,
                profile: state.pointee.settings.profile)
            lock.unlock()
            held(monotonicNanoseconds() - start)
            return reading
        }
    }
}
