// The map of Go from 1.24 on: groups of eight slots with a control word, tables of up to 128 groups, and a
// directory of tables.
//
// Terms
//
//     slot        a key and a value, side by side
//     group       8 slots, and a control word: a byte for each slot that says what it holds
//     table       2^n groups (2 to 128), a hash table by itself with open addressing
//     directory   2^globalDepth pointers to tables, chosen by the top bits of the hash
//     H2          the low 7 bits of an entry's hash, kept in its control byte; H1 is the rest
//     tombstone   a slot whose entry was deleted, where searches must go on
//
//     state (outside the heap)      header, 48 bytes in the heap (Go: Map)      directory
//     ┌──────────────┐              ┌────────────────────────────┐             ┌───────┐
//     │ root       ──┼────────────► │ count                      │      ┌────► │ 00  ──┼──► table ──► groups
//     │ type, heap   │              │ seed                       │      │      │ 01  ──┼──┐
//     │ seed, random │              │ directory                ──┼──────┘      │ 10  ──┼──┴─► table ──► groups
//     │ counters     │              │ directoryCount             │             │ 11  ──┼────► table ──► groups
//     └──────────────┘              │ globalDepth, globalShift … │             └───────┘
//                                   └────────────────────────────┘
//
//     table, 32 bytes (Go: table)                    a group
//     ┌─────────────────────────────────────┐        byte 0         8
//     │ used, capacity, growthLeft, depth   │        │ control word │ key value │ key value │ … 8 slots │
//     │ index                               │
//     │ groups                            ──┼──►     a control byte      empty       1000 0000
//     │ groupMask                           │                            tombstone   1111 1110
//     └─────────────────────────────────────┘                            full        0hhh hhhh   h: H2
//
// Small maps: up to 8 entries need no table. `directory` then is the one group, made with the first insert,
// and `directoryCount` is 0. Such a group has no tombstones, and all of its slots may be full.
//
// Finding: the top `globalDepth` bits of the hash choose the table, H1 the group to begin with. All slots of the
// group whose control byte is H2 are compared. A group with an empty slot ends the search; else it goes on with
// the group 1 further, then 2, 3, … further, which reaches each once.
//
// Inserting: into the first tombstone that the search came by, else into the empty slot that ended it. A table
// takes 7 entries for each of its groups; `growthLeft` counts down from that. When it is 0, and tombstones are
// enough of a table, those that no search needs are turned into empty slots (not in Go 1.24, nor in maps whose
// types have no fast functions). If that does not help, the table grows: to twice the groups, or beyond 1,024 slots
// into two tables, split by the next bit of the hash. The old table stays as it is, for iterators, with index -1.
//
// Splitting: a table with local depth d has the entries that agree in the top d bits, and 2^(globalDepth - d)
// consecutive pointers of the directory. When d is the global depth already, the directory doubles first.
//
// Deleting: if the group has an empty slot, no search goes past it, and the entry's slot becomes empty; else it
// becomes a tombstone. Nothing is given back, and no table ever shrinks.
//
// Invariants: `checkInvariants()`. Lock: none here; one thread at a time uses a map and its heap.
//
// Sources: Go 1.24.11 and 1.27.3 internal/runtime/maps (map.go, table.go, group.go). The bytes, objects and marks
// are Go's.

import GoHeap

/// What a map of this layout keeps outside the heap.
struct SwissState: LayoutState {
    /// Whether the layout is as it was in Go 1.24.
    let isFirst: Bool
    var counters = Counters()

    init(_ profile: GoProfile) { isFirst = profile.hasFirstSwissMap }

    /// Exact figures that Go does not keep, so that statistics need not walk the map.
    struct Counters: Equatable {
        var tableCount = 0
        /// Slots of all tables, or of the one group.
        var slotCount = 0
        /// Bytes that groups take in the heap.
        var groupByteCount = 0
        /// In all tables.
        var tombstoneCount = 0
    }
}

/// The swiss layout's code.
struct SwissMap: MapCode {
    typealias Own = SwissState
    typealias Iteration = SwissIteration
    typealias Rows = SwissRows

    let state: UnsafeMutablePointer<MapState>

    @inline(__always) init(_ state: UnsafeMutablePointer<MapState>) { self.state = state }

    /// Nil for a nil map.
    @inline(__always)
    var header: UnsafeMutablePointer<SwissHeader>? {
        state.pointee.root?.assumingMemoryBound(to: SwissHeader.self)
    }

    func setSeed(_ word: UInt64) {
        header?.pointee.seed = word
        state.pointee.seed = word
    }

    /// The one group of a small map.
    @inline(__always)
    static func smallGroup(_ header: UnsafeMutablePointer<SwissHeader>) -> Group {
        // SAFETY: callers check that the map has a group.
        Group(header.pointee.directory.unsafelyUnwrapped)
    }
}
