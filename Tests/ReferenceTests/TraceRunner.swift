// Runs a trace of the reference on Husk's map and heap, and reads the same figures after the same steps.

import GoHeap
import GoMap

/// One map on a heap of its own, driven as the reference's Go programme drives Go's.
struct TraceRunner {
    /// What Husk has after a step.
    struct Snapshot {
        let step: String
        let at: Int
        let len: Int
        let figures: [Figure: Int]
        /// Bytes by which HeapInuse may differ from Go's: see ReferenceTests.
        let spanAllowanceBytes: Int
        /// Cycles that the pacer started, if the map's keys or values are tiny objects; else 0.
        let closedTinyBlocks: Int
    }

    private let heap: Heap
    private let type: MapTypeRef
    private var map: ShardedMap
    private var seed: UInt32
    /// Whether a cycle that a safepoint starts has marked everything before the next operation.
    private let stopsTheWorld: Bool
    /// What was there before the map was made.
    private var base: MemStats?
    private(set) var snapshots: [Snapshot] = []
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 8)
    private let keyScratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 8)
    /// Stands for the objects of the Go programme's own.
    private let ballast = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 1)

    init(_ row: GoRow, version: GoVersion, seed: UInt32) throws {
        var configuration = HeapConfiguration(profile: version.profile)
        if let own = row.own, let gogc = row.gogc {
            configuration.settings.gcPercent = gogc < 0 ? nil : gogc
            configuration.settings.maxProcs = 1
            configuration.otherScanBytes = Int(own.scan.mean)
        }
        heap = try Heap(configuration)
        type = MapType.interned(try MapTypeName(parsing: row.type))
        self.seed = seed
        stopsTheWorld = row.stopsTheWorld ?? false
        map = ShardedMap.makeNil(type, heap: heap, seed: seed)
        for index in 0..<scratch.count { scratch[index] = UInt8(truncatingIfNeeded: index) }
        keyScratch.initializeMemory(as: UInt8.self, repeating: 0)
        ballast.initialize(to: nil)
        heap.addRoots(ballast, count: 1)
        if let own = row.own { addOwn(own, limitMiB: row.limitMiB ?? 0) }
    }

    /// Goals and triggers come out of all that a programme has: as much as Go's has goes on the heap, and from the limit.
    private func addOwn(_ own: GoOwn, limitMiB: Int) {
        let pages = Int((own.heap.mean / 8_192).rounded())
        ballast.pointee = heap.allocateBytes(max(5, pages) * 8_192)
        guard limitMiB > 0 else { return }
        heap.collect()
        let stats = heap.readMemStats()
        let other = Int(stats.sys - stats.heapIdle - stats.heapAlloc)
        heap.settings.memoryLimitBytes = limitMiB << 20 - (Int(own.other.mean) - other)
    }

    func destroy() {
        map.destroy()
        heap.destroy()
        scratch.deallocate()
        keyScratch.deallocate()
        ballast.deallocate()
    }

    /// Runs the trace of a row.
    mutating func run(_ row: GoRow) {
        if row.trace == "S" { return runShortStrings() }
        snapshot("baseline", at: 0)
        switch row.trace {
        case "T1", "T3": make(hint: row.N)
        default: make(hint: 0)
        }
        snapshot("make", at: ["T5", "T5L", "T6", "R", "U", "G", "L"].contains(row.trace) ? 0 : row.N)
        switch row.trace {
        case "T1":
            insert(0..<row.N)
            snapshot("insert", at: row.N)
            delete(stride(from: 0, to: row.N, by: 1))
            snapshot("delete", at: row.N)
            setNil()
            snapshot("nil", at: 0)
        case "T2", "T3":
            insert(0..<row.N)
            snapshot("insert", at: row.N)
            map.clear()
            snapshot("range_delete", at: row.N)
            setNil()
            snapshot("nil", at: 0)
        case "T2K":
            insert(0..<row.N)
            snapshot("insert", at: row.N)
            deleteWhileRanging()
            snapshot("delete_each_in_range", at: row.N)
            setNil()
            snapshot("nil", at: 0)
        case "T4":
            insert(0..<row.N)
            snapshot("insert", at: row.N)
            delete(stride(from: 0, to: row.N, by: 2))
            snapshot("delete_even", at: row.N / 2)
            map.clear()
            snapshot("range_delete", at: 0)
            heap.freeOSMemory()
            snapshot("FreeOSMemory", at: 0)
            setNil()
            make(hint: 0)
            heap.freeOSMemory()
            snapshot("fresh_make+FreeOSMemory", at: 0)
        case "T5", "T5L":
            insert(0..<row.N)
            snapshot("fill", at: row.N)
            var oldest = 0
            var round = 0
            for step in row.steps where step.step == "round" {
                while round < step.at {
                    round += 1
                    insert(oldest + row.N..<oldest + row.N + row.N / 5)
                    delete(stride(from: oldest, to: oldest + row.N / 5, by: 1))
                    oldest += row.N / 5
                }
                snapshot("round", at: round)
            }
            setNil()
            snapshot("nil", at: 0)
        case "T6":
            var inserted = 0
            for step in row.steps where step.step == "n" {
                insert(inserted..<step.at)
                inserted = step.at
                snapshot("n", at: step.at)
            }
            setNil()
            snapshot("nil", at: 0)
        default: runUnderSettings(row)
        }
    }

    /// The traces that go/settings.go describes.
    private mutating func runUnderSettings(_ row: GoRow) {
        let n = row.N
        switch row.trace {
        case "R":
            insert(0..<n)
            snapshot("fill", at: n)
            for round in 1...4 {
                insert(round * 5 * n..<(round * 5 + 4) * n)
                snapshot("inserted", at: round)
                delete(stride(from: round * 5 * n, to: (round * 5 + 4) * n, by: 1))
                snapshot("deleted", at: round)
            }
        case "U":
            insert(0..<n)
            snapshot("insert", at: n, isRunning: true)
            snapshot("inserted", at: n)
            for round in 1...5 {
                insert(0..<n)
                snapshot("overwrite", at: round, isRunning: true)
            }
            delete(stride(from: n, to: 2 * n, by: 1))
            snapshot("missing", at: n, isRunning: true)
            snapshot("overwritten", at: n)
        case "L":
            insert(0..<n)
            snapshot("baseline", at: 0)
            insert(0..<n)
            snapshot("overwrite", at: n, isRunning: true)
            delete(stride(from: n, to: 2 * n, by: 1))
            snapshot("missing", at: n, isRunning: true)
            snapshot("collected", at: n)
        case "G":
            for number in 0..<n {
                insert(number..<number + 1)
                if (number + 1) % (n / 8) == 0 { snapshot("insert", at: number + 1, isRunning: true) }
            }
            insert(n..<n + 1)
            snapshot("one_more", at: n + 1, isRunning: true)
            snapshot("inserted", at: n + 1)
        default: fatalError("no such trace: \(row.trace)")
        }
        setNil()
        snapshot("nil", at: 0)
    }

    /// Strings of no byte, of one and of two, as keys and as values.
    private mutating func runShortStrings() {
        snapshot("baseline", at: 0)
        make(hint: 1_024)
        snapshot("make", at: 1_024)
        put(short(0, 0, in: keyScratch), short(0, 0, in: scratch))
        snapshot("empty", at: 1)
        for length in 1...2 {
            for number in 0..<256 {
                put(short(number, length, in: keyScratch), short(number, length, in: scratch))
            }
            snapshot("insert", at: length)
            for number in 0..<256 {
                put(short(number, length, in: keyScratch), short(number + 1, length, in: scratch))
            }
            snapshot("overwrite", at: length)
        }
        for number in 0..<256 { map.delete(short(number, 1, in: keyScratch)) }
        snapshot("delete", at: 1)
        setNil()
        snapshot("nil", at: 0)
    }

    private func put(_ key: Datum, _ value: Datum) {
        map.insert(key, value)
        safepoint()
    }

    private func short(_ number: Int, _ length: Int, in memory: UnsafeMutableRawBufferPointer) -> Datum {
        memory.storeBytes(of: UInt16(number), as: UInt16.self)
        return Datum(bytes: memory.baseAddress, count: length)
    }

    // MARK: Steps

    private mutating func make(hint: Int) {
        map.destroy()
        map = ShardedMap.make(type, hint: hint, heap: heap, seed: seed)
    }

    private mutating func setNil() { map.setNil() }

    private func insert(_ numbers: Range<Int>) {
        for number in numbers {
            map.insert(key(number), value(number))
            safepoint()
        }
    }

    private func delete(_ numbers: StrideTo<Int>) {
        for number in numbers {
            map.delete(key(number))
            safepoint()
        }
    }

    private func deleteWhileRanging() {
        let iterator = ShardedIterator(map)
        while let entry = iterator.next() {
            map.delete(map.key(at: entry.key))
            safepoint()
        }
        iterator.destroy()
    }

    private func safepoint() {
        heap.collectIfDue()
        while stopsTheWorld && heap.isMarkingAddress.pointee { _ = heap.collectSlice(budgetBytes: .max) }
    }

    /// `k`, or `"k" + decimal`, in the scratch memory: inserting copies it into the heap.
    private func key(_ number: Int) -> Datum {
        if case .array(let count) = type.name.key {
            if count >= 8 {
                keyScratch.storeBytes(of: UInt64(number), as: UInt64.self)
            } else {
                keyScratch.storeBytes(of: UInt32(number), as: UInt32.self)
            }
            return Datum(bytes: keyScratch.baseAddress, count: count)
        }
        guard type.name.key == .string else { return Datum(integer: number) }
        // By hand: a String for each key takes longer than the map does.
        var start = 24
        var rest = number
        repeat {
            start -= 1
            scratch[start] = UInt8(48 + rest % 10)
            rest /= 10
        } while rest > 0
        scratch[start - 1] = UInt8(ascii: "k")
        return Datum(bytes: scratch.baseAddress! + start - 1, count: 24 - start + 1)
    }

    /// `k`, or as many bytes as the reference's values have.
    private func value(_ number: Int) -> Datum {
        switch type.name.value {
        case .string: Datum(bytes: scratch.baseAddress, count: 16)
        case .bytes: Datum(bytes: scratch.baseAddress, count: 64)
        case .array(let count): Datum(bytes: scratch.baseAddress, count: count)
        default: Datum(integer: number)
        }
    }

    private var makesTinyObjects: Bool { Self.makesTinyObjects(type.name) }

    static func makesTinyObjects(_ type: MapTypeName) -> Bool { type.key == .string || type.value == .pointer(.int32) }

    /// 8 KiB for a size class that the trace has touched. Of 9,472 bytes, a span has 56 KiB, and Go's runtime keeps its
    /// `p` structs in one (BySize shows two such objects in an empty programme with two processors).
    private static func spanAllowanceBytes(_ size: UInt32) -> Int { size == 9_472 ? 57_344 : 8_192 }

    /// The same for all size classes that have been touched.
    static func spanAllowanceBytes(_ stats: MemStats) -> Int {
        stats.bySize.filter { $0.mallocs > 0 }.reduce(0) { $0 + spanAllowanceBytes($1.size) }
    }

    private mutating func snapshot(_ step: String, at: Int, isRunning: Bool = false) {
        if !isRunning {
            heap.collect()
            heap.collect()
        }
        let stats = heap.readMemStats()
        if step == "baseline" { base = stats }
        snapshots.append(
            Snapshot(
                step: step, at: at, len: map.count, figures: figures(stats),
                spanAllowanceBytes: Self.spanAllowanceBytes(stats),
                closedTinyBlocks: makesTinyObjects ? Int(stats.numGC - stats.numForcedGC) : 0))
    }

    private func figures(_ stats: MemStats) -> [Figure: Int] {
        Self.figures(stats, since: base ?? stats, map.statistics())
    }

    /// - Parameter base: what there was before the map was made.
    static func figures(_ stats: MemStats, since base: MemStats, _ map: MapStatistics) -> [Figure: Int] {
        func since(_ field: KeyPath<MemStats, UInt64>) -> Int {
            Int(stats[keyPath: field]) - Int(base[keyPath: field])
        }
        var figures: [Figure: Int] = [
            .HeapAlloc: since(\.heapAlloc), .HeapObjects: since(\.heapObjects),
            .HeapInuse: since(\.heapInuse),
            .TotalAlloc: since(\.totalAlloc), .Mallocs: since(\.mallocs), .Frees: since(\.frees),
            .NumGC: Int(stats.numGC - base.numGC), .NextGC: Int(stats.nextGC),
        ]
        switch map.layout {
        case .bucket:
            let bucket = map.bucket ?? .none
            figures[.B] = Int(bucket.B)
            figures[.noverflow] = Int(bucket.noverflow)
            figures[.growing] = bucket.growing ? 1 : 0
        case .swiss:
            let swiss = map.swiss ?? .none
            let hasTables = swiss.tables > 0
            figures[.dirLen] = hasTables ? 1 << swiss.globalDepth : 0
            figures[.globalDepth] = Int(swiss.globalDepth)
            figures[.tables] = swiss.tables
            figures[.capacity] = swiss.groups * 8
            // The reference reads it from the tables: a map of one group has none.
            figures[.growthLeft] = hasTables ? swiss.growthLeft : 0
        }
        return figures
    }
}
