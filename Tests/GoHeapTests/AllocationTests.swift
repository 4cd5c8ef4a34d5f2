import Foundation
import GoHeap
import Testing

@Suite struct AllocationTests {
    private let heap: Heap
    private let roots = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 8)

    init() throws {
        heap = try Heap()
        roots.initialize(repeating: nil, count: 8)
        heap.addRoots(roots, count: 8)
    }

    @Test(
        "A request is rounded up as Go 1.23 rounds it",
        // From a Go 1.23 programme that prints cap(append([]byte(nil), make([]byte, n)...)), and the same for pointers.
        arguments: [
            (1, 8, 8), (8, 8, 8), (9, 16, 16), (33, 48, 48), (512, 512, 512), (513, 576, 568),
            (520, 576, 568),
            (569, 576, 632), (1024, 1024, 1144), (32_752, 32_768, 32_760), (32_760, 32_768, 32_768 + 8_192),
            (32_761, 40_960, 40_960), (32_768, 32_768, 32_768), (40_000, 40_960, 40_960),
        ])
    func roundUpSize(byteCount: Int, plain: Int, scanned: Int) {
        // Above 32,760 bytes both are whole pages.
        let expectedPlain = byteCount > 32_760 ? (byteCount + 8_191) / 8_192 * 8_192 : plain
        #expect(heap.roundUpSize(byteCount, hasPointers: false) == expectedPlain)
        if byteCount <= 32_752 { #expect(heap.roundUpSize(byteCount, hasPointers: true) == scanned) }
    }

    @Test("Four 4-byte objects share one 16-byte block")
    func tinyObjectsShareABlock() {
        let first = heap.allocateBytes(4)
        for index in 1..<4 { #expect(heap.allocateBytes(4) == first + index * 4) }
        roots[0] = first
        let stats = heap.readMemStats()
        #expect(stats.heapAlloc == 16)
        #expect(stats.heapObjects == 1)
        #expect(stats.mallocs == 4)
        #expect(stats.frees == 3)
    }

    @Test("One live tiny object keeps its block")
    func tinyBlockLivesWithItsLastObject() {
        _ = heap.allocateBytes(4)
        roots[0] = heap.allocateBytes(4)
        heap.collect()
        #expect(heap.readMemStats().heapAlloc == 16)
        roots[0] = nil
        heap.collect()
        #expect(heap.readMemStats().heapAlloc == 0)
    }

    @Test("A large object takes whole pages and its span dies with it")
    func largeObjectTakesWholePages() {
        roots[0] = heap.allocateBytes(319_488)
        #expect(heap.readMemStats().heapAlloc == 319_488)
        roots[0] = heap.allocateBytes(40_001)
        heap.collect()
        let stats = heap.readMemStats()
        #expect(stats.heapAlloc == 40_960)
        #expect(stats.heapInuse == 40_960)
        #expect(stats.heapSys == 4 << 20)
    }

    @Test("A span of small pointerful objects gives its end to the pointer bits, as since Go 1.22")
    func pointerBitsTakeTheSpansEnd() {
        // 16 bytes: 512 slots without pointers, 504 with (8,192 − 128 bytes of bits).
        let type = ObjectType.interned(byteCount: 16, pointerWords: [0])
        var previous: UnsafeMutableRawPointer?
        for _ in 0..<504 {
            let object = heap.allocate(type)
            heap.storePointer(previous, at: object)
            previous = object
        }
        roots[0] = previous
        #expect(heap.readMemStats().heapInuse == 8_192)
        let next = heap.allocate(type)
        heap.storePointer(previous, at: next)
        roots[0] = next
        heap.collect()
        let stats = heap.readMemStats()
        #expect(stats.heapInuse == 16_384)
        #expect(stats.heapObjects == 505)
    }

    @Test("A zero-byte request takes nothing")
    func zeroBytes() {
        #expect(heap.allocateBytes(0) == heap.allocate(ObjectType.interned(byteCount: 0)))
        #expect(heap.readMemStats().mallocs == 0)
    }

    @Test("Freed pages are used again before the heap grows")
    func freedPagesAreUsedAgain() {
        for _ in 0..<50 {
            roots[0] = heap.allocateBytes(3 << 20)
            heap.collect()
        }
        #expect(heap.readMemStats().heapSys <= 8 << 20)
    }

    @Test("FreeOSMemory releases every idle page, and RSS falls with it")
    func freeOSMemoryReleases() {
        let byteCount = 64 << 20
        roots[0] = heap.allocateBytes(byteCount)
        memset(roots[0]!, 1, byteCount)
        let anchor = UnsafeRawPointer(roots[0]!)
        let full = residentBytes(heap, around: anchor)
        roots[0] = nil
        heap.freeOSMemory()
        let stats = heap.readMemStats()
        #expect(stats.heapReleased == stats.heapIdle)
        #expect(stats.heapInuse == 0)
        #expect(full - residentBytes(heap, around: anchor) > byteCount - (2 << 20))
        heap.checkInvariants()
    }

    @Test("The pacer starts a cycle when the heap has doubled, and not below 4 MiB")
    func pacerDoubles() {
        for _ in 0..<100 {
            _ = heap.allocateBytes(32 << 10)
            heap.collectIfDue()
        }
        #expect(heap.readMemStats().numGC == 0)
        roots[0] = heap.allocateBytes(20 << 20)
        heap.collect()
        let forced = heap.readMemStats()
        #expect(forced.numForcedGC == 1)
        #expect(forced.nextGC >= 40 << 20 && forced.nextGC < 42 << 20)
        for _ in 0..<(15 << 20) / (32 << 10) {
            _ = heap.allocateBytes(32 << 10)
            heap.collectIfDue()
        }
        #expect(heap.readMemStats().numGC == 1)
        for _ in 0..<(6 << 20) / (32 << 10) {
            _ = heap.allocateBytes(32 << 10)
            heap.collectIfDue()
        }
        #expect(heap.readMemStats().numGC == 2)
    }
}
