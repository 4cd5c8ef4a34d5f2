import Foundation
import GoHeap
import Testing

/// The seed of the random tests: `HUSK_TEST_SEED`, or a fixed one.
let testSeed = ProcessInfo.processInfo.environment["HUSK_TEST_SEED"].flatMap(UInt64.init) ?? 20_240_613

@Suite struct HeapShadowTests {
    @Test("Random allocations, links and collections leave every reachable object as it was")
    func randomOperationsKeepReachableObjects() throws {
        for round in 0..<40 {
            let seed = testSeed &+ UInt64(round)
            try runRandomOperations(seed: seed, count: 2_000)
        }
    }

    private func runRandomOperations(seed: UInt64, count: Int) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var configuration = HeapConfiguration()
        configuration.checksMarks = true
        let shadow = try ShadowHeap(configuration)
        for _ in 0..<count {
            let root = Int.random(in: 0..<shadow.rootCount, using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<60:
                let byteCount = randomByteCount(&random)
                let words = Bool.random(using: &random) ? 0 : min(byteCount / 8, Int.random(in: 0...70, using: &random))
                shadow.allocate(
                    byteCount: byteCount, pointerWords: words, root: root,
                    filling: UInt8.random(in: 1...255, using: &random))
            case 60..<85:
                // Link a reachable object to another: through a root, as a map's operations do.
                if let source = shadow.roots[root], let object = shadow.objects[source], object.pointerWords > 0 {
                    let target = shadow.roots[Int.random(in: 0..<shadow.rootCount, using: &random)]
                    shadow.link(source, word: Int.random(in: 0..<object.pointerWords, using: &random), to: target)
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
