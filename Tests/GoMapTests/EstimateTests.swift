import GoHeap
import GoMap
import Testing

/// A map made as `MapEstimate` computes it, keys outside the heap, and what it takes.
private struct MadeMap {
    var bytes: Int
    var objects: Int
    var allocations: Int
    var totalAllocBytes: Int

    init(_ name: String, _ profile: GoProfile, _ layout: MapLayout, hint: Int, peak: Int, kept: Int, seed: UInt32)
        throws
    {
        let heap = try Heap(HeapConfiguration(profile: profile))
        defer { heap.destroy() }
        let type = try MapTypeName(parsing: name)
        let map = ShardedMap.make(MapType.interned(type), hint: hint, heap: heap, seed: seed, layout: layout)
        defer { map.destroy() }
        let byteCount = type.key == .string ? 8 : type.key.byteCount
        let names = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount * peak + 8, alignment: 8)
        defer { names.deallocate() }
        names.initializeMemory(as: UInt8.self, repeating: 0)
        func key(_ number: Int) -> Datum {
            if type.key.isInteger { return Datum(integer: number) }
            let name = names.baseAddress! + byteCount * number
            name.storeBytes(of: number, as: Int.self)
            return Datum(bytes: name, count: byteCount)
        }
        for number in 0..<peak {
            map.insertZero(key(number), hash: map.hash(key(number)))
            heap.collectIfDue()
        }
        for number in 0..<(peak - kept) { map.delete(key(number)) }
        heap.collect()
        let stats = heap.readMemStats()
        bytes = Int(stats.heapAlloc)
        objects = Int(stats.heapObjects)
        allocations = Int(stats.mallocs)
        totalAllocBytes = Int(stats.totalAlloc)
    }
}

private struct Case: CustomStringConvertible {
    var type: String
    var profile: GoProfile
    var layout: MapLayout
    var description: String { "\(type), Go \(profile.rawValue), \(layout.rawValue)" }

    static let all: [Case] = [
        "map[int]int", "map[int32]struct{}", "map[string][]byte", "map[[16]byte]*[64]byte", "map[int][640]byte",
    ]
    .flatMap { type in
        GoProfile.allCases.flatMap { profile in
            MapLayout.allCases.map { Case(type: type, profile: profile, layout: $0) }
        }
    }
}

@Suite("What a map takes, by arithmetic and made") struct EstimateTests {
    @Test("A made map is within the bounds, whatever type, Go, layout, hint and peak", arguments: Case.all)
    private func bounds(_ sample: Case) throws {
        let heap = try Heap(HeapConfiguration(profile: sample.profile))
        defer { heap.destroy() }
        let type = MapType.interned(try MapTypeName(parsing: sample.type))
        var numbers = [0, 1, 8, 9, 13, 14, 15, 60, 208, 209, 448, 449, 896, 897, 1_000, 1_500, 1_793, 7_000, 9_000]
        numbers += sample.type.contains("640") ? [20_000] : [60_000, 110_000]
        for (index, count) in numbers.enumerated() {
            for (hint, peak, kept) in [
                (0, count, count), (count, count, count), (count / 3, count, count / 4), (2 * count, count, 0),
                (0, count, count - count / 20),
            ] {
                let estimate = MapEstimate(
                    type, hint: hint, peak: peak, kept: kept, heap: heap, layout: sample.layout)
                let made = try MadeMap(
                    sample.type, sample.profile, sample.layout, hint: hint, peak: peak, kept: kept,
                    seed: UInt32(77 + index))
                for (name, spread, figure) in [
                    ("bytes", estimate.bytes, made.bytes), ("objects", estimate.objects, made.objects),
                    ("allocations", estimate.allocations, made.allocations),
                    ("total bytes", estimate.totalAllocBytes, made.totalAllocBytes),
                ] {
                    #expect(
                        spread.least <= figure && figure <= spread.most,
                        "\(name), hint \(hint), \(kept) of \(peak): made \(figure), \(spread)")
                    #expect(
                        spread.least <= spread.expected && spread.expected <= spread.most,
                        "\(name), hint \(hint), \(kept) of \(peak): \(spread)")
                }
            }
        }
    }

    @Test("The bounds are narrow: of a million entries two hundredths, where no table is about to split or to grow")
    func narrow() throws {
        for (profile, layout) in [(GoProfile.go1_23, MapLayout.bucket), (.go1_27, .swiss)] {
            let heap = try Heap(HeapConfiguration(profile: profile))
            defer { heap.destroy() }
            for (hint, count) in [(0, 1_000_000), (1_000_000, 1_000_000), (0, 3_000_000_000)] {
                let estimate = MapEstimate(
                    MapType.interned(key: .int, value: .int), hint: hint, peak: count, kept: count, heap: heap,
                    layout: layout)
                for spread in [estimate.bytes, estimate.totalAllocBytes] {
                    #expect(
                        Double(spread.most - spread.least) < 0.02 * Double(spread.expected),
                        "\(layout) \(hint) \(count): \(spread)")
                }
            }
        }
    }
}
