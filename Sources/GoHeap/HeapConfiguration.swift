/// What a heap is made with; fixed for its life unless a method says otherwise.
package struct HeapConfiguration: Sendable {
    /// Address space to reserve, in bytes: the most that the heap can ever grow to. Costs nothing until used.
    package var reservedBytes = 256 << 30
    /// How far the heap may grow over what the last cycle left, in percent, before the next cycle (Go: `GOGC`).
    package var gcPercent = 100
    /// Mark again with the world stopped before each sweep, and trap on a missed object (Go: `gccheckmark`).
    /// For tests: a second full trace with a set of its own.
    package var checksMarks = false

    package init() {}
}

/// What can go wrong when a heap is made.
package enum HeapError: Error, Equatable, CustomStringConvertible {
    /// The kernel refuses the address space, or memory for the heap's records.
    case cannotReserve(byteCount: Int)

    package var description: String {
        switch self {
        case .cannotReserve(let byteCount):
            "the kernel refuses \(byteCount) bytes of address space for the heap (is there a limit: ulimit -v?)"
        }
    }
}
