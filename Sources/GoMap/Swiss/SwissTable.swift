// A table of a map of the swiss layout.
//
// Source: Go 1.24.11 internal/runtime/maps/table.go `table`.

import GoHeap

/// One table in the heap (Go: `table`).
struct SwissTable {
    /// How many entries there are.
    var used: UInt16
    /// How many slots.
    var capacity: UInt16
    /// How many empty slots may be filled before the table has to grow.
    var growthLeft: UInt16
    /// How many top bits of the hash all of its entries share.
    var localDepth: UInt8
    /// The first of its places in the directory; -1 once other tables have taken its place.
    var index: Int
    var groups: UnsafeMutableRawPointer?
    /// The number of groups less 1.
    var groupMask: UInt64

    // SAFETY: the address of an immutable, immortal descriptor.
    nonisolated(unsafe) static let objectType: ObjectTypeRef = .of(byteCount: 32, pointerWords: [2])
    static let groupsOffset = 16

    /// The most slots of a table: a table is what grows at once, so this bounds how long an insert takes.
    static let capacityLimit = 1024

    @inline(__always) var isStale: Bool { index < 0 }
    @inline(__always) var groupCount: Int { Int(truncatingIfNeeded: groupMask) &+ 1 }
    var tombstones: Int { Self.growthLimit(capacity: Int(capacity)) - Int(used) - Int(growthLeft) }

    /// How many entries a table takes: 7 of 8 slots, so that searches find an empty one soon.
    @inline(__always)
    static func growthLimit(capacity: Int) -> Int { capacity &* 7 / 8 }

    @inline(__always)
    func group(_ index: UInt64, byteCount: Int) -> Group {
        // SAFETY: a table is made with its groups.
        Group(groups.unsafelyUnwrapped + Int(truncatingIfNeeded: index) &* byteCount)
    }
}
