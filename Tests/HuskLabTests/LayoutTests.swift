import Foundation
import GoHeap
import GoMap
import HuskLab
import Testing

@Suite struct LayoutTests {
    private func replacement(_ layout: MapLayout?, _ shards: Int?, copy: Bool = true) -> Replacement {
        var replacement = Replacement()
        replacement.layout = layout
        replacement.shards = shards
        replacement.copy = copy
        return replacement
    }

    @Test(
        "A map switches layouts and shards with its entries, while other clients read, change, export and collect",
        arguments: ["map[int]int", "map[string][]byte"])
    func switchUnderChanges(type: String) async throws {
        let lab = try makeLab(type)
        var keys = range(150_000)
        keys.form.prefix = ""
        _ = try lab.insert(keys)
        let changes = Task.detached {
            for key in stride(from: 0, to: 150_000, by: 3) {
                #expect(lab.put("\(key)", "-1") == .updated)
                #expect(lab.delete("\(key + 1)") == .deleted)
                #expect(lab.put("\(key + 1_000_000)", "7") == .inserted)
                #expect(lab.get("\(key + 2)")?.hasPrefix("\(key + 2)") == true)
            }
        }
        let others = Task.detached {
            var lists = 0
            for _ in 0..<3 {
                _ = lab.collect()
                let iteration = lab.iterateEntries()
                var seen = Set<[UInt8]>()
                let reads: (Datum) -> [UInt8] = { key in
                    iteration.keyType == .string ? Array(key.bytes) : Array("\(key.word)".utf8)
                }
                while iteration.next({ key, _ in
                    #expect(seen.insert(reads(key)).inserted, "a key comes once")
                    return true
                }) {}
                // A third of the keys is there from beginning to end.
                #expect((2..<150_000).filter { $0 % 3 == 2 }.allSatisfy { seen.contains(Array("\($0)".utf8)) })
                lists += 1
            }
            return lists
        }
        let kinds: [(MapLayout?, Int?)] = [
            (.swiss, nil), (nil, 64), (.bucket, nil), (.swiss, 1), (.bucket, 4096), (.swiss, 2), (.bucket, 16),
            (.swiss, 512),
        ]
        for (layout, shards) in kinds {
            let before = lab.report()
            let after = try lab.replace(with: replacement(layout, shards)).result.report
            #expect(after.statistics.layout == layout ?? before.statistics.layout)
            #expect(after.shards == shards ?? before.shards)
        }
        await changes.value
        #expect(await others.value == 3)
        #expect(lab.count == 150_000)
        for key in stride(from: 0, to: 150_000, by: 3) {
            #expect(lab.get("\(key)") == "-1")
            #expect(lab.get("\(key + 1)") == nil)
            #expect(lab.get("\(key + 2)")?.hasPrefix("\(key + 2)") == true)
            #expect(lab.get("\(key + 1_000_000)") == "7")
        }
        _ = lab.setNil()
        #expect(lab.collect().after.heapObjects == 0, "the shards' table is gone too")
    }

    @Test("The first map has the layout of its Go, unless one is asked for")
    func layoutAtStart() throws {
        for profile in GoProfile.allCases {
            var configuration = Lab.Configuration()
            configuration.settings = LabSettings(profile: profile)
            #expect(try Lab(configuration).report().statistics.layout == profile.mapLayout)
            configuration.layout = .bucket
            #expect(try Lab(configuration).report().statistics.layout == .bucket)
        }
        let lab = try makeLab("map[int]int", hint: 1000, layout: .swiss, shards: 8)
        let report = lab.report()
        #expect(report.shards == 8 && report.hint == 1000 && report.statistics.swiss?.tables == 8)
    }

    @Test("Another Go brings its layout and keeps the shards; a fresh map keeps both")
    func profileBringsLayout() throws {
        let lab = try makeLab("map[int]int", shards: 4)
        var change = SettingsChange()
        change.profile = .go1_24
        _ = try lab.change(change)
        #expect(lab.report().statistics.layout == .swiss && lab.report().shards == 4)
        _ = try lab.insert(range(1000))
        _ = try lab.replace(with: replacement(.bucket, nil))
        #expect(lab.report().statistics.layout == .bucket && lab.count == 1000)
        // The same Go again starts nothing over, and what a replacement leaves out stays.
        _ = try lab.change(change)
        _ = try lab.replace(with: Replacement())
        #expect(lab.report().statistics.layout == .bucket && lab.report().shards == 4 && lab.count == 0)
        change.profile = .go1_27
        _ = try lab.change(change)
        #expect(lab.report().statistics.layout == .swiss)
    }

    @Test("A nil map keeps its layout and shards, and a fresh one after it has them")
    func nilKeepsShards() throws {
        let lab = try makeLab("map[int]int", layout: .swiss, shards: 16)
        _ = try lab.insert(range(100))
        _ = lab.setNil()
        let report = lab.report()
        #expect(report.statistics.isNil && report.shards == 16 && report.statistics.layout == .swiss)
        #expect(report.statistics.slots == 0 && lab.put("1", "1") == .mapIsNil && lab.get("1") == nil)
        _ = try lab.replace(with: Replacement())
        #expect(lab.report().shards == 16 && lab.put("1", "1") == .inserted)
    }

    @Test("With shards inserts and copies stop at the memory limit as well", arguments: MapLayout.allCases)
    func memoryLimit(layout: MapLayout) throws {
        let lab = try makeLab("map[int][128]byte", layout: layout, shards: 256, maxMemoryBytes: 64 << 20)
        let failure = #expect(throws: RangeFailure.self) { try lab.insert(range(10_000_000)) }
        guard case .noRoom = failure?.error else {
            Issue.record("not refused: \(String(describing: failure))")
            return
        }
        let count = failure!.result.inserted
        #expect(count > 100_000 && lab.count == count)
        #expect(lab.sample().heapInuse <= 64 << 20)
        // There is no room for two of it.
        #expect(throws: LabError.self) { try lab.replace(with: replacement(nil, 4096)) }
        #expect(lab.report().shards == 256 && lab.count == count)
        #expect(lab.sample().heapInuse <= 64 << 20)
        _ = try lab.replace(with: replacement(nil, 64, copy: false))
        #expect(try lab.insert(range(100_000)).result.inserted == 100_000)
        #expect(lab.report().shards == 64 && lab.get("99999") != nil)
    }
}
