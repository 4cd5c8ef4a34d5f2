// How long a collection takes depends on what the collector must look into, not on how much is held.

import GoHeap
import GoMap

extension Scenario {
    /// What holds the entries, and how long a collection took on the laptop of the source's author (an early Go; the entries
    /// were more), in nanoseconds, with GOMAXPROCS as it was and with 4.
    private enum Holder: String, CaseIterable {
        case pointers = "map[int32]*int32"
        case values = "map[int32]int32"
        case shards = "[]map[int32]int32 of 128"
        case slice = "[]struct{ int32; int32 }"

        var sourceNanoseconds: [Double] {
            switch self {
            case .pointers: [1_668_760_880, 1_508_519_600]
            case .values: [14_169_445, 15_583_222]
            case .shards: [3_935_560, 4_013_019]
            case .slice: [71_614, 119_643]
            }
        }
    }

    private static let gcEntries = 1_000_000
    private static let shardCount = 128
    /// The best of so many collections: what disturbs one only makes it longer.
    private static let collections = 7

    func runGCTime(isCancelled: () -> Bool) throws -> ScenarioTable {
        let procs = [RuntimeSettings().maxProcs, 4]
        var nanoseconds: [[Double]] = []
        for holder in Holder.allCases {
            if isCancelled() { throw LabError.cancelled }
            nanoseconds.append(try collectionNanoseconds(holder, procs: procs))
        }
        var rows: [[ScenarioTable.Cell]] = []
        for (column, procs) in procs.enumerated() {
            for (index, holder) in Holder.allCases.enumerated() {
                let source = holder.sourceNanoseconds[column]
                rows.append([
                    .text(holder.rawValue), .number(procs),
                    .number(Int((nanoseconds[index][column] / 1000).rounded())),
                    .text(Self.ratio(nanoseconds[index][column], nanoseconds[0][column])),
                    .number(Int((source / 1000).rounded())),
                    .text(Self.ratio(source, Holder.pointers.sourceNanoseconds[column])),
                ])
            }
        }
        return ScenarioTable(
            name: rawValue, title: title,
            columns: [
                .init(name: "held", unit: ""), .init(name: "GOMAXPROCS", unit: ""),
                .init(name: "GC", unit: "µs"),
                .init(name: "of the first", unit: ""), .init(name: "source", unit: "µs"),
                .init(name: "of the source's first", unit: ""),
            ],
            rows: rows,
            note:
                "The collector follows pointers, and looks into nothing that has none: with pointers as values it visits "
                + "every bucket and every value, without them it only marks the arrays, and a slice is one object. "
                + "Shards helped the source's early Go; they only add arrays to mark, in Go of today too. The source's "
                + "figures are from another machine and more entries; the ratios are the point.")
    }

    private static func ratio(_ time: Double, _ first: Double) -> String {
        let share = first / max(1, time)
        return share < 1.5 ? "1" : "1/\(Int(share.rounded()))"
    }

    /// The shortest collection with each number of processors.
    private func collectionNanoseconds(_ holder: Holder, procs: [Int]) throws -> [Double] {
        let scenario = try ScenarioHeap(holder == .pointers ? "map[int32]*int32" : "map[int32]int32")
        defer { withExtendedLifetime(scenario) {} }
        let heap = scenario.heap
        let slice = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 1)
        slice.initialize(to: nil)
        heap.addRoots(slice, count: 1)
        defer {
            heap.removeRoots(slice)
            slice.deallocate()
        }
        switch holder {
        case .pointers, .values, .shards:
            scenario.make(hint: 0, seed: 1, shards: holder == .shards ? Self.shardCount : 1)
            scenario.insert(0..<Self.gcEntries)
        case .slice:
            slice.pointee = heap.allocateArray(ObjectType.interned(byteCount: 8), count: Self.gcEntries)
        }
        heap.collect()
        return procs.map { procs in
            heap.settings.maxProcs = procs
            let times = (0..<Self.collections).map { _ in
                let start = OperatingSystem.monotonicNanoseconds()
                heap.collect()
                return Double(OperatingSystem.monotonicNanoseconds() - start)
            }
            return times.min()!
        }
    }
}
