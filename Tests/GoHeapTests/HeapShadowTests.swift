import Foundation
import GoHeap
import TestSupport
import Testing

@Suite struct HeapShadowTests {
    @Test("Random allocations, links and collections leave every reachable object as it was")
    func randomOperationsKeepReachableObjects() throws {
        for round in 0..<24 {
            var configuration = HeapConfiguration(profile: GoProfile.allCases[round % 6])
            configuration.settings.maxProcs = 1 + round / 6
            try runRandomOperations(configuration, seed: testSeed &+ UInt64(round), count: 2_000)
        }
    }

    @Test("The same with a cycle begun at every 3rd allocation")
    func stressKeepsReachableObjects() throws {
        for round in 0..<12 {
            var configuration = HeapConfiguration(profile: GoProfile.allCases[round % 6])
            configuration.stressPeriod = 3
            configuration.settings.maxProcs = 1 + round % 3
            try runRandomOperations(configuration, seed: testSeed &+ UInt64(1_000 + round), count: 1_000)
        }
    }

    @Test("Stress begins a cycle at the safepoint after every k-th allocation, tiny and large ones included")
    func stressCountsAllocations() throws {
        var configuration = HeapConfiguration()
        configuration.stressPeriod = 5
        // Neither the heap's size nor a memory limit, which sets the trigger anew, starts a cycle then.
        configuration.settings.memoryLimitBytes = 1 << 20
        let heap = try Heap(configuration)
        defer { heap.destroy() }
        let sizes = [3, 8, 64, 1, 40_000, 2, 512, 9, 100_000, 5, 16, 7, 7, 7, 7]
        var cyclesBegun = 0
        for (index, byteCount) in sizes.enumerated() {
            _ = heap.allocateBytes(byteCount)
            for _ in 0..<3 { heap.collectIfDue() }
            cyclesBegun += (index + 1) % 5 == 0 ? 1 : 0
            #expect(heap.cycleCount == cyclesBegun, "after allocation \(index + 1)")
            while heap.collectSlice(budgetBytes: 1 << 20) {}
        }
        // Several rounds between two safepoints are one cycle.
        for _ in 0..<12 { _ = heap.allocateBytes(64) }
        heap.collectIfDue()
        #expect(heap.cycleCount == cyclesBegun + 1)
        #expect(heap.readMemStats().mallocs == 27)
    }

    @Test("A graph of half a million objects is marked by several threads, in slices and at once")
    func largeGraph() throws {
        var configuration = HeapConfiguration()
        configuration.checksMarks = true
        configuration.settings.maxProcs = 3
        configuration.settings.gcPercent = nil
        let heap = try Heap(configuration)
        defer { heap.destroy() }
        let root = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 1)
        defer { root.deallocate() }
        root.initialize(to: nil)
        heap.addRoots(root, count: 1)
        // A table of pointers to nodes that point to two others each, at random.
        let count = 500_000
        let table = heap.allocateArray(ObjectType.interned(byteCount: 8, pointerWords: [0]), count: count)
        root[0] = table
        let slots = table.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
        let node = ObjectType.interned(byteCount: 40, pointerWords: [1, 4])
        var random = SeededGenerator()
        for index in 0..<count {
            let fresh = heap.allocate(node)
            heap.storePointer(fresh, at: slots + index)
            heap.storePointer(slots[Int.random(in: 0...index, using: &random)], at: fresh + 8)
            heap.storePointer(slots[Int.random(in: 0...index, using: &random)], at: fresh + 32)
        }
        let full = heap.readMemStats()
        heap.collect()
        #expect(heap.readMemStats().heapObjects == full.heapObjects)
        heap.startForcedCycle()
        while heap.collectSlice(nanoseconds: 200_000) {}
        #expect(heap.readMemStats().heapObjects == full.heapObjects)
        // Only what the first node leads to stays.
        root[0] = slots[0]
        heap.collect()
        #expect(heap.readMemStats().heapObjects == 1)
        heap.checkInvariants()
    }

    @Test("MemStats' identities hold after each of 100,000 operations, cycles and releases")
    func identities() throws {
        var random = SeededGenerator()
        let shadow = try ShadowHeap(HeapConfiguration())
        for step in 0..<100_000 {
            let root = Int.random(in: 0..<shadow.rootCount, using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<70:
                shadow.roots[root] = shadow.heap.allocateBytes(randomByteCount(&random))
            case 70..<90: shadow.roots[root] = nil
            case 90..<97: _ = shadow.heap.collectSlice(budgetBytes: 4_096)
            case 97:
                if case .release(var release) = shadow.heap.backgroundStep() {
                    release.perform()
                    shadow.heap.finishRelease(release)
                }
            case 98: if step % 10 == 0 { shadow.heap.freeOSMemory() }
            default: shadow.heap.collect()
            }
            shadow.heap.collectIfDue()
            shadow.heap.readMemStats().checkIdentities()
            if step % 5_000 == 0 { shadow.heap.checkInvariants() }
        }
        shadow.heap.checkInvariants()
    }

    private func runRandomOperations(_ base: HeapConfiguration, seed: UInt64, count: Int) throws {
        print("seed \(seed), \(base.profile.rawValue), \(base.settings.maxProcs) procs")
        var random = SeededGenerator(seed: seed)
        var configuration = base
        configuration.checksMarks = true
        let shadow = try ShadowHeap(configuration)
        for _ in 0..<count {
            let root = Int.random(in: 0..<shadow.rootCount, using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<60:
                let byteCount = randomByteCount(&random)
                let words =
                    Bool.random(using: &random)
                    ? 0 : min(byteCount / 8, Int.random(in: 0...70, using: &random))
                shadow.allocate(
                    byteCount: byteCount, pointerWords: words, root: root,
                    filling: UInt8.random(in: 1...255, using: &random))
            case 60..<85:
                // Link a reachable object to another: through a root, as a map's operations do.
                if let source = shadow.roots[root], let object = shadow.objects[source],
                    object.pointerWords > 0
                {
                    let target = shadow.roots[Int.random(in: 0..<shadow.rootCount, using: &random)]
                    shadow.link(
                        source, word: Int.random(in: 0..<object.pointerWords, using: &random), to: target)
                }
            case 85..<92:
                shadow.roots[root] = nil
            case 92..<96:
                if shadow.heap.hasCollectionWork { _ = shadow.heap.collectSlice(budgetBytes: 4_096) }
            case 96..<97:
                shadow.heap.startForcedCycle()
            case 97..<98:
                shadow.heap.freeOSMemory()
            default:
                shadow.heap.collect()
                shadow.verifyReachable()
            }
            shadow.heap.collectIfDue()
        }
        shadow.heap.collect()
        shadow.verifyReachable()
        shadow.heap.checkInvariants()
        // Without roots, everything goes.
        for root in 0..<shadow.rootCount { shadow.roots[root] = nil }
        shadow.heap.collect()
        let stats = shadow.heap.readMemStats()
        #expect(stats.heapAlloc == 0)
        #expect(stats.heapObjects == 0)
        #expect(stats.heapInuse == 0)
        shadow.heap.checkInvariants()
    }

    /// Sizes around every boundary: nothing, tiny, small, the header's, large.
    private func randomByteCount(_ random: inout SeededGenerator) -> Int {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: Int.random(in: 0...32, using: &random)
        case 3..<7: Int.random(in: 8...600, using: &random)
        case 7..<9: Int.random(in: 500...33_000, using: &random)
        default: Int.random(in: 32_700...400_000, using: &random)
        }
    }
}
