// What a global keeps when everything has been taken out of it: a channel its ring buffer, a map all its buckets.

import GoHeap
import GoMap

extension Scenario {
    private static let elements = 400_000
    private static let elementBytes = 128

    func runChannelAndMap(isCancelled: () -> Bool) throws -> ScenarioTable {
        var rows: [[ScenarioTable.Cell]] = []
        let bytes = [UInt8](repeating: 7, count: Self.elementBytes)
        try bytes.withUnsafeBytes { bytes in
            let element = Datum(bytes: bytes.baseAddress, count: bytes.count)
            rows += try runChannel(element, isCancelled: isCancelled)
            rows += try runMap(element, isCancelled: isCancelled)
        }
        return ScenarioTable(
            name: rawValue, title: title,
            columns: [
                .init(name: "step", unit: ""), .init(name: "len", unit: ""),
                .init(name: "HeapAlloc", unit: "KB"),
                .init(name: "HeapInuse", unit: "KB"), .init(name: "HeapReleased", unit: "KB"),
                .init(name: "RSS", unit: "KB"),
            ],
            rows: rows,
            note:
                "A receive clears the channel's slot, so what was sent is garbage once it is consumed; after a collection "
                + "and a scavenge of everything only the ring buffer is left, 24 bytes an element. A delete clears the "
                + "map's slot too, but the elements lie in the buckets and the buckets stay: no number of scavenges gives "
                + "them back, until nothing refers to the map.")
    }

    private func runChannel(_ element: Datum, isCancelled: () -> Bool) throws -> [[ScenarioTable.Cell]] {
        let heap = try Heap()
        defer { heap.destroy() }
        let channel = GoChannel.make(.bytes, capacity: Self.elements, heap: heap)
        defer { channel.destroy() }
        while channel.send(element) { heap.collectIfDue() }
        heap.freeOSMemory()
        var rows = [row("chan []byte, filled", channel.count, heap)]
        if isCancelled() { throw LabError.cancelled }
        while channel.receive() { heap.collectIfDue() }
        heap.freeOSMemory()
        rows.append(row("the channel drained, GC, scavenged", channel.count, heap))
        return rows
    }

    private func runMap(_ element: Datum, isCancelled: () -> Bool) throws -> [[ScenarioTable.Cell]] {
        if isCancelled() { throw LabError.cancelled }
        let scenario = try ScenarioHeap("map[int][128]byte")
        scenario.make(hint: Self.elements, seed: 1)
        for key in 0..<Self.elements {
            scenario.map.insert(Datum(integer: key), element)
            scenario.heap.collectIfDue()
        }
        scenario.heap.freeOSMemory()
        var rows = [row("map[int][128]byte, filled", scenario.map.count, scenario.heap)]
        if isCancelled() { throw LabError.cancelled }
        scenario.delete(0..<Self.elements)
        scenario.heap.freeOSMemory()
        rows.append(row("each key deleted, GC, scavenged", scenario.map.count, scenario.heap))
        scenario.map.setNil()
        scenario.heap.freeOSMemory()
        rows.append(row("the map set to nil, GC, scavenged", 0, scenario.heap))
        return rows
    }

    private func row(_ step: String, _ count: Int, _ heap: Heap) -> [ScenarioTable.Cell] {
        let sample = MemorySample(heap.readMemStats())
        return [
            .text(step), .number(count), .number(Int(sample.heapAlloc) / 1024),
            .number(Int(sample.heapInuse) / 1024), .number(Int(sample.heapReleased) / 1024),
            .number(sample.residentBytes / 1024),
        ]
    }
}
