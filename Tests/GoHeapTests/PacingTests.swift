import GoHeap
import Testing

/// What a heap does with its pacer: when the goal is fixed, and when the trigger is looked at.
@Suite final class PacingTests {
    private let roots = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 4_096)
    private var heaps: [Heap] = []

    init() { roots.initialize(repeating: nil, count: 4_096) }

    deinit {
        for heap in heaps { heap.destroy() }
        roots.deallocate()
    }

    private func makeHeap(
        _ profile: GoProfile = .go1_23, gcPercent: Int? = 100, memoryLimitBytes: Int? = nil
    ) throws -> Heap {
        var configuration = HeapConfiguration(profile: profile)
        configuration.settings.gcPercent = gcPercent
        configuration.settings.memoryLimitBytes = memoryLimitBytes
        let heap = try Heap(configuration)
        heap.addRoots(roots, count: 4_096)
        heaps.append(heap)
        return heap
    }

    /// Objects of 1,024 bytes that stay.
    private func fill(_ heap: Heap, objects: Int) {
        for index in 0..<objects { roots[index] = heap.allocateBytes(1_024) }
    }

    @Test("After a cycle the goal stays a MiB ahead, however low GOGC is, also when everything is swept")
    func goalStaysAhead() throws {
        let heap = try makeHeap(gcPercent: 10)
        fill(heap, objects: 3 << 10)
        heap.collect()
        let stats = heap.readMemStats()
        #expect(stats.heapAlloc == 3 << 20)
        #expect(stats.nextGC == 4 << 20)
    }

    @Test("A change of GOGC, with everything swept, gives that distance up; of other settings, not")
    func changedSettings() throws {
        let heap = try makeHeap(gcPercent: 10)
        fill(heap, objects: 3 << 10)
        heap.collect()
        heap.settings.maxProcs += 1
        heap.settings.scavenger = .off
        #expect(heap.readMemStats().nextGC == 4 << 20)
        heap.settings.gcPercent = 20
        #expect(heap.readMemStats().nextGC == UInt64((3 << 20) + (3 << 20) / 5))
    }

    @Test("A low GOGC collects once a MiB, not once a few KiB")
    func lowGOGC() throws {
        let heap = try makeHeap(gcPercent: 10)
        fill(heap, objects: 3 << 10)
        heap.collect()
        for _ in 0..<(10 << 10) {
            _ = heap.allocateBytes(1_024)
            heap.collectIfDue()
        }
        #expect((8...12).contains(heap.readMemStats().numGC - 1))
    }

    @Test("A heap over its limit is collected when it takes spans, and not while nothing is allocated")
    func overTheLimit() throws {
        let heap = try makeHeap(gcPercent: nil, memoryLimitBytes: 1 << 20)
        fill(heap, objects: 3 << 10)
        heap.collectIfDue()
        while heap.collectSlice(budgetBytes: 1 << 20) {}
        let before = heap.cycleCount
        #expect(before >= 1)
        for _ in 0..<100 { heap.collectIfDue() }
        #expect(heap.cycleCount == before && !heap.hasCollectionWork)
        _ = heap.allocateBytes(1_024)
        heap.collectIfDue()
        while heap.collectSlice(budgetBytes: 1 << 20) {}
        #expect(heap.cycleCount == before + 1, "a cycle empties the cache, so the next object takes a span")
    }

    @Test(
        "A large object and its pages count at the same moment: there is no overhead in between",
        arguments: [52, 64])
    func largeObjects(limitMiB: Int) throws {
        let heap = try makeHeap(gcPercent: nil, memoryLimitBytes: limitMiB << 20)
        roots[0] = heap.allocateBytes(20 << 20)
        heap.collectIfDue()
        roots[1] = heap.allocateBytes(20 << 20)
        heap.collectIfDue()
        #expect(heap.cycleCount == 0 && !heap.hasCollectionWork)
        #expect(heap.readMemStats().nextGC > 48 << 20)
    }

    @Test("With GOGC off NextGC is the goal of the largest limit, or all ones where there is no limit")
    func nextGCWithGOGCOff() throws {
        for profile in GoProfile.allCases {
            let heap = try makeHeap(profile, gcPercent: nil)
            fill(heap, objects: 8)
            heap.collect()
            let nextGC = heap.readMemStats().nextGC
            switch profile {
            case .go1_10, .go1_14: #expect(nextGC == .max)
            case .go1_19: #expect(nextGC < 1 << 63 && nextGC > (1 << 63) - (16 << 20))
            default:
                let share = Double(nextGC) / 0x1p63
                #expect(share < 0.970_001 && share > 0.969_999)
            }
        }
    }
}
