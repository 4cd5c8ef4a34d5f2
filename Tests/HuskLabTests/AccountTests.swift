import Foundation
import GoHeap
import GoMap
import HuskLab
import Synchronization
import Testing

/// A state that a map can be in, and how it comes to it.
enum FillState: String, CaseIterable {
    case full, mostDeleted, fragmented, emptied, cleared, overwritten, collected, growing

    func reach(_ lab: Lab, _ count: Int) throws {
        var kept = range(count)
        kept.form.valueBytes = 40
        switch self {
        case .full: _ = try lab.insert(kept)
        case .mostDeleted:
            _ = try lab.insert(kept)
            _ = try lab.delete(range(count / 10 * 9))
        case .fragmented:
            kept.distribution = .shuffled
            kept.seed = 3
            _ = try lab.insert(kept)
            _ = try lab.delete(range(count / 20 * 19))
            _ = lab.collect()
        case .emptied:
            _ = try lab.insert(kept)
            _ = try lab.delete(range(count))
        case .cleared:
            _ = try lab.insert(kept)
            _ = lab.clear()
        case .overwritten:
            _ = try lab.insert(kept)
            kept.form.valueBytes = 90
            _ = try lab.insert(kept)
            _ = try lab.delete(range(count / 2))
        case .collected:
            _ = try lab.insert(kept)
            _ = try lab.delete(range(count / 10 * 9))
            _ = lab.collect()
        case .growing:
            // The next doubling has begun, and is far from done.
            kept.count = 13 * 1024 + 50
            _ = try lab.insert(kept)
        }
    }
}

/// A lab of a type, Go and layout, with a map in a state.
struct LabCase: CustomStringConvertible {
    var type: String
    var profile: GoProfile
    var layout: MapLayout
    var state: FillState

    static let types = [
        "map[int]int", "map[int32]struct{}", "map[string]string", "map[string][]byte", "map[int]*[64]byte",
        "map[int]*string", "map[int][640]byte", "map[[200]byte]int",
    ]

    static let all: [LabCase] = types.flatMap { type in
        [(GoProfile.go1_10, MapLayout.bucket), (.go1_23, .bucket), (.go1_24, .swiss), (.go1_27, .swiss)].flatMap {
            profile, layout in
            FillState.allCases.map { LabCase(type: type, profile: profile, layout: layout, state: $0) }
        }
    }

    var description: String { "\(type), Go \(profile.rawValue), \(layout.rawValue), \(state.rawValue)" }

    func make(count: Int) throws -> Lab {
        var configuration = Lab.Configuration()
        configuration.type = try MapTypeName(parsing: type)
        configuration.settings = LabSettings(profile: profile)
        configuration.settings.runtime.scavenger = .off
        configuration.layout = layout
        configuration.seed = 42
        let lab = try Lab(configuration)
        try state.reach(lab, count)
        // A collection that the filling has started ends first.
        _ = eventually { (try? lab.account().isCollecting) == false }
        return lab
    }
}

extension MemoryAccount {
    func expectSums(_ stats: MemStats, _ sample: some CustomStringConvertible) {
        let parts = [
            map, keysAndValues, retained, otherLive, unsweptGarbage, unmarkedGarbage, freeSlots, tails, idle, released,
        ]
        #expect(parts.allSatisfy { $0 >= 0 }, "\(sample): \(parts)")
        #expect(parts.reduce(0, +) == heapSys, "\(sample): \(parts) are not \(heapSys)")
        #expect(UInt64(heapSys) == stats.heapSys, "\(sample)")
        #expect(
            residentInSpans + residentIdle + residentReleased + tables.total + restOfProcess == resident, "\(sample)")
    }
}

@Suite("Where every byte is") struct AccountTests {
    @Test(
        "All parts add up to HeapSys and to RSS, and a collection frees just what is said to be garbage",
        arguments: LabCase.all)
    func sums(_ sample: LabCase) throws {
        let lab = try sample.make(count: 20_000)
        let account = try lab.account()
        account.expectSums(lab.readMemStats(), sample)
        #expect(account.isExact)
        let after = lab.collect().after
        #expect(account.heapAlloc - account.garbage == Int(after.heapAlloc), "\(sample)")
        #expect(
            account.forecasts.first { $0.remedy == .gc }?.heapInuse == Int(after.heapInuse), "\(sample)")
        let second = try lab.account()
        second.expectSums(lab.readMemStats(), sample)
        #expect(second.garbage == 0 && second.heapAlloc == Int(after.heapAlloc), "\(sample)")
        let report = lab.report().statistics
        #expect(second.map + second.retained == report.bytes.total && second.retained == report.retainedBytes)
        #expect(second.otherLive == 0, "\(sample)")
    }

    @Test("What entries lead to is counted once, tiny blocks too, and nothing for a nil map")
    func leads() throws {
        let lab = try makeLab("map[string][]byte")
        var wanted = range(5_000)
        wanted.form.valueBytes = 100
        _ = try lab.insert(wanted)
        _ = lab.collect()
        let account = try lab.account()
        // 5,000 values of 112 bytes; keys of 1 to 4 bytes share blocks of 16.
        #expect(account.keysAndValues >= 5_000 * 112 && account.keysAndValues <= 5_000 * (112 + 8))
        _ = lab.setNil()
        _ = lab.collect()
        let empty = try lab.account()
        #expect(empty.entries == 0 && empty.retained == 0 && empty.garbage == 0)
        empty.expectSums(lab.readMemStats(), "nil")
        #expect(empty.advice.remedy != .copy)
    }

    @Test("An export that goes on over a map that was replaced is live, and said to be something else than entries")
    func otherLive() throws {
        let lab = try makeLab("map[int]int", hint: 100_000)
        _ = try lab.insert(range(100_000))
        let iteration = lab.iterateEntries()
        _ = lab.setNil()
        let account = try lab.account()
        #expect(account.otherLive > 2_000_000 && account.entries == 0)
        account.expectSums(lab.readMemStats(), "export")
        withExtendedLifetime(iteration) {}
    }

    @Test("Spans with few objects are told by size class: 95% freed at random, and a rebuild does not cure that")
    func sparse() throws {
        let lab = try makeLab("map[int][]byte")
        var values = range(400_000, from: 0, .shuffled)
        values.seed = 3
        values.form.valueBytes = 200
        _ = try lab.insert(values)
        _ = try lab.delete(range(388_000))
        _ = try lab.apply(Remedy(.copy))
        let account = try lab.account()
        let ofValues = try #require(account.classes.first { $0.objectBytes == 208 })
        #expect(ofValues.allocatedBytes == 12_000 * 208)
        #expect(ofValues.sparseSpanCount > ofValues.spanCount / 2)
        #expect(account.freeSlots > account.heapAlloc * 4 && account.sparse.waste > account.heapAlloc * 2, "\(account)")
        #expect(account.advice.text.contains("less than 5% full"), "\(account.advice.text)")
        #expect(account.sparse.waste <= account.waste)
    }

    @Test("While other clients write, the sums hold, and it is said that figures are not of one moment")
    func whileOthersWrite() throws {
        let lab = try makeLab("map[string]string")
        _ = try lab.insert(range(200_000))
        let isOver = Atomic(false)
        let rounds = Atomic(0)
        let writer = Thread {
            while !isOver.load(ordering: .relaxed) {
                var more = range(20_000, from: rounds.load(ordering: .relaxed) * 20_000)
                more.form.valueBytes = 50
                _ = try? lab.insert(more)
                _ = try? lab.delete(more)
                rounds.add(1, ordering: .relaxed)
            }
        }
        writer.start()
        #expect(eventually { rounds.load(ordering: .relaxed) > 0 })
        var exact = 0
        for _ in 0..<10 {
            let account = try lab.account()
            let parts = [
                account.entries, account.retained, account.otherLive, account.garbage, account.waste, account.idle,
                account.released,
            ]
            #expect(parts.allSatisfy { $0 >= 0 } && parts.reduce(0, +) == account.heapSys)
            if account.isExact { exact += 1 }
        }
        isOver.store(true, ordering: .relaxed)
        #expect(eventually { writer.isFinished })
        #expect(exact < 10)
        _ = lab.collect()
        #expect(try lab.account().isExact)
    }

    @Test("Cancelled it ends, and a heap without room can be looked at")
    func ends() throws {
        let lab = try makeLab("map[int]int", maxMemoryBytes: 32 << 20)
        #expect(throws: LabError.cancelled) { try lab.account(isCancelled: { true }) }
        _ = try? lab.insert(range(10_000_000))
        let account = try lab.account()
        account.expectSums(lab.readMemStats(), "full")
        #expect(account.entries > 8 << 20)
    }

    @Test("With madvise free, what was given back and is still resident is told")
    func lazyFree() throws {
        let lab = try makeLab("map[int]int")
        var change = SettingsChange()
        change.madvise = .free
        _ = try lab.change(change)
        _ = try lab.insert(range(200_000))
        _ = lab.setNil()
        _ = lab.freeOSMemory()
        let account = try lab.account()
        let lazy = try #require(account.lazyFree)
        // Other tests' heaps are in the same process.
        #expect(lazy >= 0 && account.residentReleased > 4 << 20 || lazy == 0)
        #expect(account.forecasts.allSatisfy { $0.residentAfterRelease == nil })
    }
}
