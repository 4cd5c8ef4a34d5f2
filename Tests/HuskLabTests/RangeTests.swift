import HuskLab
import Testing

@Suite struct RangeTests {
    @Test("A collection that is cancelled ends early, and the next one is whole")
    func cancelledCollection() throws {
        let lab = try makeLab("map[int]*int")
        _ = try lab.insert(range(200_000))
        _ = lab.setNil()
        #expect(throws: LabError.cancelled) { try lab.collect(isCancelled: { true }) }
        #expect(throws: LabError.cancelled) { try lab.freeOSMemory(isCancelled: { true }) }
        let after = lab.collect().after
        #expect(after.heapAlloc == 0)
    }

    @Test("A range tells how far it has come")
    func progress() throws {
        let lab = try makeLab("map[int]int")
        var told: [Int] = []
        _ = try lab.insert(range(300_000), progress: { told.append($0) })
        #expect(told.count > 1 && told == told.sorted() && told.last == 300_000)
    }

    @Test("A shuffled range is the same keys in another order", arguments: [1, 2, 7, 8, 1000, 4097])
    func shuffledIsAPermutation(count: Int) throws {
        let lab = try makeLab("map[int]int")
        let result = try lab.insert(range(count, from: 10, step: 3, .shuffled)).result
        #expect(result.inserted == count && result.updated == 0)
        let deleted = try lab.delete(range(count, from: 10, step: 3)).result
        #expect(deleted.deleted == count && deleted.missing == 0)
        #expect(lab.count == 0)
    }

    @Test(
        "A uniform range draws the same keys again",
        arguments: ["map[int]int", "map[int32]int", "map[string]string"])
    func uniformIsRepeatable(type: String) throws {
        let lab = try makeLab(type)
        let inserted = try lab.insert(range(5000, .uniform)).result
        #expect(inserted.inserted + inserted.updated == 5000)
        let deleted = try lab.delete(range(5000, .uniform)).result
        #expect(deleted.deleted == inserted.inserted)
        #expect(lab.count == 0)
    }

    @Test("Range keys are prefix and number, values the number padded")
    func keysAndValues() throws {
        let lab = try makeLab("map[string][]byte")
        _ = try lab.insert(range(3, from: -1, step: 1))
        #expect(lab.get("k-1") == "1...............")
        #expect(lab.get("k0") == "0...............")
        #expect(lab.get("k1") == "1...............")
        #expect(lab.get("k2") == nil)
    }

    @Test(
        "A range that leaves the key's type changes nothing",
        arguments: [
            ("map[int32]int", range(10, from: Int128(Int32.max) - 5)), ("map[uint64]int", range(10, from: -1)),
            ("map[uint32]int", range(2, from: 0, step: -1)), ("map[int]int", range(3, from: Int128(Int.max) - 1)),
            ("map[uint64]int", range(3, from: Int128(UInt64.max) - 1)),
            ("map[string]int", range(3, from: Int128(UInt64.max) - 1)),
            ("map[string]int", range(3, from: -1, step: .max)),
            ("map[int]int", range(1 << 40, step: 1 << 40)), ("map[[3]byte]int", range(1000)),
        ])
    func rangesThatDoNotFit(type: String, keys: KeyRange) throws {
        let lab = try makeLab(type)
        let failure = #expect(throws: RangeFailure.self) { try lab.insert(keys) }
        guard case .doesNotFit = failure?.error else {
            Issue.record("not refused as a misfit: \(String(describing: failure))")
            return
        }
        #expect(lab.count == 0)
    }

    @Test(
        "A range of unsigned numbers goes to 2^64 - 1",
        arguments: ["map[uint64]int", "map[uint64]string", "map[string]string"],
        [KeyRange.Distribution.sequential, .shuffled])
    func unsigned(type: String, distribution: KeyRange.Distribution) throws {
        let lab = try makeLab(type)
        let prefix = type.hasPrefix("map[string]") ? "k" : ""
        // The three before the last, and three that begin where signed numbers end.
        let ranges = [
            range(3, from: UInt64.max - 2, distribution), range(3, from: UInt64.max, step: -1, distribution),
            range(3, from: Int.max, distribution),
        ]
        for keys in ranges { #expect(try lab.insert(keys).result.count == (keys.from == Int.max ? 6 : 3)) }
        for key in ["18446744073709551613", "18446744073709551615", "9223372036854775807", "9223372036854775809"] {
            let value = try #require(lab.get(prefix + key))
            if type != "map[uint64]int" { #expect(value.hasPrefix(String(key.prefix(16)))) }
        }
        for keys in ranges { _ = try lab.delete(keys) }
        #expect(lab.count == 0)
    }

    @Test(
        "A share is the same keys whatever their order, and about as many as it says",
        arguments: KeyRange.Distribution.allCases, [0, 0.05, 0.5, 0.95, 1])
    func share(distribution: KeyRange.Distribution, share: Double) throws {
        let lab = try makeLab("map[int]int")
        var all = range(20_000, from: 1_000, step: 7, distribution)
        all.seed = 3
        var part = all
        part.share = share
        let inserted = try lab.insert(part).result.inserted
        #expect(abs(inserted - Int(20_000 * share)) < 300)
        var other = part
        if distribution == .shuffled { other.distribution = .sequential }
        let deleted = try lab.delete(other).result
        #expect(deleted.deleted == inserted && deleted.missing == 0 && lab.count == 0)
        // What is left of the whole is as much less.
        _ = try lab.insert(all)
        #expect(try lab.delete(part).result.deleted == inserted)
        #expect(lab.count == 20_000 - inserted)
        part.seed = 4
        if distribution != .uniform, share == 0.5 {
            #expect((1..<inserted).contains(try lab.delete(part).result.deleted))
        }
    }

    @Test("Numbers are padded with zeros to so many digits, behind the sign")
    func keyDigits() throws {
        let lab = try makeLab("map[string]int")
        var keys = range(3, from: -1, step: 1000)
        keys.form.keyDigits = 4
        _ = try lab.insert(keys)
        for key in ["k-0001", "k0999", "k1999"] { #expect(lab.get(key) != nil, "\(key)") }
        keys.form.keyDigits = 40
        keys.form.prefix = ""
        _ = try lab.insert(keys)
        #expect(lab.get(String(repeating: "0", count: 36) + "1999") == "1999")
        #expect(lab.count == 6)
        #expect(try lab.delete(keys).result.deleted == 3)
        let narrow = try makeLab("map[[8]byte]int")
        keys.form.keyDigits = 9
        #expect(throws: RangeFailure.self) { try narrow.insert(keys) }
        keys.form.keyDigits = 8
        #expect(try narrow.insert(keys).result.inserted == 3)
    }

    @Test("A uniform range has no use for from and step, whatever they are")
    func uniformIgnoresFromAndStep() throws {
        let lab = try makeLab("map[int]int")
        #expect(try lab.insert(range(1000, from: Int.max, step: 77, .uniform)).result.inserted == 1000)
        #expect(try lab.delete(range(1000, .uniform)).result.deleted == 1000)
    }

    @Test("A client that hangs up stops a range; what was inserted stays")
    func cancellation() throws {
        let lab = try makeLab("map[int]int")
        let failure = #expect(throws: RangeFailure.self) {
            try lab.insert(range(50_000_000), isCancelled: { true })
        }
        #expect(failure?.error == .cancelled)
        #expect(failure!.result.inserted > 0 && failure!.result.inserted < 50_000_000)
        #expect(lab.count == failure!.result.inserted)
    }

    @Test("The map's type is replaced under a range: it stops and says so")
    func typeChanges() throws {
        let lab = try makeLab("map[int]int")
        var replacement = Replacement()
        replacement.type = .init(key: .string, value: .string)
        let failure = #expect(throws: RangeFailure.self) {
            try lab.insert(range(50_000_000)) {
                _ = try? lab.replace(with: replacement)
                return false
            }
        }
        #expect(failure?.error == .mapReplaced(from: "map[int]int", to: "map[string]string"))
        #expect(lab.count == 0)
    }
}
