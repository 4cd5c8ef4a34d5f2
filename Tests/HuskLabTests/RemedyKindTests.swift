import Foundation
import GoHeap
import GoMap
import HuskLab
import TestSupport
import Testing

/// `#expect` for what comes millions of times, at a thousandth of its cost.
private func require(_ holds: Bool, line: Int = #line) {
    if !holds { Issue.record("line \(line): the map is not as the model") }
}

/// A lab, and what its map should have.
private final class ModelLab {
    let lab: Lab
    private let isText: Bool
    /// Of a map with one generation all are young.
    private(set) var young: [Int: String] = [:]
    private(set) var old: [Int: String] = [:]
    var isGenerational = false
    private(set) var misses = 0

    init(_ type: String, layout: MapLayout, shards: Int = 1) throws {
        lab = try makeLab(type, layout: layout, shards: shards)
        isText = type.hasPrefix("map[string]")
    }

    /// In an order that the seed gives.
    private(set) var keys: [Int] = []

    private func text(_ key: Int) -> String { isText ? "k\(key)" : "\(key)" }

    func put(_ key: Int, _ value: Int) {
        let outcome = lab.put(text(key), "\(value)")
        let isNew = young[key] == nil && old[key] == nil
        require(outcome == (isNew ? .inserted : .updated))
        if isNew { keys.append(key) }
        old[key] = nil
        young[key] = "\(value)"
    }

    func deleteKey(at index: Int) {
        keys.swapAt(index, keys.count - 1)
        delete(keys.removeLast())
    }

    private func delete(_ key: Int) {
        let wasThere = young.removeValue(forKey: key) != nil || old.removeValue(forKey: key) != nil
        require(lab.delete(text(key)) == (wasThere ? .deleted : .missing))
    }

    /// Reads a key, and loads it when it is not there, as a cache does.
    func readOrLoad(_ key: Int) {
        let value = lab.get(text(key))
        require(value == young[key] ?? old[key])
        if isGenerational, let value = old.removeValue(forKey: key) { young[key] = value }
        if value == nil {
            misses += 1
            put(key, key)
        }
    }

    func drop() { (young, old, keys) = ([:], [:], []) }
    func rotate() {
        (young, old) = ([:], young)
        keys = keys.filter { old[$0] != nil }
    }

    /// Compares all of it, without reading a key, which would make it young.
    func compare() {
        var seen: [String: String] = [:]
        let iteration = lab.iterateEntries()
        let keyType = iteration.keyType
        let valueType = iteration.valueType
        func string(_ datum: Datum, _ type: GoType) -> String {
            type == .string || type == .bytes
                ? String(decoding: datum.bytes, as: UTF8.self) : "\(Int(bitPattern: UInt(datum.word)))"
        }
        while iteration.next({ key, value in
            seen[string(key, keyType)] = string(value, valueType)
            return true
        }) {}
        let expected = young.merging(old) { _, _ in fatalError("a key is in one generation") }
        #expect(seen == Dictionary(uniqueKeysWithValues: expected.map { (text($0), $1) }))
        #expect(lab.count == expected.count)
        lab.checkInvariants()
    }
}

@Suite("Each kind of remedy") struct RemedyKindTests {
    private static let types = ["map[int]int", "map[string][]byte", "map[int32]*int64", "map[string]string"]

    /// 200 rounds of a cache in which a fifth of the keys is replaced: with drift, so that the map retains.
    @Test(
        "After every round of a changing cache the map has what a Dictionary has, but for what the remedy is meant to drop",
        arguments: Remedy.Kind.allCases, MapLayout.allCases)
    func contents(kind: Remedy.Kind, layout: MapLayout) throws {
        for type in Self.types {
            print("\(kind.rawValue), \(type): HUSK_TEST_SEED=\(testSeed)")
            var random = SeededGenerator()
            var remedy = Remedy(kind)
            remedy.shards = 8
            remedy.entriesPerOperation = 3
            let model = try ModelLab(type, layout: layout)
            for key in 0..<300 { model.put(key, key) }
            try model.lab.prepare(for: remedy)
            model.isGenerational = kind == .twoGenerations
            let when = kind == .incrementalCopy ? "everyRounds=1" : "everyRounds=7,loadBelow=1"
            var policy = try RemedyPolicy(parsing: "\(kind.rawValue),\(when)")
            policy.does = remedy
            var watch = PolicyWatch(policy, model.lab)
            var next = 300
            for round in 1...200 {
                for _ in 0..<60 {
                    if !model.keys.isEmpty { model.deleteKey(at: random.below(model.keys.count)) }
                    model.put(next, round)
                    next += 1
                    if let key = model.keys.randomElement(using: &random) { model.readOrLoad(key) }
                    // Some are gone: those load again.
                    model.readOrLoad(max(0, next - 1 - random.below(200)))
                }
                // In the course of years few are left.
                if round % 50 == 0 {
                    while model.keys.count > 60 { model.deleteKey(at: random.below(model.keys.count)) }
                }
                let isDue = watch.isDue(model.lab, round: round)
                if isDue {
                    _ = try model.lab.apply(remedy)
                    watch.didApply(model.lab, round: round)
                    switch kind {
                    case .clear, .replace: model.drop()
                    case .twoGenerations: model.rotate()
                    default: break
                    }
                }
                if round % 10 == 0 || isDue { model.compare() }
            }
            model.compare()
            _ = model.lab.settleMigrations()
            let runs = model.lab.remedyTotals(by: "workload")[kind]?.runs ?? 0
            if kind == .none { #expect(runs == 0) } else { #expect(runs >= 5, "\(kind): \(runs)") }
            _ = model.lab.setNil()
            _ = model.lab.collect()
            #expect(model.lab.collect().after.heapObjects == 0, "what it left is garbage, and freed")
        }
    }

    /// What takes the map away from a remedy, or looks at it, meanwhile.
    enum Event: CaseIterable { case setNil, fresh, anotherGo, clear, export, picture, copy, collect }

    /// - Returns: how many entries there must be, if that is known.
    private func perform(_ event: Event, _ lab: Lab) throws -> Int? {
        switch event {
        case .setNil: _ = lab.setNil()
        case .fresh: _ = try lab.replace(with: Replacement())
        case .anotherGo:
            var change = SettingsChange()
            change.profile = .go1_24
            _ = try lab.change(change)
        case .clear: _ = lab.clear()
        case .export:
            let iteration = lab.iterateEntries()
            var count = 0
            while iteration.next({ _, _ in
                count += 1
                return true
            }) {}
            return count
        case .picture:
            _ = try lab.picture()
            return nil
        case .copy:
            var replacement = Replacement()
            replacement.copy = true
            _ = try lab.replace(with: replacement)
            return nil
        case .collect:
            _ = lab.collect()
            return nil
        }
        return 0
    }

    @Test(
        "Whatever happens to the map while operations move it, it has what it should, and nothing is left over",
        arguments: Event.allCases, MapLayout.allCases)
    func migrationInterrupted(event: Event, layout: MapLayout) throws {
        for shards in [1, 8] {
            let lab = try makeLab("map[string]string", layout: layout, shards: shards)
            _ = try lab.insert(range(20_000))
            _ = try lab.delete(range(10_000))
            var remedy = Remedy(.incrementalCopy)
            remedy.entriesPerOperation = 4
            _ = try lab.apply(remedy, by: "test")
            #expect(lab.isMigrating && lab.remedyTotals(by: "test").isEmpty)
            for key in 10_000..<11_000 { require(lab.put("k\(key)", "new") == .updated) }
            #expect(lab.isMigrating, "a thousand changes move four thousand entries")
            let count = try perform(event, lab)
            if let count { #expect(event == .export ? count == 10_000 : lab.count == count) }
            if event != .setNil {
                for key in 30_000..<34_000 { require(lab.put("k\(key)", "more") == .inserted) }
            }
            #expect(!lab.isMigrating)
            lab.checkInvariants()
            let isEmptied = count == 0
            #expect(lab.count == (event == .setNil ? 0 : isEmptied ? 4_000 : 14_000))
            #expect(lab.get("k10999") == (isEmptied ? nil : "new"))
            #expect(lab.get("k19999")?.hasPrefix("19999") ?? false == !isEmptied)
            _ = lab.settleMigrations()
            _ = lab.setNil()
            _ = lab.collect()
            #expect(lab.collect().after.heapObjects == 0)
        }
    }

    @Test("A migration moves so many entries with each change, then the copy is the map, and is counted")
    func migration() throws {
        let lab = try makeLab("map[int]int")
        _ = try lab.insert(range(100_000))
        _ = try lab.delete(range(90_000))
        let before = lab.collect().after
        let identity = lab.currentMap()
        var remedy = Remedy(.incrementalCopy)
        remedy.entriesPerOperation = 10
        _ = try lab.apply(remedy, by: "test")
        var changes = 0
        while lab.isMigrating {
            require(lab.put("90000", "\(changes)") == .updated)
            changes += 1
        }
        #expect((1_000...1_002).contains(changes), "ten thousand entries, ten at a time")
        #expect(lab.report().statistics.retainedBytes == 0 && lab.report().hint == 10_000 && lab.count == 10_000)
        #expect(
            eventually {
                _ = lab.settleMigrations()
                return lab.remedyTotals(by: "test")[.incrementalCopy]?.runs == 1
            })
        let totals = lab.remedyTotals(by: "test")[.incrementalCopy]!
        #expect(totals.freedBytes > 2 << 20 && lab.collect().after.heapAlloc + totals.freedBytes <= before.heapAlloc)
        #expect(
            try lab.insert([Entry(key: .integer(1), value: .integer(1))], into: identity) == (1, 0),
            "it is the same map")
        // Nothing to gain: nothing begins.
        _ = try lab.apply(remedy, by: "test")
        #expect(!lab.isMigrating)
    }

    @Test("Ranges that are under way go on when the map is moved under them", arguments: [1, 16], [true, false])
    func rangesGoOn(shards: Int, inserts: Bool) throws {
        let lab = try makeLab("map[string][]byte", shards: shards)
        _ = try lab.insert(range(200_000))
        _ = try lab.delete(range(100_000))
        var slices = 0
        var begun = 0
        let work: () -> Bool = {
            slices += 1
            if slices % 2 == 0, !lab.isMigrating, (try? lab.apply(Remedy(.incrementalCopy))) != nil { begun += 1 }
            return false
        }
        if inserts {
            #expect(try lab.insert(range(150_000), isCancelled: work).result.inserted == 100_000)
        } else {
            #expect(try lab.delete(range(150_000), isCancelled: work).result.deleted == 50_000)
        }
        #expect(begun > 0)
        #expect(lab.count == (inserts ? 200_000 : 50_000))
        lab.checkInvariants()
    }

    @Test(
        "While the shards are copied one at a time, all that it takes is a twentieth of the map",
        arguments: MapLayout.allCases)
    func peakOfShards(layout: MapLayout) throws {
        let lab = try makeLab("map[int]int", layout: layout, shards: 64)
        // As full as can be, and retaining a little in each shard: nothing to be had from the first ones for the next.
        _ = try lab.insert(range(900_000, .shuffled))
        _ = try lab.delete(range(60_000))
        _ = try lab.insert(range(60_000, from: 2_000_000))
        _ = lab.collect()
        let before = lab.collect().after
        let mapBytes = lab.report().statistics.bytes.total
        var peak: UInt64 = 0
        _ = try lab.apply(Remedy(.shards)) {
            peak = max(peak, lab.sample().heapAlloc)
            return false
        }
        #expect(peak > before.heapAlloc)
        #expect(peak <= before.heapAlloc + UInt64(mapBytes / 20), "\(peak - before.heapAlloc) of \(mapBytes)")
        #expect(lab.count == 900_000 && lab.report().statistics.bytes.total <= mapBytes)
    }

    @Test(
        "Remedies go on beside clients that write, and lose nothing",
        arguments: [Remedy.Kind.copy, .incrementalCopy, .shards, .swiss])
    func besideWriters(kind: Remedy.Kind) async throws {
        let lab = try makeLab("map[string][]byte")
        var remedy = Remedy(kind)
        remedy.shards = 16
        _ = try lab.insert(range(60_000))
        try lab.prepare(for: remedy)
        let writers = Task.detached {
            for key in stride(from: 0, to: 60_000, by: 3) {
                require(lab.put("k\(key)", "-1") == .updated)
                require(lab.delete("k\(key + 1)") == .deleted)
                require(lab.put("k\(key + 1_000_000)", "7") == .inserted)
            }
        }
        for _ in 0..<12 { _ = try lab.apply(remedy) }
        await writers.value
        _ = try lab.apply(remedy)
        #expect(lab.count == 60_000)
        for key in stride(from: 0, to: 60_000, by: 3) {
            require(lab.get("k\(key)") == "-1" && lab.get("k\(key + 1)") == nil)
            require(lab.get("k\(key + 2)")?.hasPrefix("\(key + 2)") == true && lab.get("k\(key + 1_000_000)") == "7")
        }
        lab.checkInvariants()
    }

    @Test(
        "A remedy for which there is no room says so, and the map stays as it was",
        arguments: [Remedy.Kind.copy, .incrementalCopy, .shards, .twoGenerations])
    func noRoom(kind: Remedy.Kind) throws {
        let lab = try makeLab("map[int][128]byte", hint: 200_000, maxMemoryBytes: 48 << 20)
        _ = try lab.insert(range(90_000))
        let error = #expect(throws: LabError.self) { _ = try lab.apply(Remedy(kind)) }
        guard case .noRoom = error else {
            Issue.record("not refused: \(String(describing: error))")
            return
        }
        #expect(lab.count == 90_000 && lab.report().hint == 200_000 && lab.report().shards == 1 && !lab.isMigrating)
        #expect(lab.get("89999")?.hasPrefix("89999") == true)
        lab.checkInvariants()
    }

    @Test("A migration that finds no room any more is given up, and says so")
    func migrationWithoutRoom() throws {
        let lab = try makeLab("map[int][128]byte", maxMemoryBytes: 64 << 20)
        _ = try lab.insert(range(120_000))
        _ = try lab.delete(range(100_000))
        _ = try lab.apply(Remedy(.incrementalCopy), by: "test")
        #expect(lab.isMigrating)
        let failure = #expect(throws: RangeFailure.self) { _ = try lab.insert(range(10_000_000, from: 1_000_000)) }
        guard case .noRoom = failure?.error else {
            Issue.record("not refused: \(String(describing: failure))")
            return
        }
        #expect(lab.count == 20_000 + failure!.result.inserted && lab.get("119999") != nil)
        #expect(lab.sample().heapInuse <= 64 << 20)
        lab.checkInvariants()
    }

    @Test("A nil map stays nil, whatever is applied; it cannot be prepared", arguments: Remedy.Kind.allCases)
    func nilMap(kind: Remedy.Kind) throws {
        let lab = try makeLab("map[int]int")
        _ = lab.setNil()
        _ = try lab.apply(Remedy(kind))
        #expect(lab.report().statistics.isNil && lab.report().shards == 1 && lab.report().generations == 1)
        guard kind == .shards || kind == .twoGenerations else { return }
        #expect(throws: LabError.mapIsNil) { try lab.prepare(for: Remedy(kind)) }
    }

    @Test("Several shards have no generations; two generations are copied into shards, and back into one map")
    func shardsAndGenerations() throws {
        let lab = try makeLab("map[int]int", shards: 4)
        _ = try lab.insert(range(1_000))
        #expect(throws: LabError.shardsHaveNoGenerations(shards: 4)) { try lab.prepare(for: Remedy(.twoGenerations)) }
        #expect(throws: LabError.shardsHaveNoGenerations(shards: 4)) { _ = try lab.apply(Remedy(.twoGenerations)) }
        #expect(lab.count == 1_000 && lab.report().shards == 4)
        var replacement = Replacement()
        replacement.shards = 1
        replacement.copy = true
        _ = try lab.replace(with: replacement)
        #expect(try lab.prepare(for: Remedy(.twoGenerations)))
        #expect(try !lab.prepare(for: Remedy(.twoGenerations)), "it has them")
        #expect(lab.report().generations == 2 && lab.count == 1_000)
        _ = try lab.apply(Remedy(.twoGenerations))
        #expect(lab.get("7") == "7")
        _ = try lab.replace(with: replacement)
        #expect(lab.report().generations == 2 && lab.count == 1_000, "what is left out stays")
        _ = lab.setNil()
        _ = try lab.replace(with: Replacement())
        #expect(lab.report().generations == 2)
        #expect(try lab.prepare(for: Remedy(.shards)))
        #expect(lab.report().generations == 1 && lab.report().shards == 64)
    }

    @Test("What nobody reads is gone after two rotations; what is read stays, and the old map's memory comes back")
    func rotation() throws {
        let lab = try makeLab("map[string][]byte")
        _ = try lab.insert(range(50_000))
        let remedy = Remedy(.twoGenerations)
        try lab.prepare(for: remedy)
        _ = try lab.apply(remedy)
        #expect(lab.count == 50_000)
        for key in 0..<100 { require(lab.get("k\(key)") != nil) }
        let measured = try lab.apply(remedy)
        #expect(lab.count == 100 && lab.get("k99") != nil && lab.get("k100") == nil)
        #expect(measured.before.heapAlloc - measured.after.heapAlloc > 4 << 20)
        #expect(measured.after.heapAlloc < 256 << 10)
    }

    @Test("A read that would move an entry over the limit leaves it where it is")
    func readsAtTheLimit() throws {
        let lab = try makeLab("map[int][128]byte", maxMemoryBytes: 64 << 20)
        let remedy = Remedy(.twoGenerations)
        try lab.prepare(for: remedy)
        _ = try lab.insert(range(80_000))
        _ = try lab.apply(remedy)
        for _ in 0..<2 {
            for key in 0..<80_000 { require(lab.get("\(key)")?.hasPrefix("\(key)") == true) }
        }
        #expect(lab.sample().heapInuse <= 64 << 20 && lab.count == 80_000)
        lab.checkInvariants()
    }

    @Test("Emptying remedies let ranges and imports go on", arguments: [Remedy.Kind.clear, .replace, .twoGenerations])
    func emptyingGoesOn(kind: Remedy.Kind) throws {
        let lab = try makeLab("map[int]int")
        try lab.prepare(for: Remedy(kind))
        let map = lab.currentMap()
        var slices = 0
        let result = try lab.insert(range(200_000)) {
            slices += 1
            if slices % 3 == 0 { _ = try? lab.apply(Remedy(kind)) }
            return false
        }.result
        #expect(result.inserted == 200_000 && lab.count > 0 && lab.count < 200_000)
        #expect(try lab.insert([Entry(key: .integer(-1), value: .integer(1))], into: map) == (1, 0))
        lab.checkInvariants()
    }
}
