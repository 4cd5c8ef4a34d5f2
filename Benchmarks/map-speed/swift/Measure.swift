// One measured case.

import Glibc

/// With more entries than this only hits are measured.
let allCasesLimit = 1_000_000

/// Whether cases run once and are not timed.
let runsOnce = CommandLine.arguments.contains("--once")

/// What the command line says besides.
let arguments = CommandLine.arguments.dropFirst().filter { $0 != "--once" }

/// The cases to measure; all when there are none.
let wantedCases = arguments.dropFirst(3)

/// What loops compute, so that they are not left out.
nonisolated(unsafe) var sink: UInt64 = 0

private func cpuNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec * 1_000_000_000 + time.tv_nsec)
}

/// Prints the mean time of an operation; does nothing for a case that was not asked for.
///
/// - Parameters:
///   - count: operations in one run of `body`.
///   - prepare: runs before each repeat and is not timed.
func measure(_ name: String, _ count: Int, prepare: (() -> Void)? = nil, body: () -> Void) {
    guard wantedCases.isEmpty || wantedCases.contains(name) else { return }
    let repeats = runsOnce ? 1 : max(2, 2_000_000 / count)
    var total: UInt64 = 0
    for _ in 0..<repeats {
        prepare?()
        let start = cpuNanoseconds()
        measuredBody(body)
        total += cpuNanoseconds() - start
    }
    print(name, runsOnce ? 0 : Double(total) / Double(count) / Double(repeats))
}

/// A function with a name that Benchmarks/bench-instructions tells callgrind to count in.
@inline(never)
private func measuredBody(_ body: () -> Void) {
    body()
    // So that the body is called, not jumped to: callgrind must see it return here.
    sink &+= 1
}
