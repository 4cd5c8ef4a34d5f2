import GoHeap
import Testing

@Suite struct ProfileTests {
    private func heap(_ profile: GoProfile) throws -> Heap { try Heap(HeapConfiguration(profile: profile)) }

    @Test("17 to 24 bytes take 24 since Go 1.16 and 32 before", arguments: GoProfile.allCases)
    func the24ByteClass(profile: GoProfile) throws {
        let heap = try heap(profile)
        defer { heap.destroy() }
        #expect(heap.roundUpSize(17, hasPointers: false) == (profile < .go1_19 ? 32 : 24))
        #expect(heap.roundUpSize(25, hasPointers: false) == 32)
        _ = heap.allocateBytes(20)
        #expect(heap.readMemStats().heapAlloc == (profile < .go1_19 ? 32 : 24))
    }

    @Test("Larger objects with pointers have a header since Go 1.22", arguments: GoProfile.allCases)
    func mallocHeader(profile: GoProfile) throws {
        let heap = try heap(profile)
        defer { heap.destroy() }
        let hasHeader = profile > .go1_19
        #expect(heap.roundUpSize(576, hasPointers: true) == (hasHeader ? 632 : 576))
        #expect(heap.roundUpSize(32_768, hasPointers: false) == 32_768)
        _ = heap.allocate(ObjectType.interned(byteCount: 576, pointerWords: [0]))
        #expect(heap.readMemStats().heapAlloc == (hasHeader ? 640 : 576))
    }

    // What cap() says while a []*int grows by one element at a time: of Go 1.19.8 and 1.23.9 as they print it (1.24.11 and
    // 1.27.3 do not differ); up to 1.17 as its growslice and size classes have it: no such toolchain was to be had.
    private static let capacitiesBefore18 = [
        1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1280, 1696, 2304, 3072, 4096, 5120, 7168, 9216, 12288, 15360,
    ]
    private static let capacitiesOf19 = [
        1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 848, 1280, 1792, 2560, 3408, 5120, 7168, 9216, 12288, 16384, 21504,
        27648, 34816, 44032,
    ]
    private static let capacitiesSince22 = [
        1, 2, 4, 8, 16, 32, 64, 143, 287, 607, 1023, 1535, 2303, 3071, 4095, 6144, 8192, 11264, 14336, 18432, 23552,
        29696, 37888, 48128,
    ]

    @Test("A slice of pointers grows by the release's steps", arguments: GoProfile.allCases)
    func appendCapacities(profile: GoProfile) throws {
        let heap = try heap(profile)
        defer { heap.destroy() }
        let expected =
            switch profile {
            case .go1_10, .go1_14: Self.capacitiesBefore18
            case .go1_19: Self.capacitiesOf19
            case .go1_23, .go1_24, .go1_27: Self.capacitiesSince22
            }
        var capacity = 0
        for step in expected {
            capacity = heap.appendCapacity(after: capacity)
            #expect(capacity == step)
        }
    }

    @Test(
        "A page holds as many 16-byte objects as it does in Go",
        // runtime/mheap.go: initSpan of 1.27 leaves room for inline mark bits, since 1.22 also for pointer bits.
        arguments: [
            (GoProfile.go1_10, 512, 512), (.go1_14, 512, 512), (.go1_19, 512, 512), (.go1_23, 504, 512),
            (.go1_24, 504, 512), (.go1_27, 496, 504),
        ])
    func objectsInAPage(profile: GoProfile, withPointers: Int, without: Int) throws {
        for (count, words) in [(withPointers, [0]), (without, [])] {
            let heap = try heap(profile)
            defer { heap.destroy() }
            let type = ObjectType.interned(byteCount: 16, pointerWords: words)
            for _ in 0..<count { _ = heap.allocate(type) }
            #expect(heap.readMemStats().heapInuse == 8_192)
            _ = heap.allocate(type)
            #expect(heap.readMemStats().heapInuse == 16_384)
        }
    }

    private static let growthSteps: [(profile: GoProfile, firstMiB: Int, afterFiveMiB: Int)] = [
        (.go1_10, 1, 6), (.go1_14, 64, 64), (.go1_19, 4, 12), (.go1_23, 4, 12), (.go1_27, 4, 12),
    ]

    @Test("HeapSys begins, and grows, in the profile's steps", arguments: growthSteps)
    func growth(profile: GoProfile, firstMiB: Int, afterFiveMiB: Int) throws {
        let heap = try heap(profile)
        defer { heap.destroy() }
        #expect(heap.readMemStats().heapSys == UInt64(firstMiB << 20))
        _ = heap.allocateBytes(5 << 20)
        #expect(heap.readMemStats().heapSys == UInt64(afterFiveMiB << 20))
        heap.checkInvariants()
        // Up to 1.10 what the heap has grown by is idle, and only later does it count as released.
        let fresh = heap.readMemStats()
        #expect(fresh.heapReleased == (profile == .go1_10 ? 0 : fresh.heapIdle))
    }

    @Test("A profile sets scavenger, advice and map layout")
    func defaults() {
        #expect(GoProfile.allCases.map(\.scavenger) == [.periodic] + Array(repeating: .background, count: 5))
        #expect(
            GoProfile.allCases.map(\.madvise) == [
                .dontneed, .free, .dontneed, .dontneed, .dontneed, .dontneed,
            ])
        #expect(GoProfile.allCases.map(\.mapLayout) == [.bucket, .bucket, .bucket, .bucket, .swiss, .swiss])
        #expect(GoProfile.allCases.map(\.hasMemoryLimit) == [false, false, true, true, true, true])
    }

    @Test("gctrace has stacks and globals since Go 1.19, scavenger lines are the profile's")
    func traceLines() throws {
        for profile in GoProfile.allCases {
            let heap = try heap(profile)
            defer { heap.destroy() }
            _ = heap.allocateBytes(5 << 20)
            heap.freeOSMemory()
            let lines = heap.traceLines()
            #expect(heap.traceLineCount == lines.count)
            #expect(lines[0].hasPrefix("gc 1 @0.") && lines[0].hasSuffix(" P (forced)"))
            #expect(lines[0].contains("5->5->0 MB, 4 MB goal") || lines[0].contains("5->5->0 MB, 5 MB goal"))
            #expect(lines[0].contains("0 MB stacks, 0 MB globals") == (profile >= .go1_19))
            let last = lines.last!
            switch profile {
            case .go1_10:
                #expect(lines[lines.count - 2] == "scvg-1: 6 MB released")
                #expect(last == "scvg-1: inuse: 0, idle: 6, sys: 6, released: 6, consumed: 0 (MB)")
            case .go1_14, .go1_19: #expect(last.hasSuffix("util (forced)") && last.contains("KiB total"))
            default: #expect(last.hasPrefix("scav 0 KiB work (bg), ") && last.hasSuffix("util (forced)"))
            }
        }
    }
}
