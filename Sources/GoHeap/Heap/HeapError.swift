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
