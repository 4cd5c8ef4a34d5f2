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
// types have no fast functions). If that does not help, the table grows: to twice the groups, or beyond 1,024 slots into two tables, split by the next bit of the
// hash. The old table stays as it is, for iterators, with index -1.
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

/// The header of a map in the heap (Go: `Map`).
struct SwissHeader {
    /// How many entries there are. Must be first: `MapState.root`.
    var count: Int
    /// The seed of the hash.
    var seed: UInt64
    /// The directory; of a small map its group, nil until the first insert.
    var directory: UnsafeMutableRawPointer?
    /// How many pointers the directory has; 0 for a small map.
    var directoryCount: Int
    /// Log2 of that.
    var globalDepth: UInt8
    /// 64 less that: how far down a hash is shifted to give its place in the directory.
    var globalShift: UInt8
    // What follows in Go tells of two writers at a time, and of NaN keys after a clear; here there are neither.
    private var unused: UInt64

    // SAFETY: the address of an immutable, immortal descriptor.
    nonisolated(unsafe) static let objectType: ObjectTypeRef = .of(byteCount: 48, pointerWords: [2])
    nonisolated(unsafe) static let directoryElementType: ObjectTypeRef = .of(byteCount: 8, pointerWords: [0])
    static let directoryOffset = 16

    @inline(__always) var isSmall: Bool { directoryCount == 0 }

    /// Which of the directory's pointers a hash leads to.
    @inline(__always)
    func directoryIndex(hash: UInt64) -> Int {
        // In two steps, because a shift by 64 would be a shift by 0.
        Int(truncatingIfNeeded: (hash &>> 1) &>> UInt64(globalShift &- 1))
    }

    /// The table at a place of the directory.
    @inline(__always)
    func table(at index: Int) -> UnsafeMutablePointer<SwissTable> {
        // SAFETY: callers check that the map has a directory, and every pointer of one is to a table.
        directory.unsafelyUnwrapped.load(
            fromByteOffset: index &* 8, as: UnsafeMutablePointer<SwissTable>?.self
        ).unsafelyUnwrapped
    }
}

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

/// What a control byte says; a full slot's is its H2, below 128.
enum Control {
    static let empty: UInt8 = 0x80
    static let tombstone: UInt8 = 0xFE

    @inline(__always)
    static func h2(_ hash: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: hash & 0x7F) }
    @inline(__always)
    static func h1(_ hash: UInt64) -> UInt64 { hash &>> 7 }
}

/// One group: its address, and arithmetic on it.
struct Group {
    let address: UnsafeMutableRawPointer

    static let slotCount = 8
    /// Where the slots begin.
    static let slotsOffset = 8

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080
    /// The control word of a group in which all slots are empty.
    static let allEmpty = highs

    @inline(__always) init(_ address: UnsafeMutableRawPointer) { self.address = address }

    /// The eight control bytes; slot 0's is the low one.
    @inline(__always)
    var controls: UInt64 {
        get { address.load(as: UInt64.self) }
        nonmutating set { address.storeBytes(of: newValue, as: UInt64.self) }
    }

    @inline(__always)
    func setControl(_ index: Int, _ value: UInt8) {
        address.storeBytes(of: value, toByteOffset: index, as: UInt8.self)
    }

    @inline(__always)
    func slot(_ index: Int, byteCount: Int) -> UnsafeMutableRawPointer {
        address + (Self.slotsOffset &+ index &* byteCount)
    }

    /// High bits mark the full slots whose H2 may be `h2`; the lowest mark is right, one above it may be false.
    @inline(__always)
    static func candidates(_ controls: UInt64, h2: UInt8) -> UInt64 {
        let word = controls ^ (UInt64(h2) &* ones)
        return (word &- ones) & ~word & highs
    }

    /// High bits mark empty slots: bit 7 is set and bit 1 is not.
    @inline(__always)
    static func empties(_ controls: UInt64) -> UInt64 { controls & ~(controls &<< 6) & highs }

    /// High bits mark slots without an entry.
    @inline(__always)
    static func free(_ controls: UInt64) -> UInt64 { controls & highs }

    /// High bits mark slots with an entry.
    @inline(__always)
    static func full(_ controls: UInt64) -> UInt64 { ~controls & highs }

    @inline(__always)
    static func index(ofLowestMark marks: UInt64) -> Int { marks.trailingZeroBitCount &>> 3 }
}

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
    mutating func goOn() {
        step &+= 1
        offset = (offset &+ step) & mask
    }
}

/// A slot of a group.
struct GroupSlot {
    let group: Group
    let index: Int

    /// Where the key is, and the value at its offset from there.
    @inline(__always)
    func address(_ type: MapTypeRef) -> UnsafeMutableRawPointer {
        group.slot(index, byteCount: type.pointee.group.slotByteCount)
    }
}

extension MapState {
    /// The header of a map of this layout; nil for a nil map.
    @inline(__always)
    var swissHeader: UnsafeMutablePointer<SwissHeader>? {
        get { root?.assumingMemoryBound(to: SwissHeader.self) }
        set { root = UnsafeMutableRawPointer(newValue) }
    }
}

/// Exact figures that Go does not keep, so that statistics need not walk the map.
struct SwissCounters: Equatable {
    var tableCount = 0
    /// Slots of all tables, or of the one group.
    var slotCount = 0
    /// Bytes that groups take in the heap.
    var groupByteCount = 0
    /// In all tables.
    var tombstoneCount = 0
}

/// The swiss layout's code, on the state of one map. A view: copies mean the same map.
struct SwissMap: MapCode {
    let state: UnsafeMutablePointer<MapState>

    @inline(__always) init(_ state: UnsafeMutablePointer<MapState>) { self.state = state }

    /// Gives the map a new hash seed; only for a map without entries. A shard keeps the one that it has.
    func reseed(_ header: UnsafeMutablePointer<SwissHeader>) {
        if state.pointee.isShard { return }
        let seed = state.pointee.random.next()
        header.pointee.seed = seed
        state.pointee.seed = seed
    }

    /// The one group of a small map.
    @inline(__always)
    static func smallGroup(_ header: UnsafeMutablePointer<SwissHeader>) -> Group {
        // SAFETY: callers check that the map has a group.
        Group(header.pointee.directory.unsafelyUnwrapped)
    }
}
