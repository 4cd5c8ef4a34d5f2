// The order in which a search goes through the groups of a table.
//
// Source: Go 1.24.11 internal/runtime/maps/table.go `probeSeq`.

/// The groups that a search goes through, one after the other: triangular numbers from the first on, which come
/// by each of 2^n groups once.
struct Probe {
    var offset: UInt64
    private var step: UInt64 = 0
    private let mask: UInt64

    @inline(__always)
    init(hash: UInt64, mask: UInt64) {
        offset = Control.h1(hash) & mask
        self.mask = mask
    }

    @inline(__always)
    mutating func advance() {
        step &+= 1
        offset = (offset &+ step) & mask
    }
}
