import Foundation
import GoMap
import HuskLab
import Testing

/// --max-memory: what is refused, and when a collection is made to have room.
@Suite struct HeapLimitTests {
    private static let limitBytes = 64 << 20
    private let value = String(repeating: "v", count: 1_000)

    /// A lab whose array never grows, full of values. Only what needs room collects.
    private func makeFullLab() throws -> (lab: Lab, count: Int) {
        var configuration = Lab.Configuration()
        configuration.type = try MapTypeName(parsing: "map[int][]byte")
        configuration.hint = 200_000
        configuration.seed = 42
        configuration.maxMemoryBytes = Self.limitBytes
        configuration.settings.runtime.gcPercent = nil
        let lab = try Lab(configuration)
        var keys = range(200_000)
        keys.form.valueBytes = 1_000
        let failure = #expect(throws: RangeFailure.self) { try lab.insert(keys) }
        guard case .noRoom = failure?.error else {
            Issue.record("not refused: \(String(describing: failure))")
            return (lab, 0)
        }
        // A collection after which there are no changes: all that is left is live.
        _ = lab.collect()
        return (lab, failure!.result.inserted)
    }

    @Test("A full map refuses at once, and however often it is asked does not collect again")
    func fullMapRefuses() throws {
        let (lab, count) = try makeFullLab()
        #expect(count > 10_000 && lab.count == count)
        // The limit is that of pages, and the last one may still have slots.
        while lab.put("\(lab.count)", value) == .inserted {}
        #expect(lab.put("-1", value) != .inserted)
        _ = lab.collect()
        let cycles = lab.readMemStats().numGC
        for key in 0..<1_000 { #expect(lab.put("\(-1 - key)", value) == .noRoom) }
        #expect(throws: RangeFailure.self) { try lab.insert(range(10, from: -100)) }
        [UInt8](repeating: 1, count: 1).withUnsafeBytes { bytes in
            let entry = Entry(key: .integer(-1), value: .bytes(bytes))
            _ = #expect(throws: EntryFailure.self) { try lab.insert([entry]) }
        }
        #expect(lab.readMemStats().numGC == cycles)
        #expect(lab.sample().heapInuse <= UInt64(Self.limitBytes))
    }

    @Test("What was deleted makes room after one collection, which the thread of a PUT does not make")
    func deletedMakesRoom() throws {
        let (lab, _) = try makeFullLab()
        _ = try lab.delete(range(100))
        let cycles = lab.readMemStats().numGC
        #expect(lab.put("-1", value) == .collectionNeeded)
        #expect(lab.readMemStats().numGC == cycles)
        #expect(lab.putMakingRoom("-1", value) == .inserted)
        #expect(lab.readMemStats().numGC == cycles + 1)
        for key in 2..<40 { #expect(lab.put("\(-key)", value) == .inserted) }
        #expect(lab.readMemStats().numGC == cycles + 1)
        #expect(lab.get("-1") == value && lab.get("99") == nil && lab.get("100") != nil)
    }

    @Test("Ranges, imports and fresh maps make room too", arguments: ["range", "import", "fresh", "copy"])
    func longWorkMakesRoom(_ kind: String) throws {
        let (lab, count) = try makeFullLab()
        _ = try lab.delete(range(count - 100))
        let cycles = lab.readMemStats().numGC
        var keys = range(20_000, from: 1_000_000)
        keys.form.valueBytes = 1_000
        var replacement = Replacement()
        replacement.copy = kind == "copy"
        switch kind {
        case "range": #expect(try lab.insert(keys).result.inserted == 20_000)
        case "import":
            let bytes = [UInt8](repeating: 1, count: 1_000)
            try bytes.withUnsafeBytes { (bytes) throws in
                let entries = (0..<20_000).map { Entry(key: .integer(-1 - $0), value: .bytes(bytes)) }
                #expect(try lab.insert(entries).inserted == 20_000)
            }
        default:
            #expect(try lab.replace(with: replacement).result.copied == (kind == "copy" ? 100 : 0))
        }
        #expect(lab.readMemStats().numGC == cycles + 1)
        #expect(lab.sample().heapInuse <= UInt64(Self.limitBytes))
        #expect((lab.get("\(count - 1)") != nil) == (kind != "fresh"))
    }

    @Test("Work that is cancelled while it makes room ends without", arguments: ["range", "import", "copy"])
    func cancelledWhileMakingRoom(_ kind: String) throws {
        let (lab, count) = try makeFullLab()
        _ = try lab.delete(range(count - 100))
        switch kind {
        case "range":
            var keys = range(100, from: 1_000_000)
            keys.form.valueBytes = 1_000
            let failure = #expect(throws: RangeFailure.self) { try lab.insert(keys, isCancelled: { true }) }
            #expect(failure?.error == .cancelled && failure?.result.inserted == 0)
        case "import":
            let bytes = [UInt8](repeating: 1, count: 1_000)
            bytes.withUnsafeBytes { bytes in
                let entries = [Entry(key: .integer(-1), value: .bytes(bytes))]
                let failure = #expect(throws: EntryFailure.self) { try lab.insert(entries, isCancelled: { true }) }
                #expect(failure?.error == .cancelled && failure?.inserted == 0)
            }
        default:
            var replacement = Replacement()
            replacement.copy = true
            #expect(throws: LabError.cancelled) { try lab.replace(with: replacement, isCancelled: { true }) }
        }
        #expect(lab.count == 100)
        #expect(lab.putMakingRoom("-1", value) == .inserted)
    }

    @Test("The lock is given up many times while room is made")
    func roomIsMadeInSlices() throws {
        var configuration = Lab.Configuration()
        configuration.type = try MapTypeName(parsing: "map[int]*int")
        configuration.maxMemoryBytes = Self.limitBytes
        configuration.settings.runtime.gcPercent = nil
        configuration.settings.runtime.maxProcs = 1
        let lab = try Lab(configuration)
        #expect(throws: RangeFailure.self) { try lab.insert(range(10_000_000)) }
        #expect(lab.readMemStats().numGC == 1)
        #expect(lab.pauses.read().buckets.reduce(0, +) >= 10)
    }

    @Test("Many threads that find no room at once all get an answer, and the limit holds throughout")
    func contention() async throws {
        let (lab, count) = try makeFullLab()
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<6 {
                group.addTask {
                    for round in 0..<200 {
                        let key = "\(worker * (count / 6) + round)"
                        #expect(lab.delete(key) == .deleted)
                        var outcome = lab.put("\(-1 - worker * 1_000 - round)", value)
                        if outcome == .collectionNeeded {
                            outcome = lab.putMakingRoom("\(-1 - worker * 1_000 - round)", value)
                        }
                        #expect(outcome == .inserted || outcome == .noRoom)
                        #expect(lab.sample().heapInuse <= UInt64(Self.limitBytes))
                    }
                }
            }
            group.addTask {
                for _ in 0..<10 {
                    _ = lab.collect()
                    _ = lab.freeOSMemory()
                }
            }
        }
        #expect(lab.count > count - 1_200 && lab.count <= count)
        // With as many values less than before, the next one finds room.
        _ = try lab.delete(range(200, from: count / 2 + 1_000))
        #expect(lab.putMakingRoom("-100000", value) == .inserted)
    }
}
