import GoHeap
import HuskSystem

/// The figures that an operation answers before and after. Bytes unless the name says otherwise.
package struct MemorySample: Equatable, Sendable {
    package var heapAlloc: UInt64
    package var heapInuse: UInt64
    package var heapIdle: UInt64
    package var heapReleased: UInt64
    package var heapObjects: UInt64
    package var totalAlloc: UInt64
    package var sys: UInt64
    package var numGC: UInt32
    package var residentBytes: Int

    init(_ stats: MemStats) {
        heapAlloc = stats.heapAlloc
        heapInuse = stats.heapInuse
        heapIdle = stats.heapIdle
        heapReleased = stats.heapReleased
        heapObjects = stats.heapObjects
        totalAlloc = stats.totalAlloc
        sys = stats.sys
        numGC = stats.numGC
        residentBytes = ProcessMemory.residentBytes
    }
}

/// What an operation did to memory, and how long it took.
package struct Measured<Result: Sendable>: Sendable {
    package var result: Result
    package var before: MemorySample
    package var after: MemorySample
    package var elapsedNanoseconds: UInt64

    package init(result: Result, before: MemorySample, after: MemorySample, elapsedNanoseconds: UInt64) {
        self.result = result
        self.before = before
        self.after = after
        self.elapsedNanoseconds = elapsedNanoseconds
    }
}
