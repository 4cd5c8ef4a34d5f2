// Reports on when the collector runs, and what a remedy needs before it does.

import GoHeap
import GoMap

extension PublicCase {
    static let go58106 = PublicCase(
        name: "go-58106", title: "A leak under GOMEMLIMIT with GOGC=off",
        source: "https://github.com/golang/go/issues/58106", count: 140_000,
        figures: [
            Figure(name: "HeapAlloc", unit: "B", tolerance: .share(0.08)), Figure(name: "cycles", tolerance: .order),
        ],
        published: [],
        measured: [
            Measured(
                profile: .go1_19, go: "1.19.8",
                rows: [
                    [11_559_968, 0], [23_063_800, 0], [35_835_192, 0], [46_075_224, 0], [56_545_944, 0],
                    [71_622_040, 0], [81_862_072, 0], [92_102_104, 0], [102_548_056, 0], [113_067_736, 0],
                    [127_594_560, 2], [137_835_456, 1], [142_638_320, 1], [152_878_560, 1],
                ]),
            Measured(
                profile: .go1_23, go: "1.23.9",
                rows: [
                    [11_569_688, 0], [23_074_384, 0], [35_850_384, 0], [46_090_656, 0], [56_568_000, 0],
                    [71_643_520, 0], [81_883_552, 0], [92_123_584, 0], [102_563_776, 0], [113_079_136, 0],
                    [127_569_064, 2], [137_781_664, 1], [142_644_024, 1], [152_884_264, 1],
                ]),
            Measured(
                profile: .go1_24, go: "1.24.11",
                rows: [
                    [11_603_560, 0], [23_156_096, 0], [35_856_160, 0], [46_260_160, 0], [56_500_192, 0],
                    [71_332_480, 0], [82_228_624, 0], [92_468_656, 0], [102_708_688, 0], [112_948_720, 0],
                    [124_092_976, 0], [134_333_648, 3], [145_394_288, 0], [154_322_576, 1],
                ]),
            Measured(
                profile: .go1_27, go: "1.27.3",
                rows: [
                    [11_609_784, 0], [23_162_288, 0], [35_780_368, 0], [46_266_352, 0], [56_506_384, 0],
                    [71_338_880, 0], [82_234_784, 0], [92_474_816, 0], [102_714_848, 0], [112_954_880, 0],
                    [124_344_992, 0], [136_559_040, 2], [145_241_392, 1], [155_481_896, 0],
                ]),
        ],
        note:
            "A limit of 128 MiB, and 10,000 values of 1,000 bytes more each step: no collection before the limit is near, "
            + "then several a step that free nothing, and the heap goes over the limit all the same. The report has a limit of "
            + "3 GiB: one cycle in 15 s while it is healthy, and hours at the most that the collector may take. Go's own "
            + "loop here allocates while the collector marks, so it sees fewer cycles. `husk scenario memory-limit` is the same "
            + "with work beside the leak."
    ) { (run) throws(ScenarioError) in
        let scenario = try run.scenario("map[int][]byte", shape: EntryShape(valueBytes: 1_000))
        if run.run.profile.hasMemoryLimit {
            scenario.heap.settings.gcPercent = nil
            scenario.heap.settings.memoryLimitBytes = 128 << 20
        }
        try scenario.make(hint: 0, seed: 1)
        let steps = 14
        for step in 0..<steps {
            let before = scenario.heap.cycleCount
            try scenario.insert(run.count * step / steps..<run.count * (step + 1) / steps)
            try run.row("step \(step + 1)", scenario.heapAlloc, scenario.heap.cycleCount - before)
        }
    }

    static let gogc300 = PublicCase(
        name: "gogc-300", title: "GOGC from 100 to 300 with a small live heap",
        source: "https://github.com/antonputra/tutorials/pull/265", count: 4_096,
        figures: [Figure(name: "cycles", tolerance: .share(0.1))],
        published: ["1,044 in 857,696 requests", "334 in 1,150,434 requests"],
        measured: [
            Measured(profile: .go1_19, go: "1.19.8", rows: [[90], [30]]),
            Measured(profile: .go1_23, go: "1.23.9", rows: [[92], [30]]),
            Measured(profile: .go1_24, go: "1.24.11", rows: [[93], [30]]),
            Measured(profile: .go1_27, go: "1.27.3", rows: [[92], [29]]),
        ],
        note:
            "4,096 values of 1,024 bytes, each overwritten 100 times. After each 256 the programme waits until the collector is "
            + "done, as a service does for requests: in a loop that never waits real Go has 19 to 30 cycles instead of 92, "
            + "because it allocates faster than the collector marks."
    ) { (run) throws(ScenarioError) in
        for percent in [100, 300] {
            let scenario = try run.scenario("map[int][]byte", shape: EntryShape(valueBytes: 1_024))
            scenario.heap.settings.gcPercent = percent
            try scenario.make(hint: 0, seed: 1)
            try scenario.insert(0..<run.count)
            try scenario.collect()
            let before = scenario.heap.cycleCount
            for _ in 0..<100 {
                for part in stride(from: 0, to: run.count, by: 256) {
                    try scenario.insert(part..<min(part + 256, run.count))
                    scenario.finishBackgroundWork()
                }
            }
            try run.row("GOGC=\(percent)", scenario.heap.cycleCount - before)
        }
    }

    static let utreexod195 = PublicCase(
        name: "utreexod-195", title: "A rebuild has a peak", source: "https://github.com/utreexo/utreexod/issues/195",
        count: 1_000_000, figures: [Figure(name: "HeapAlloc", unit: "B", tolerance: .share(0.003))],
        published: ["", "", "", "a spike of 60%"],
        measured: [
            Measured(
                profile: .go1_19, go: "1.19.8",
                rows: [
                    [40_149_088], [40_149_608], [40_108_104], [80_385_464], [40_149_088], [80_257_792], [40_110_056],
                ]),
            Measured(
                profile: .go1_23, go: "1.23.9",
                rows: [
                    [40_157_376], [40_157_896], [40_108_200], [80_420_248], [40_157_376], [80_266_096], [40_113_304],
                ]),
            Measured(
                profile: .go1_24, go: "1.24.11",
                rows: [
                    [37_832_752], [37_833_272], [37_832_752], [75_670_752], [37_838_096], [75_671_368], [37_838_096],
                ]),
            Measured(
                profile: .go1_27, go: "1.27.3",
                rows: [
                    [37_832_880], [37_833_368], [37_832_880], [75_670_952], [37_838_200], [75_671_424], [37_838_312],
                ]),
        ],
        note:
            "Until the next collection a full map that is rebuilt takes as much again, and so does one that is replaced by a "
            + "fresh one with the hint; an emptied one takes what its copy does, which is little."
    ) { (run) throws(ScenarioError) in
        let scenario = try run.scenario("map[int]int")
        try scenario.make(hint: run.count, seed: 1)
        try scenario.insert(0..<run.count)
        try scenario.collect()
        try run.row("filled, GC", scenario.heapAlloc)
        scenario.clear()
        try run.row("cleared", scenario.heapAlloc)
        try scenario.collect()
        try run.row("cleared, GC", scenario.heapAlloc)
        try scenario.insert(0..<run.count)
        try scenario.collect()
        try scenario.replaceWithCopy()
        try run.row("filled and copied", scenario.heapAlloc)
        try scenario.collect()
        try run.row("filled and copied, GC", scenario.heapAlloc)
        try scenario.make(hint: run.count, seed: 3)
        try run.row("a fresh map", scenario.heapAlloc)
        try scenario.collect()
        try run.row("a fresh map, GC", scenario.heapAlloc)
    }
}
