import Foundation
import GoHeap
import GoMap
import HuskLab
import Testing

/// What takes the map away from an operation that is under way.
@Suite("Operations while the map is exchanged under them")
struct ExchangeTests {
    private func replacement(copy: Bool = false) -> Replacement {
        var replacement = Replacement()
        replacement.copy = copy
        return replacement
    }

    private func another(_ profile: GoProfile) -> SettingsChange {
        var change = SettingsChange()
        change.profile = profile
        return change
    }

    /// Every way to take the map away, its entries with it.
    enum Exchange: CaseIterable { case setNil, fresh, anotherGo }

    private func exchange(_ lab: Lab, _ exchange: Exchange) throws {
        switch exchange {
        case .setNil: _ = lab.setNil()
        case .fresh: _ = try lab.replace(with: replacement())
        case .anotherGo: _ = try lab.change(another(.go1_24))
        }
    }

    @Test(
        "A range ends when the map is taken away, and says what it had done", arguments: Exchange.allCases,
        [true, false])
    func range(_ exchange: Exchange, inserts: Bool) throws {
        let lab = try makeLab("map[int]int")
        var slices = 0
        let failure = #expect(throws: RangeFailure.self) {
            let isCancelled = {
                slices += 1
                if slices == 3 { try? self.exchange(lab, exchange) }
                return false
            }
            let keys = HuskLabTests.range(50_000_000)
            _ =
                inserts
                ? try lab.insert(keys, isCancelled: isCancelled)
                : try lab.delete(keys, isCancelled: isCancelled)
        }
        #expect(
            failure?.error == .mapReplaced(from: "map[int]int", to: exchange == .setNil ? nil : "map[int]int")
        )
        #expect(slices == 3 && lab.count == 0)
        #expect(inserts ? failure!.result.inserted > 0 : failure!.result.missing > 0)
    }

    @Test(
        "A range goes on over a copy that takes the map's place, and over a map that is cleared",
        arguments: [true, false])
    func rangeGoesOn(clears: Bool) throws {
        let lab = try makeLab("map[int]int")
        var slices = 0
        let result = try lab.insert(HuskLabTests.range(300_000)) {
            slices += 1
            if clears, slices == 2 { _ = lab.clear() }
            if !clears { _ = try? lab.replace(with: replacement(copy: true)) }
            return false
        }.result
        #expect(slices > 2 && result.inserted == 300_000)
        #expect(clears ? lab.count < 300_000 && lab.count > 0 : lab.count == 300_000)
    }

    @Test(
        "A copy does not keep others waiting who take the map away, and ends", arguments: Exchange.allCases,
        [1, 16])
    func copyEnds(_ exchange: Exchange, shards: Int) throws {
        let lab = try makeLab("map[string][]byte", shards: shards)
        _ = try lab.insert(HuskLabTests.range(100_000))
        var slices = 0
        let failure = #expect(throws: LabError.self) {
            // Called by the copying thread: whoever waited for the copy would wait for ever.
            _ = try lab.replace(with: replacement(copy: true)) {
                slices += 1
                if slices == 2 {
                    try? self.exchange(lab, exchange)
                    _ = try? lab.insert(HuskLabTests.range(10))
                }
                return false
            }
        }
        #expect(
            failure
                == .mapReplaced(
                    from: "map[string][]byte", to: exchange == .setNil ? nil : "map[string][]byte"))
        #expect(lab.count == (exchange == .setNil ? 0 : 10))
        #expect(lab.report().statistics.isNil == (exchange == .setNil))
        // Nothing of the copy is left.
        _ = lab.setNil()
        #expect(lab.collect().after.heapObjects == 0)
    }

    @Test("A clear while a map is copied empties the copy too", arguments: MapLayout.allCases, [1, 16])
    func clearWhileCopying(layout: MapLayout, shards: Int) throws {
        let lab = try makeLab("map[int]int", layout: layout, shards: shards)
        _ = try lab.insert(HuskLabTests.range(100_000))
        var slices = 0
        _ = try lab.replace(with: replacement(copy: true)) {
            slices += 1
            if slices == 2 {
                #expect(lab.clear().result == 100_000)
                _ = try? lab.insert(HuskLabTests.range(5, from: 1_000_000))
            }
            return false
        }
        #expect(slices >= 2 && lab.count == 5)
        #expect(lab.get("1000004") == "1000004" && lab.get("99999") == nil)
    }

    @Test("An import goes on only into the map that its first entries went into")
    func importEnds() throws {
        let lab = try makeLab("map[int]int")
        let map = lab.currentMap()
        #expect(try lab.insert([Entry(key: .integer(1), value: .integer(1))], into: map) == (1, 0))
        _ = try lab.replace(with: replacement(copy: true))
        #expect(try lab.insert([Entry(key: .integer(1), value: .integer(2))], into: map) == (0, 1))
        _ = try lab.replace(with: replacement())
        let failure = #expect(throws: EntryFailure.self) {
            try lab.insert([Entry(key: .integer(3), value: .integer(3))], into: map)
        }
        #expect(failure?.error == .mapReplaced(from: "map[int]int", to: "map[int]int"))
        #expect(lab.count == 0)
    }

    @Test("Ranges, copies, clears, nils and other Gos at the same time leave a whole map")
    func allAtOnce() async throws {
        let lab = try makeLab("map[string][]byte", shards: 4)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<2 {
                group.addTask {
                    for round in 0..<30 {
                        _ = try? lab.insert(HuskLabTests.range(20_000, from: thread * 10_000 + round))
                        _ = try? lab.delete(HuskLabTests.range(5_000, from: round * 100))
                    }
                }
            }
            group.addTask {
                for round in 0..<40 {
                    var replacement = self.replacement(copy: true)
                    replacement.layout = round % 2 == 0 ? .swiss : .bucket
                    replacement.shards = 1 << (round % 5)
                    _ = try? lab.replace(with: replacement)
                }
            }
            group.addTask {
                for round in 0..<40 {
                    usleep(3_000)
                    switch round % 4 {
                    case 0: _ = lab.clear()
                    case 1: _ = lab.setNil()
                    case 2: _ = try? lab.change(self.another(round % 8 == 2 ? .go1_24 : .go1_23))
                    default: break
                    }
                    _ = try? lab.replace(with: self.replacement())
                }
            }
        }
        _ = try lab.replace(with: replacement())
        _ = lab.collect()
        #expect(try lab.insert(HuskLabTests.range(1_000)).result.inserted == 1_000)
        #expect(lab.count == 1_000 && lab.get("k999") != nil)
        _ = lab.setNil()
        #expect(lab.collect().after.heapObjects == 0)
    }
}
