// Which Go the heap behaves as. Everything that differs from one release to another is decided here, and only here.
//
//     release            1.10        1.14        1.19        1.23        1.24        1.27
//     24-byte class      no          no          yes         yes         yes         yes         since 1.16
//     pointer bits       outside     outside     outside     span's end  span's end  span's end  since 1.22
//     malloc header      no          no          no          8 bytes     8 bytes     8 bytes     since 1.22
//     inline mark bits   no          no          no          no          no          128 bytes   since 1.26
//     HeapSys grows by   1 MiB       64 MiB      4 MiB       4 MiB       4 MiB       4 MiB
//     fresh pages are    not         released    released    released    released    released
//     scavenger          periodic    background  background  background  background  background  since 1.13
//     madvise            DONTNEED    FREE        DONTNEED    DONTNEED    DONTNEED    DONTNEED    FREE: 1.12–1.15
//     dense chunks       released    released    released    spared      spared      spared      since 1.21
//     memory limit       no          no          yes         yes         yes         yes         since 1.19
//     limit's headroom   –           –           1 MiB       3%          3%          3%          3% by 1.21
//     append doubles to  1,024       1,024       256         256         256         256         since 1.18
//     processors' quota  –           –           –           –           –           read        since 1.25
//     maps               buckets     buckets     buckets     buckets     swiss       swiss       since 1.24
//     prunes tombstones  –           –           –           –           no          fast types  since 1.25
//
// Not copied: 1.10 looks for the best fitting run of free pages (its treap; since 1.14 it is the first, as here in every
// profile). That shows in where fragments are left, not in what is in use.
//
// Sources: runtime/sizeclasses.go, mheap.go, mgcscavenge.go and slice.go of those releases; the release notes of 1.12, 1.13,
// 1.16, 1.18, 1.19, 1.22, 1.24, 1.25 and 1.26. The pacer is that of 1.19 and later in every profile.

/// A release of Go whose memory manager the heap copies.
package enum GoProfile: String, CaseIterable, Sendable, Comparable {
    case go1_10 = "1.10"
    case go1_14 = "1.14"
    case go1_19 = "1.19"
    case go1_23 = "1.23"
    case go1_24 = "1.24"
    case go1_27 = "1.27"

    package static func < (left: Self, right: Self) -> Bool {
        allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
    }
}

/// How idle pages find their way back to the kernel without being asked to.
package enum Scavenger: String, CaseIterable, Sendable {
    /// Pages that have been idle for a scavenge period go, looked at twice a period (Go ≤ 1.12).
    case periodic
    /// What the heap retains over its goal goes, a little at a time (Go ≥ 1.13).
    case background
    /// Nothing goes unless somebody asks.
    case off
}

/// Which advice the kernel gets about pages that are given back.
package enum MemoryAdvice: String, CaseIterable, Sendable {
    /// `MADV_DONTNEED`: the pages go at once, and RSS falls.
    case dontneed
    /// `MADV_FREE`: the kernel takes the pages when it is short of memory; until then RSS does not fall.
    case free
}

/// Which of Go's two map layouts a release has.
package enum MapLayout: String, CaseIterable, Sendable {
    /// Buckets of eight, overflow chains.
    case bucket
    /// Groups of eight with control words, tables, a directory.
    case swiss
}

extension GoProfile {
    /// Whether its swiss map is the first: tombstones stay until their table is replaced (later they do so only where the
    /// key's type has no fast functions, see `SwissMap.makeRoom`), and storing into a small map that is full makes it a
    /// table even if the key is there already.
    package var hasFirstSwissMap: Bool { self == .go1_24 }

    /// The layout of its maps.
    package var mapLayout: MapLayout { self >= .go1_24 ? .swiss : .bucket }

    /// What its runtime does unless told otherwise.
    package var scavenger: Scavenger { self == .go1_10 ? .periodic : .background }
    package var madvise: MemoryAdvice { self == .go1_14 ? .free : .dontneed }
    package var hasMemoryLimit: Bool { self >= .go1_19 }
    /// GOMAXPROCS unless it is set.
    package var maxProcs: Int {
        let ceiling = ProcessorCeiling.ofThisProcess
        return readsProcessorQuota ? ceiling.processorCount : ceiling.installed
    }
    /// Whether a quota of CPU time is part of that.
    package var readsProcessorQuota: Bool { self >= .go1_27 }
    /// How much of what the memory limit allows is left free, in percent; a MiB is the least.
    var limitHeadroomPercent: Int { self >= .go1_23 ? 3 : 0 }

    /// Whether the background scavenger spares chunks that are, or just were, densely taken.
    var sparesDenseChunks: Bool { self >= .go1_23 }
    /// Processors of whose time the background scavenger takes 1%: all of them since 1.16, one before. (Go: cpuFraction)
    func scavengerProcs(of maxProcs: Int) -> Int { self >= .go1_19 ? maxProcs : 1 }

    /// Whether 17 to 24 bytes have a class of their own.
    var has24ByteClass: Bool { self >= .go1_19 }
    /// Whether the pointer bits of small objects lie outside the spans, and no object has a header.
    var keepsPointerBitsOutside: Bool { self <= .go1_19 }
    /// Bytes that a span of 16- to 512-byte objects gives up for mark bits of its own (Go: `spanInlineMarkBits`).
    /// The heap leaves them unused: its marks are elsewhere, but as many objects must fit as in Go.
    var inlineMarkBytes: Int { self >= .go1_27 ? 128 : 0 }
    /// Whether pages that the heap grows by count as released (HeapReleased) until they are used.
    var countsFreshPagesAsReleased: Bool { self > .go1_10 }
    /// Whether a gctrace line has the stacks and globals that the collector scanned.
    var tracesStacksAndGlobals: Bool { self >= .go1_19 }

    /// The capacity that `append` of one element wants for a full slice, before it is rounded up to a size class: double
    /// below a threshold, then a quarter more; since 1.18 from a lower threshold, with a smooth change. (Go: growslice,
    /// nextslicecap)
    func appendCapacity(after capacity: Int) -> Int {
        if capacity == 0 { return 1 }
        let threshold = self >= .go1_19 ? 256 : 1_024
        if capacity < threshold { return 2 * capacity }
        return capacity + (self >= .go1_19 ? capacity + 3 * threshold : capacity) / 4
    }

    /// By how many pages HeapSys grows to make room for `pageCount` (Go: mheap.grow).
    func growthPages(for pageCount: Int) -> Int {
        func roundUp(_ unitPages: Int) -> Int { (pageCount + unitPages - 1) / unitPages * unitPages }
        return switch self {
        case .go1_10: max(128, roundUp(8))  // 1 MiB; more than that in steps of 64 KiB
        case .go1_14: roundUp(HeapConstants.arenaBytes >> HeapConstants.pageShift)
        default: roundUp(512)
        }
    }
}

extension GoProfile {
    /// Bytes of a channel's header, `hchan` (runtime/chan.go): 1.23 added a timer, 1.25 a bubble of testing/synctest.
    package var channelHeaderBytes: Int {
        switch self {
        case .go1_10, .go1_14, .go1_19: 96
        case .go1_23, .go1_24: 104
        case .go1_27: 112
        }
    }
}
