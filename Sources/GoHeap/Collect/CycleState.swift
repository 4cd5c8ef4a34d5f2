// What a collection remembers, from one slice to the next and from one cycle to the next.

/// Who asked for a cycle.
enum CycleCause {
    /// The heap reached the trigger.
    case heap
    /// The last cycle was too long ago.
    case period
    /// A client (`runtime.GC`, `debug.FreeOSMemory`).
    case client
}

/// Where the running cycle is, and what is remembered of past ones.
struct CycleState {
    var cause = CycleCause.heap
    /// Bytes of marked objects.
    var markedBytes = 0
    /// Bytes of grey objects that were scanned.
    var scannedBytes = 0

    var count: UInt32 = 0
    var forcedCount: UInt32 = 0
    var lastEndWallNanoseconds: UInt64 = 0
    var lastEndRuntimeNanoseconds: UInt64 = 0
    /// HeapInuse when the last cycle had marked everything, in bytes.
    var lastInUseBytes = 0
    var pauseTotalNanoseconds: UInt64 = 0
    var pauses = [UInt64](repeating: 0, count: 256)
    var pauseEnds = [UInt64](repeating: 0, count: 256)
    /// CPU time spent marking and sweeping, by whichever thread.
    var workNanoseconds: UInt64 = 0
    /// The running cycle's times and sizes; after its end, the last one's.
    var trace = CycleTrace()
    /// Allocations / `stressPeriod` when stress last started a cycle.
    var stressCount = 0
}
