// What a global keeps when everything has been taken out of it: a channel its ring buffer, a map all that it was made of.

import GoHeap
import GoMap
import HuskSystem

extension Scenario {
    static let channelAndMap = Scenario(
        name: "channel-and-map", title: "A global channel drained, and a global map of as many bytes emptied",
        parameters: [.go(), .layout, .count(400_000, upTo: 4_000_000)], perform: runChannelAndMap)
}

private let elementBytes = 128

private func runChannelAndMap(_ run: ScenarioRun) throws(ScenarioError) -> ScenarioTable {
    let rows = try runChannel(run) + runMap(run)
    return ScenarioTable(
        columns: [
            .init(name: "step", role: .label), .init(name: "len", role: .common),
            .init(name: "HeapAlloc", unit: "KB"),
            .init(name: "HeapInuse", unit: "KB"), .init(name: "HeapReleased", unit: "KB"),
            .init(name: "RSS", unit: "KB"),
        ],
        rows: rows,
        note:
            "A receive clears the channel's slot, so what was sent is garbage once it is consumed; after a collection "
            + "and a scavenge of everything only the ring buffer is left, 24 bytes an element. A delete clears the "
            + "map's slot too, but the elements lie in the map's own arrays and these stay: no number of scavenges gives "
            + "them back, until nothing refers to the map.")
}

private func runChannel(_ run: ScenarioRun) throws(ScenarioError) -> [[ScenarioTable.Cell]] {
    let heap = try run.makeHeap()
    defer { heap.destroy() }
    let channel = GoChannel.make(.bytes, capacity: run.count, heap: heap)
    defer { channel.destroy() }
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: elementBytes, alignment: 8)
    defer { bytes.deallocate() }
    bytes.initializeMemory(as: UInt8.self, repeating: 7)
    while channel.send(Datum(bytes: bytes.baseAddress, count: bytes.count)) {
        heap.collectIfDue()
        if channel.count % 4_096 == 0 { try run.checkpoint() }
    }
    try run.freeOSMemory(heap)
    var rows = [row("chan []byte, filled", channel.count, heap)]
    while channel.receive() {
        heap.collectIfDue()
        if channel.count % 4_096 == 0 { try run.checkpoint() }
    }
    try run.freeOSMemory(heap)
    rows.append(row("the channel drained, GC, scavenged", channel.count, heap))
    return rows
}

private func runMap(_ run: ScenarioRun) throws(ScenarioError) -> [[ScenarioTable.Cell]] {
    let scenario = try ScenarioHeap(run, type: MapTypeName(key: .int, value: .array(elementBytes)))
    try scenario.make(hint: run.count, seed: 1)
    try scenario.insert(0..<run.count)
    try scenario.freeOSMemory()
    var rows = [row("map[int][128]byte, filled", scenario.map.count, scenario.heap)]
    try scenario.delete(0..<run.count)
    try scenario.freeOSMemory()
    rows.append(row("each key deleted, GC, scavenged", scenario.map.count, scenario.heap))
    scenario.map.setNil()
    try scenario.freeOSMemory()
    rows.append(row("the map set to nil, GC, scavenged", 0, scenario.heap))
    return rows
}

private func row(_ step: String, _ count: Int, _ heap: Heap) -> [ScenarioTable.Cell] {
    let stats = heap.readMemStats()
    return [
        .text(step), .number(count), .kilobytes(stats.heapAlloc), .kilobytes(stats.heapInuse),
        .kilobytes(stats.heapReleased), .kilobytes(ProcessMemory.residentBytes),
    ]
}
