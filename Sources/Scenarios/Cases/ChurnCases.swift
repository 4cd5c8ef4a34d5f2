// Reports on maps that hold as many entries all the time, and on what lies around them.

import GoHeap
import GoMap
import HuskSystem

extension PublicCase {
    static let go70886 = PublicCase(
        name: "go-70886", title: "Tombstones: a map of constant size grows",
        source: "https://github.com/golang/go/issues/70886", count: 100_000,
        figures: [
            Figure(name: "grown by", unit: "B", tolerance: .order), Figure(name: "slots at the end", tolerance: .order),
        ],
        published: ["", "128 to 1,024 slots in Go 1.24rc1"],
        measured: [
            Measured(profile: .go1_19, go: "1.19.8", rows: [[96], [728], [3_736], [8_456]]),
            Measured(profile: .go1_23, go: "1.23.9", rows: [[0], [1_160], [3_304], [8_544]]),
            Measured(profile: .go1_24, go: "1.24.11", rows: [[16], [7_168], [16_128], [13_568]]),
            Measured(profile: .go1_27, go: "1.27.3", rows: [[16], [0], [2_560], [4_608]]),
        ],
        note:
            "100,000 times a random key is deleted and another inserted (count is how often). Go 1.24 counts tombstones as "
            + "taken until the table is replaced by a larger one; since 1.25 it prunes them first. It depends on the hash "
            + "seed: real Go 1.24.11 gives 7,168 to 34,600 for the third row from run to run."
    ) { (run) throws(ScenarioError) in
        for (slots, entries) in [(128, 14), (128, 56), (128, 112), (256, 224)] {
            let scenario = try run.scenario("map[int]int")
            try scenario.make(hint: slots * 7 / 8, seed: 1)
            try scenario.insert(0..<entries)
            try scenario.collect()
            let before = scenario.heapAlloc
            var keys = Array(0..<entries)
            for index in 0..<run.count {
                let victim = Int(Numbering.random(seed: 7).number(index) % entries)
                scenario.delete(number: keys[victim])
                keys[victim] = entries + index
                scenario.insert(number: keys[victim])
                if index % 1_024 == 0 { try scenario.checkpoint() }
            }
            try scenario.collect()
            try run.row(
                "\(slots) slots, \(entries) keys", scenario.heapAlloc - before, scenario.map.statistics().slots)
        }
    }

    static let otel47337 = PublicCase(
        name: "otel-47337", title: "A cache of pods that come and go: \"the array only grows with churn\"",
        source: "https://github.com/open-telemetry/opentelemetry-collector-contrib/issues/47337", count: 40_000,
        figures: [Figure(name: "HeapAlloc", unit: "B", tolerance: .share(0.025, rows: 0..<6))],
        published: ["", "", "", "", "", "", "", "500 MB a day"],
        measured: [
            Measured(
                profile: .go1_19, go: "1.19.8",
                rows: [
                    [5_010_256], [5_073_488], [5_350_128], [6_063_984], [6_422_704], [6_592_440], [5_390_168],
                    [5_680_808],
                ]),
            Measured(
                profile: .go1_23, go: "1.23.9",
                rows: [
                    [5_016_192], [5_071_312], [5_353_792], [6_057_232], [6_419_792], [6_591_184], [5_144_832],
                    [5_789_568],
                ]),
            Measured(
                profile: .go1_24, go: "1.24.11",
                rows: [
                    [4_947_176], [4_948_024], [4_948_120], [6_701_144], [6_701_176], [6_701_176], [6_701_656],
                    [10_006_008],
                ]),
            Measured(
                profile: .go1_27, go: "1.27.3",
                rows: [
                    [4_947_256], [4_948_088], [4_948_200], [5_713_128], [6_177_192], [6_586_968], [6_668_856],
                    [6_696_152],
                ]),
        ],
        note:
            "In each round a tenth of the entries is new and the oldest are deleted; len stays. There is no growth without "
            + "end: buckets climb by a third and fall back at a growth of the same size, the maps of Go 1.24 "
            + "double once, those of 1.25 and later stop at a third. So the report's own figure is refuted: the thread "
            + "found other leaks later."
    ) { (run) throws(ScenarioError) in
        let scenario = try run.scenario("map[string]*[64]byte", shape: EntryShape(prefix: "pod-"))
        try scenario.make(hint: 0, seed: 1)
        try scenario.insert(0..<run.count)
        let replaced = run.count / 10
        var oldest = 0
        for round in 0...1_000 {
            if round > 0 {
                try scenario.insert(oldest + run.count..<oldest + run.count + replaced)
                try scenario.delete(oldest..<oldest + replaced)
                oldest += replaced
            }
            if [0, 1, 10, 50, 100, 200, 500, 1_000].contains(round) {
                try scenario.collect()
                try run.row("round \(round)", scenario.heapAlloc)
                run.run.onStep(round, 1_000)
            }
        }
    }

    static let go78962 = PublicCase(
        name: "go-78962", title: "95% of the objects freed, and most pages cannot be released",
        source: "https://github.com/golang/go/issues/78962", count: 2_000_000,
        figures: [
            Figure(name: "HeapAlloc", unit: "B", tolerance: .share(0.001)),
            Figure(name: "HeapInuse", unit: "B", tolerance: .share(0.03)),
            Figure(name: "HeapReleased", unit: "B", tolerance: .order),
        ],
        published: [],
        measured: [
            Measured(
                profile: .go1_19, go: "1.19.8",
                rows: [
                    [567_519_504, 571_883_520, 2_269_184], [172_319_512, 571_867_136, 90_456_064],
                    [172_320_016, 571_875_328, 90_521_600], [26_029_104, 425_598_976, 236_838_912],
                    [26_028_696, 27_607_040, 634_830_848],
                ]),
            Measured(
                profile: .go1_23, go: "1.23.9",
                rows: [
                    [567_524_392, 571_875_328, 3_416_064], [172_324_408, 571_867_136, 37_896_192],
                    [172_324_912, 571_875_328, 90_464_256], [26_032_272, 425_590_784, 236_748_800],
                    [26_031_768, 27_566_080, 634_773_504],
                ]),
            Measured(
                profile: .go1_24, go: "1.24.11",
                rows: [
                    [583_362_368, 587_816_960, 12_361_728], [188_162_384, 587_808_768, 73_039_872],
                    [188_162_888, 587_816_960, 87_171_072], [26_048_904, 425_689_088, 249_298_944],
                    [26_048_496, 26_722_304, 648_265_728],
                ]),
            Measured(
                profile: .go1_27, go: "1.27.3",
                rows: [
                    [583_362_288, 598_859_776, 12_083_200], [188_162_304, 598_843_392, 55_713_792],
                    [188_162_776, 598_859_776, 88_629_248], [26_048_792, 436_715_520, 250_773_504],
                    [26_048_320, 27_787_264, 659_701_760],
                ]),
        ],
        note:
            "Every twentieth value of 200 bytes stays, and with it nearly every span. A copy of the map frees its arrays and "
            + "not the values' spans: those need the values moved. The report has 20 million objects and pages of 64 KB, "
            + "with which the kernel gives back less still."
    ) { (run) throws(ScenarioError) in
        let scenario = try run.scenario("map[int][]byte", shape: EntryShape(valueBytes: 200))
        let isKept: (Int) -> Bool = { $0 % 20 == 0 }
        func row(_ step: String) throws(ScenarioError) {
            let stats = scenario.readMemStats()
            try run.row(step, Int(stats.heapAlloc), Int(stats.heapInuse), Int(stats.heapReleased))
        }
        try scenario.fragment(
            count: run.count, unless: isKept,
            steps: [
                "filled, GC", "19 of 20 deleted, GC", "free-memory", "the map copied, free-memory",
                "the values too, free-memory",
            ], row)
    }
}
