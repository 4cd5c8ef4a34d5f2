/// How much a slice may do.
struct MarkBudget {
    /// Bytes to scan.
    var byteCount: Int
    /// Real time.
    var nanoseconds: UInt64

    static let unlimited = MarkBudget(byteCount: .max, nanoseconds: .max)
}
