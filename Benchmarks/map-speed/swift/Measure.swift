// One measured case.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// With more entries than this only hits are measured.
let allCasesLimit = 1_000_000

/// The cases to measure; all when there are none.
let wantedCases = CommandLine.arguments.dropFirst(4)

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
    let repeats = max(2, 2_000_000 / count)
    var total: UInt64 = 0
    for _ in 0..<repeats {
        prepare?()
        let start = cpuNanoseconds()
        body()
        total += cpuNanoseconds() - start
    }
    print(name, Double(total) / Double(count) / Double(repeats))
}
