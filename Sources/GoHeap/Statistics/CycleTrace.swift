// The line that `GODEBUG=gctrace=1` prints of a cycle. (Go: gcMarkTermination, runtime/mgc.go)
//
//     gc 3 @0.104s 2%: 0.018+1.4+0.071 ms clock, 0.037+0.11/1.2/0+0.14 ms cpu, 7->8->4 MB, 8 MB goal, 0 MB stacks, 0 MB globals, 2 P
//
// In order: number, time since the heap was made, share of the CPU so far; clock times of the start pause, of marking and
// of the end pause; CPU times of the same, marking's split into assists / the collector's own slices / idle (none here);
// heap at the start, at the end, and marked; the goal; stacks and globals (Husk has none; Go prints them since 1.19);
// processors. The time since the heap was made is the runtime clock's, all others are real.
//
// Checked field by field against what 1.19.8, 1.21.13, 1.23.9, 1.24.11 and 1.27.3 print (TraceTests has their lines); for 1.10
// and 1.14 no toolchain was to be had, so their form is that of their sources. In Go the scavenger's line of a cycle
// (Heap+Scavenge.swift) may come before the cycle's own, when sweeping ends before the printing; here it comes after.

struct CycleTrace: CustomStringConvertible {
    var number: UInt32 = 0
    var isForced = false
    var procs = 1
    var hasStacksAndGlobals = true
    var cpuPercent = 0
    var sinceBirthNanoseconds: UInt64 = 0
    // Monotonic times.
    var startNanoseconds: UInt64 = 0
    var markStartNanoseconds: UInt64 = 0
    var markEndNanoseconds: UInt64 = 0
    var endNanoseconds: UInt64 = 0
    var assistNanoseconds: UInt64 = 0
    var backgroundNanoseconds: UInt64 = 0
    var startLiveBytes = 0
    var endLiveBytes = 0
    var markedBytes = 0
    var goalBytes: UInt64 = 0

    /// Time with the lock held without interruption: at the start and at the end.
    var pauseNanoseconds: UInt64 {
        (markStartNanoseconds - startNanoseconds) + (endNanoseconds - markEndNanoseconds)
    }

    var description: String {
        let startPause = markStartNanoseconds - startNanoseconds
        let endPause = endNanoseconds - markEndNanoseconds
        let clock = [startPause, markEndNanoseconds - markStartNanoseconds, endPause].map(Self.milliseconds)
        let cpu = [startPause, assistNanoseconds, backgroundNanoseconds, 0, endPause].map(Self.milliseconds)
        return "gc \(number) @\(Self.decimal(sinceBirthNanoseconds / 1_000_000, places: 3))s \(cpuPercent)%: "
            + "\(clock[0])+\(clock[1])+\(clock[2]) ms clock, "
            + "\(cpu[0])+\(cpu[1])/\(cpu[2])/\(cpu[3])+\(cpu[4]) ms cpu, "
            + "\(startLiveBytes >> 20)->\(endLiveBytes >> 20)->\(markedBytes >> 20) MB, \(goalBytes >> 20) MB goal, "
            + (hasStacksAndGlobals ? "0 MB stacks, 0 MB globals, " : "") + "\(procs) P"
            + (isForced ? " (forced)" : "")
    }

    /// Two significant digits below 10 ms, whole milliseconds above (Go: `fmtNSAsMS`).
    static func milliseconds(_ nanoseconds: UInt64) -> String {
        if nanoseconds >= 10_000_000 { return "\(nanoseconds / 1_000_000)" }
        var value = nanoseconds / 1000
        if value == 0 { return "0" }
        var places = 3
        while value >= 100 {
            value /= 10
            places -= 1
        }
        return decimal(value, places: places)
    }

    /// `value / 10^places`, written with that many decimals (Go: `itoaDiv`).
    private static func decimal(_ value: UInt64, places: Int) -> String {
        if places == 0 { return "\(value)" }
        let digits = "\(value)"
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return padded.dropLast(places) + "." + padded.suffix(places)
    }
}
