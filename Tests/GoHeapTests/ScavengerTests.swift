import Foundation
import GoHeap
import TestSupport
import Testing

@Suite(.serialized) struct ScavengerTests {
    private let roots: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private let rootCount = 16_384

    init() {
        roots = .allocate(capacity: rootCount)
        roots.initialize(repeating: nil, count: rootCount)
    }

    private func makeHeap(_ configuration: HeapConfiguration) throws -> Heap {
        let heap = try Heap(configuration)
        heap.addRoots(roots, count: rootCount)
        return heap
    }

    /// Puts touched objects of 64 KiB into the roots.
    private func fill(_ heap: Heap, byteCount: Int) {
        for index in 0..<byteCount / 65_536 {
            roots[index] = heap.allocateBytes(65_536)
            memset(roots[index]!, 1, 65_536)
            heap.collectIfDue()
        }
    }

    private func clear(keeping kept: Int = 0) {
        for index in kept..<rootCount { roots[index] = nil }
    }

    private func expectResident(_ heap: Heap, _ anchor: UnsafeRawPointer, _ step: String) {
        let stats = heap.readMemStats()
        let resident = residentBytes(heap, around: anchor)
        #expect(
            abs(resident - Int(stats.heapSys - stats.heapReleased)) <= 2 << 20,
            "\(step): \(resident) resident")
    }

    @Test(
        "RSS is HeapSys − HeapReleased over fill, delete, GC and free of 1 GiB; with MADV_FREE it does not fall"
    )
    func residentMemory() throws {
        for advice in MemoryAdvice.allCases {
            var configuration = HeapConfiguration()
            configuration.settings.madvise = advice
            let heap = try makeHeap(configuration)
            defer { heap.destroy() }
            fill(heap, byteCount: 1 << 30)
            let anchor = UnsafeRawPointer(roots[0]!)
            expectResident(heap, anchor, "filled")
            clear()
            heap.collect()
            expectResident(heap, anchor, "collected")
            heap.freeOSMemory()
            let stats = heap.readMemStats()
            #expect(stats.heapReleased == stats.heapIdle)
            if advice == .dontneed {
                expectResident(heap, anchor, "freed")
            } else {
                #expect(residentBytes(heap, around: anchor) > 1 << 29, "the kernel was short of memory")
            }
            heap.checkInvariants()
        }
    }

    @Test(
        "The background scavenger keeps 10% over what the goal's ratio makes of the last HeapInuse, at 1% of a CPU"
    )
    func background() throws {
        let heap = try makeHeap(HeapConfiguration())
        defer { heap.destroy() }
        fill(heap, byteCount: 256 << 20)
        heap.collect()
        clear(keeping: 1_024)  // 64 MiB
        heap.collect()
        let inUse = heap.readMemStats().heapInuse
        heap.collect()
        // The last cycle began with 64 MiB in use, and its goal is the next one's.
        let goal = Double(inUse) * 1.1
        let cpuBefore = clock()
        let start = Date()
        var retained = 0.0
        runBackground(heap, seconds: 20) {
            let stats = heap.readMemStats()
            retained = Double(stats.heapSys - stats.heapReleased)
            return retained <= goal + 65_536
        }
        #expect(
            retained <= goal + 65_536 && retained > goal - Double(2 << 20),
            "retained \(retained), goal \(goal)")
        print(
            "scavenged in \(Date().timeIntervalSince(start)) s, \(Double(clock() - cpuBefore) / 1e6) s of CPU"
        )
        heap.checkInvariants()
    }

    @Test(
        "A large object goes back after the cycle that frees it; since Go 1.21, being dense, after one more",
        arguments: [GoProfile.go1_19, .go1_23, .go1_27])
    func denseChunks(profile: GoProfile) throws {
        let heap = try makeHeap(HeapConfiguration(profile: profile))
        defer { heap.destroy() }
        let byteCount = 64 << 20
        roots[0] = heap.allocateBytes(byteCount)
        memset(roots[0]!, 1, byteCount)
        heap.collect()
        roots[0] = nil
        let before = heap.readMemStats().heapReleased
        heap.collect()
        if profile >= .go1_23 {
            runBackground(heap, seconds: 0.5)
            #expect(heap.readMemStats().heapReleased == before)
            heap.collect()
        }
        runBackground(heap, seconds: 20) { heap.readMemStats().heapReleased >= before + 60 << 20 }
        #expect(heap.readMemStats().heapReleased >= before + 60 << 20)
        heap.checkInvariants()
    }

    @Test("FreeOSMemory and the memory limit spare nothing")
    func forcedRelease() throws {
        var configuration = HeapConfiguration()
        configuration.settings.scavenger = .off
        let heap = try makeHeap(configuration)
        defer { heap.destroy() }
        roots[0] = heap.allocateBytes(64 << 20)
        heap.collect()
        roots[0] = nil
        heap.collect()
        let idle = heap.readMemStats()
        #expect(idle.heapIdle - idle.heapReleased >= 64 << 20)
        // What is allocated does not fit into the gap, and may be had only for pages that go back.
        heap.settings.memoryLimitBytes = 96 << 20
        roots[1] = heap.allocateBytes(80 << 20)
        let limited = heap.readMemStats()
        #expect(limited.sys - limited.heapReleased <= 96 << 20)
        #expect(limited.heapReleased > idle.heapReleased)
        roots[1] = nil
        heap.freeOSMemory()
        let freed = heap.readMemStats()
        #expect(freed.heapReleased == freed.heapIdle)
        heap.checkInvariants()
    }

    @Test("A run on its way to the kernel is nobody's, and idle until it is put back")
    func releasingPages() throws {
        let heap = try makeHeap(HeapConfiguration())
        defer { heap.destroy() }
        fill(heap, byteCount: 8 << 20)
        clear()
        heap.collect()
        let before = heap.readMemStats()
        var pass = Heap.ReleasePass()
        var release = heap.beginRelease(&pass)!
        heap.checkInvariants()
        #expect(heap.readMemStats().heapReleased == before.heapReleased)
        let range = release.address..<release.address + UInt(release.byteCount)
        for _ in 0..<64 { #expect(!range.contains(UInt(bitPattern: heap.allocateBytes(65_536)))) }
        release.perform()
        heap.finishRelease(release)
        heap.checkInvariants()
    }

    @Test(
        "The periodic scavenger releases what was idle for a period, twice a period looking; here a minute is 10 ms"
    )
    func periodic() throws {
        var configuration = HeapConfiguration(profile: .go1_10)
        configuration.timeScale = 6_000
        let heap = try makeHeap(configuration)
        defer { heap.destroy() }
        runBackground(heap, seconds: 0.001)
        fill(heap, byteCount: 32 << 20)
        clear()
        heap.collect()
        #expect(heap.readMemStats().heapReleased == 0)
        let start = Date()
        runBackground(heap, seconds: 5) { heap.traceLines().contains { $0.hasSuffix("MB released") } }
        let minutes = Date().timeIntervalSince(start) * 100
        #expect(heap.readMemStats().heapReleased >= 32 << 20)
        #expect(minutes >= 4.9, "released after \(minutes) minutes")
        #expect(heap.traceLines().contains { $0.hasPrefix("scvg") && $0.hasSuffix("MB released") })
        heap.checkInvariants()
    }

    @Test("A cycle is forced 2 minutes after the last, not with GOGC=off")
    func forcedCycle() throws {
        var configuration = HeapConfiguration()
        configuration.timeScale = 1_200  // 2 minutes in 100 ms
        let heap = try makeHeap(configuration)
        defer { heap.destroy() }
        runBackground(heap, seconds: 0.3)
        #expect(heap.readMemStats().numGC == 0)
        heap.collect()
        runBackground(heap, seconds: 5) { heap.readMemStats().numGC >= 3 }
        let stats = heap.readMemStats()
        #expect(stats.numGC >= 3 && stats.numForcedGC == 1)
        #expect(heap.traceLines().contains("GC forced"))
        heap.settings.gcPercent = nil
        runBackground(heap, seconds: 0.3)
        #expect(heap.readMemStats().numGC == stats.numGC)
    }

    @Test("150 MiB live under churn stay under a memory limit of 256 MiB in every sample")
    func memoryLimit() throws {
        var configuration = HeapConfiguration()
        configuration.settings.memoryLimitBytes = 256 << 20
        configuration.settings.gcPercent = nil
        let heap = try makeHeap(configuration)
        defer { heap.destroy() }
        var random = SeededGenerator()
        let live = 10_000  // of 15 KiB on average
        var worst = 0
        for step in 0..<200_000 {
            let index = step < live ? step : Int.random(in: 0..<live, using: &random)
            let byteCount = Int.random(in: 64...30_656, using: &random)
            roots[index] = heap.allocateBytes(byteCount)
            memset(roots[index]!, 1, byteCount)
            heap.collectIfDue()
            if step % 16 == 0 {
                let stats = heap.readMemStats()
                worst = max(worst, Int(stats.sys - stats.heapReleased))
            }
        }
        #expect(worst <= 256 << 20, "\(worst >> 10) KiB")
        #expect(heap.readMemStats().numGC > 10)
        heap.checkInvariants()
    }

    @Test("Settings take effect at once")
    func settings() throws {
        let heap = try makeHeap(HeapConfiguration())
        defer { heap.destroy() }
        fill(heap, byteCount: 32 << 20)
        heap.collect()
        #expect(heap.readMemStats().nextGC == 64 << 20)
        heap.settings.gcPercent = 50
        #expect(heap.readMemStats().nextGC == 48 << 20)
        heap.settings.gcPercent = nil
        #expect(heap.readMemStats().nextGC > 1 << 62, "that of the largest limit")
        heap.settings.memoryLimitBytes = 64 << 20
        #expect(heap.readMemStats().nextGC < 64 << 20)
        #expect(!heap.readMemStats().enableGC)
    }
}
