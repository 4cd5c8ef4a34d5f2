// Reports on what deletes leave behind.

import GoHeap
import GoMap

extension PublicCase {
    static let goGotchas = PublicCase(
        name: "go-gotchas", title: "Rounds of delete and refill",
        source: "https://github.com/YesYouKenSpace/go-gotchas/tree/main/maps/potential-memory-leak", count: 1_000_000,
        figures: [
            Figure(name: "deleted by for k, _ := range m", unit: "B", tolerance: .share(0.005)),
            Figure(name: "by for k := range m", unit: "B", tolerance: .share(0.005)),
        ],
        published: [
            "", "379.26 MB", "379.26 MB", "379.38 MB", "380.47 MB", "381.54 MB", "382.59 MB", "383.62 MB",
            "384.66 MB", "385.67 MB", "386.67 MB",
        ],
        measured: [
            Measured(
                profile: .go1_19, go: "1.19.8",
                rows: [
                    [123_759_888, 123_759_688], [123_759_856, 123_759_656], [123_759_808, 123_759_608],
                    [123_821_120, 123_759_576], [124_979_696, 123_759_528], [126_132_544, 123_759_512],
                    [127_215_376, 123_759_464], [128_316_936, 123_759_416], [129_420_784, 123_759_368],
                    [130_478_912, 123_759_384], [131_566_640, 123_759_336], [132_614_144, 123_759_288],
                    [133_597_616, 123_759_240],
                ]),
            Measured(
                profile: .go1_23, go: "1.23.9",
                rows: [
                    [123_759_976, 123_759_688], [123_759_944, 123_759_656], [123_759_912, 123_759_608],
                    [123_822_664, 123_759_576], [124_941_496, 123_759_528], [126_076_776, 123_759_512],
                    [127_204_824, 123_759_464], [128_326_824, 123_759_416], [129_413_208, 123_759_368],
                    [130_450_024, 123_759_384], [131_522_200, 123_759_336], [132_537_064, 123_759_288],
                    [133_545_016, 123_759_240],
                ]),
            Measured(
                profile: .go1_24, go: "1.24.11",
                rows: [
                    [131_806_320, 131_765_136], [131_970_256, 131_970_064], [131_970_208, 131_970_016],
                    [131_970_176, 131_970_080], [131_970_128, 131_970_032], [131_970_112, 131_970_016],
                    [131_970_064, 131_969_968], [131_970_016, 131_969_920], [131_969_968, 131_969_872],
                    [131_969_984, 131_969_888], [131_969_936, 131_969_840], [131_969_888, 131_969_792],
                    [131_969_840, 131_969_744],
                ]),
            Measured(
                profile: .go1_27, go: "1.27.3",
                rows: [
                    [131_893_784, 131_642_160], [131_975_720, 131_970_048], [131_975_672, 131_970_000],
                    [131_975_624, 131_969_952], [131_975_576, 131_969_904], [131_975_704, 131_969_920],
                    [131_975_656, 131_969_872], [131_975_608, 131_969_824], [131_975_560, 131_969_776],
                    [131_975_576, 131_969_792], [131_975_528, 131_969_744], [131_975_480, 131_969_696],
                    [131_975_432, 131_969_648],
                ]),
        ],
        note:
            "The report's map holds 250-byte values too, so its Alloc is higher; what it grows by is the map's. It grows by "
            + "a MB a round, with ever fewer entries, because its loop names a second variable: then Go up to 1.23 deletes "
            + "key by key, overflow buckets stay, and other random keys need others."
    ) { (run) throws(ScenarioError) in
        var idioms = RefillIdioms(
            run.run, type: MapTypeName(key: .string, value: .string),
            shape: EntryShape(prefix: "aaaaaaaaaaaaaaaa", valueBytes: 0))
        try idioms.go(count: run.count, rounds: 12, shrinking: 1)
        for (round, reading) in idioms.readings.enumerated() {
            try run.row("round \(round)", reading.deleted.heapAlloc, reading.cleared.heapAlloc)
        }
    }

    static let lcw45 = PublicCase(
        name: "lcw-45", title: "A cache is purged, and 56 MB stay", source: "https://github.com/go-pkgz/lcw/issues/45",
        count: 1_000_000, figures: [Figure(name: "HeapAlloc", unit: "B", tolerance: .share(0.005))],
        published: ["150,528 KB", "56,785 KB"],
        measured: [
            Measured(profile: .go1_19, go: "1.19.8", rows: [[89_933_160], [57_935_856], [2_008]]),
            Measured(profile: .go1_23, go: "1.23.9", rows: [[89_938_456], [57_939_288], [5_440]]),
            Measured(profile: .go1_24, go: "1.24.11", rows: [[87_734_128], [55_734_976], [5_408]]),
            Measured(profile: .go1_27, go: "1.27.3", rows: [[87_816_120], [55_816_952], [5_496]]),
        ],
        note:
            "The values are gone after the purge, and the strings of the keys; the map's arrays stay. The report's items are "
            + "larger than the 16 bytes here, which is why it has more before. Its remedy is the last row: a fresh map."
    ) { (run) throws(ScenarioError) in
        let scenario = try run.scenario("map[string]*[16]byte", shape: EntryShape(prefix: "key-"))
        try scenario.make(hint: 0, seed: 1)
        try scenario.insert(0..<run.count)
        try scenario.collect()
        try run.row("filled, GC", scenario.heapAlloc)
        try scenario.delete(0..<run.count)
        try scenario.collect()
        try run.row("purged by delete, GC", scenario.heapAlloc)
        try scenario.make(hint: 0, seed: 2)
        try scenario.collect()
        try run.row("a fresh map, GC", scenario.heapAlloc)
    }

    static let juicefs4491 = PublicCase(
        name: "juicefs-4491", title: "A set of a million, emptied, and a thousand added again",
        source: "https://github.com/juicedata/juicefs/issues/4491", count: 1_000_000,
        figures: [Figure(name: "HeapAlloc", unit: "B", tolerance: .share(0.005))], published: [],
        measured: [
            Measured(
                profile: .go1_19, go: "1.19.8", rows: [[22_323_496], [22_325_352], [22_325_352], [2_056]]),
            Measured(profile: .go1_23, go: "1.23.9", rows: [[22_331_504], [22_331_504], [22_331_504], [16]]),
            Measured(
                profile: .go1_24, go: "1.24.11", rows: [[37_690_480], [37_690_480], [37_690_480], [5_440]]),
            Measured(profile: .go1_27, go: "1.27.3", rows: [[37_721_968], [37_721_968], [37_721_968], [0]]),
        ],
        note:
            "The report's figures are not public any more. A set's slot of the maps of Go 1.24 takes 8 bytes for a value of "
            + "none: an upgrade makes it larger by 69%."
    ) { (run) throws(ScenarioError) in
        let scenario = try run.scenario("map[int]struct{}")
        try scenario.make(hint: 0, seed: 1)
        try scenario.insert(0..<run.count)
        try scenario.collect()
        try run.row("filled, GC", scenario.heapAlloc)
        try scenario.delete(0..<run.count)
        try scenario.collect()
        try run.row("each deleted, GC", scenario.heapAlloc)
        try scenario.insert(0..<min(1_000, run.count))
        try scenario.collect()
        try run.row("1,000 added again, GC", scenario.heapAlloc)
        scenario.map.setNil()
        try scenario.collect()
        try run.row("nil, GC", scenario.heapAlloc)
    }

    static let inlineValues = PublicCase(
        name: "inline-values", title: "Which keys and values lie in the map itself",
        source: "https://medium.com (\"Go: Memory leak in map\", May 2020).", count: 100_000,
        figures: [Figure(name: "HeapAlloc", unit: "B", tolerance: .share(0.005))],
        published: ["", "not freed", "", "freed"],
        measured: [
            Measured(
                profile: .go1_19, go: "1.19.8",
                rows: [[37_067_592], [33_702_072], [130_746_840], [2_507_224]]),
            Measured(
                profile: .go1_23, go: "1.23.9",
                rows: [[37_082_288], [33_707_160], [130_753_368], [2_512_024]]),
            Measured(
                profile: .go1_24, go: "1.24.11",
                rows: [[32_511_248], [32_511_264], [130_369_968], [2_369_968]]),
            Measured(
                profile: .go1_27, go: "1.27.3",
                rows: [[32_511_280], [32_511_280], [130_370_152], [2_370_152]]),
        ],
        note:
            "Up to 128 bytes a key or a value lies in the map's own arrays, which stay; a larger one is an object of its own, "
            + "which a delete lets go. The same programme, and 13 times as much retained."
    ) { (run) throws(ScenarioError) in
        for bytes in [120, 640] {
            let scenario = try run.scenario("map[[\(bytes)]byte][\(bytes)]byte")
            try scenario.make(hint: 0, seed: 1)
            try scenario.insert(0..<run.count)
            try scenario.collect()
            try run.row("[\(bytes)]byte, filled, GC", scenario.heapAlloc)
            scenario.clear()
            try scenario.collect()
            try run.row("[\(bytes)]byte, deleted, GC", scenario.heapAlloc)
        }
    }
}
