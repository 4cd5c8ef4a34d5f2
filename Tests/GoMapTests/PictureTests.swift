import GoHeap
import GoMap
import TestSupport
import Testing

@Suite struct PictureTests {
    /// What all rows of a map add up to, read some at a time.
    private func tallies(
        _ map: ShardedMap, rowLimit: Int = .max, stride: Int = 1
    ) -> (current: RowTally?, old: RowTally?) {
        var cells = RowCells(cellLimit: 64)
        var oldCells = RowCells(cellLimit: 64)
        var reader = ShardedMapReader(stride: stride)
        var progress = ReadingProgress.more
        while progress == .more {
            progress = reader.read(map, rowLimit: rowLimit) { shard, row in
                let tally = RowTally(row, shard: shard)
                if row.section == .oldArray { oldCells.append(tally) } else { cells.append(tally) }
            }
        }
        #expect(progress == .done)
        return (cells.total, oldCells.total)
    }

    private func withShards(
        _ count: Int, _ layout: MapLayout, seed: UInt32 = 1, _ body: (ShardedMap) throws -> Void
    ) throws {
        try withHeap { heap in
            let type = MapType.interned(key: .int, value: .int)
            let map = ShardedMap.make(type, heap: heap, seed: seed, layout: layout, count: count)
            defer { map.destroy() }
            try body(map)
        }
    }

    private func fill(_ map: ShardedMap, _ keys: Range<Int>) {
        for key in keys { map.insert(Datum(integer: key), Datum(integer: key)) }
    }

    @Test(
        "What is read of a map adds up to its statistics, however it is grown and emptied",
        arguments: [MapLayout.bucket, .swiss], [1, 4, 256])
    func sums(layout: MapLayout, shards: Int) throws {
        try withShards(shards, layout) { map in
            var inserted = 0
            for count in [0, 1, 8, 9, 53, 105, 400, 3329, 6657, 13_400, 30_000] {
                fill(map, inserted..<count)
                for key in inserted..<((inserted + count) / 2) { map.delete(Datum(integer: key)) }
                inserted = count
                let statistics = map.statistics()
                for rowLimit in [1, 100, .max] {
                    let (current, old) = tallies(map, rowLimit: rowLimit)
                    #expect((current?.full ?? 0) + (old?.full ?? 0) == map.count)
                    #expect((current?.slots ?? 0) == statistics.slots)
                    #expect((current?.shards.upperBound ?? 0) < shards)
                    switch layout {
                    case .bucket:
                        let bucket = try #require(statistics.bucket)
                        #expect((current?.rows ?? 0) == bucket.chains)
                        #expect((current?.overflowBuckets ?? 0) == bucket.overflowBuckets)
                        #expect((current?.evacuatedRows ?? 0) == 0)
                        #expect((old?.evacuatedRows ?? 0) == bucket.evacuated)
                        #expect((old != nil) == bucket.growing)
                    case .swiss:
                        let swiss = try #require(statistics.swiss)
                        #expect((current?.rows ?? 0) == swiss.groups)
                        #expect((current?.deleted ?? 0) == swiss.tombstones)
                        #expect(old == nil)
                    }
                }
            }
        }
    }

    @Test("Each slot of a chain has its own mark, evacuated chains too")
    func chainMarks() throws {
        try withMap("map[int]int") { map in
            #expect(readSections(map).isEmpty)
            for key in 0..<8 { map.insert(Datum(integer: key), Datum(integer: key)) }
            for key in [0, 3, 7] { map.delete(Datum(integer: key)) }
            let bucket = try #require(readSections(map).first?.rows.first?.first)
            // The last slot needs no mark of its own: nothing follows it.
            #expect(
                (0..<8).map { bucket[$0] } == [.deleted, .full, .full, .deleted, .full, .full, .full, .empty])
            // The 27th entry doubles four chains, and moves two of them.
            for key in 10..<32 { map.insert(Datum(integer: key), Datum(integer: key)) }
            #expect(map.count == 27)
            let grown = readSections(map)
            try #require(
                map.statistics().bucket?.growing == true && grown.map(\.section) == [.array, .oldArray])
            let old = grown[1].rows
            #expect(old.contains { $0[0].isEvacuated } && old.contains { !$0[0].isEvacuated })
            for chain in old {
                for marks in chain {
                    let evacuated = marks.evacuated | marks.evacuatedEmpty
                    #expect(evacuated == (chain[0].isEvacuated ? 0xFF : 0))
                    for slot in 0..<8 where chain[0].isEvacuated {
                        #expect(marks[slot] == .evacuated || marks[slot] == .evacuatedEmpty)
                    }
                }
            }
        }
    }

    @Test("Tables come in the directory's order, each with its places in it")
    func tables() throws {
        try withMap("map[int]int", profile: .go1_27) { map in
            #expect(readSections(map).isEmpty)
            map.insert(Datum(integer: 1), Datum(integer: 1))
            let small = readSections(map)
            #expect(small.map(\.section) == [.group] && small[0].rows.count == 1)
            #expect((0..<8).map { small[0].rows[0][0][$0] } == [.full] + Array(repeating: .empty, count: 7))
            for key in 0..<20_000 { map.insert(Datum(integer: key), Datum(integer: key)) }
            let swiss = try #require(map.statistics().swiss)
            let tables = readSections(map)
            #expect(tables.count == swiss.tables && tables.count > 8)
            var places = 0
            for (index, table) in tables.enumerated() {
                guard case .table(let number, let localDepth, let directory) = table.section else {
                    Issue.record("\(table.section) is no table")
                    continue
                }
                #expect(number == index && directory.lowerBound == places)
                #expect(directory.count == 1 << (swiss.globalDepth - localDepth))
                places = directory.upperBound
            }
            #expect(places == 1 << swiss.globalDepth)
        }
    }

    @Test(
        "Tables that split while they are read are read once, and what was there throughout is counted once")
    func splitsWhileReading() throws {
        try withShards(1, .swiss) { map in
            fill(map, 0..<5000)
            var reader = ShardedMapReader()
            var full = 0
            var lastPlace = 0
            var key = 5000
            var progress = ReadingProgress.more
            while progress == .more {
                let depth = map.statistics().swiss!.globalDepth
                progress = reader.read(map, rowLimit: 1) { _, row in
                    full += RowTally(row).full
                    guard case .table(_, _, let directory) = row.section, row.index == 0 else { return }
                    // Places as fractions of the directory, whatever its size by now.
                    let place = directory.lowerBound << (30 - depth)
                    #expect(place == lastPlace, "no table is left out, none comes twice")
                    lastPlace = directory.upperBound << (30 - depth)
                }
                fill(map, key..<(key + 3000))
                key += 3000
            }
            #expect(progress == .done && lastPlace == 1 << 30)
            #expect(full >= 5000 && full < map.count)
        }
    }

    @Test(
        "A reader notices when what it has read is not the map's any more",
        arguments: [MapLayout.bucket, .swiss], [1, 8])
    func changes(layout: MapLayout, shards: Int) throws {
        func begun(_ map: ShardedMap) -> ShardedMapReader {
            var reader = ShardedMapReader()
            #expect(reader.read(map, rowLimit: 1) { _, _ in } == .more)
            return reader
        }
        try withShards(shards, layout) { first in
            var map = first
            fill(map, 0..<5000)
            var reader = begun(map)
            map.insert(Datum(integer: 0), Datum(integer: 1))
            map.delete(Datum(integer: 1))
            #expect(
                reader.read(map, rowLimit: 1) { _, _ in } == .more,
                "a write that moves nothing is no such change")
            if layout == .bucket {
                fill(map, 5000..<80_000)
                #expect(reader.read(map, rowLimit: 1) { _, _ in } == .changed, "another array")
            }
            let other = ShardedMap.make(map.type, heap: map.heap, seed: 99, layout: layout, count: shards)
            defer { other.destroy() }
            reader = begun(map)
            #expect(reader.read(other, rowLimit: 1) { _, _ in } == .changed, "another map")
            reader = begun(map)
            if shards == 1 {
                map.clear()
                #expect(reader.read(map, rowLimit: 1) { _, _ in } == .changed, "a map that became empty")
                map.setNil()
                var again = ShardedMapReader()
                #expect(again.read(map, rowLimit: 1) { _, _ in } == .done, "a nil map has no rows")
                #expect(reader.read(map, rowLimit: 1) { _, _ in } == .changed, "a map that became nil")
            }
        }
    }

    @Test(
        "With a stride one of so many rows is read, and of each table at least one",
        arguments: [1, 4, 64, 1024])
    func strides(stride: Int) throws {
        try withShards(1, .bucket) { map in
            fill(map, 0..<50_000)
            let chains = map.statistics().bucket!.chains
            #expect(tallies(map, rowLimit: 100, stride: stride).current?.rows == chains / stride)
        }
        try withShards(1, .swiss) { map in
            fill(map, 0..<50_000)
            let swiss = map.statistics().swiss!
            let rows = try #require(tallies(map, rowLimit: 100, stride: stride).current?.rows)
            #expect(rows >= max(swiss.tables, swiss.groups / stride))
            #expect(rows <= swiss.tables + swiss.groups / stride)
        }
    }

    @Test("Cells are at most so many, each of as many rows but the last, and lose nothing")
    func cells() throws {
        try withMap("map[int]int") { map in
            for key in 0..<3000 { map.insert(Datum(integer: key), Datum(integer: key)) }
            var rows: [RowTally] = []
            var reader = ShardedMapReader()
            _ = reader.read(map, rowLimit: .max) { _, row in rows.append(RowTally(row)) }
            #expect(rows.count >= 512)
            for count in [0, 1, 7, 8, 9, 16, 17, 33, 511] {
                var cells = RowCells(cellLimit: 8)
                for row in rows[..<count] { cells.append(row) }
                #expect(cells.cells.count == (count + cells.rowsPerCell - 1) / cells.rowsPerCell)
                #expect(cells.cells.count <= 8 && (count <= 8) == (cells.rowsPerCell == 1))
                #expect(cells.cells.dropLast().allSatisfy { $0.rows == cells.rowsPerCell })
                #expect((cells.total?.full ?? 0) == rows[..<count].reduce(0) { $0 + $1.full })
                #expect((cells.total?.rows ?? 0) == count)
            }
        }
    }
}
