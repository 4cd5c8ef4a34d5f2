import Foundation
import GoMap
import HuskLab
import Testing

@Suite struct RemedyTests {
    @Test("The seeds' programme: deleting 8,192 entries frees nothing, nil frees 320,0xx bytes")
    func seedsProgramme() throws {
        let lab = try makeLab("map[int]int")
        _ = lab.setNil()
        _ = lab.collect()
        let start = lab.sample()
        var replacement = Replacement()
        replacement.hint = 8192
        _ = try lab.replace(with: replacement)
        _ = try lab.insert(range(8192))
        let filled = lab.collect().after
        #expect((319_840...320_400).contains(filled.heapAlloc - start.heapAlloc))
        _ = try lab.delete(range(8192))
        let deleted = lab.collect().after
        #expect(deleted.heapAlloc == filled.heapAlloc)
        _ = lab.setNil()
        let end = lab.collect().after
        #expect(end.heapAlloc == start.heapAlloc)
        #expect((320_000...320_100).contains(filled.heapAlloc - end.heapAlloc))
    }

    @Test(
        "A million [128]byte values: 461 MB filled, 293 MB after deletes and a collection, nothing after nil")
    func bigMap() throws {
        let lab = try makeLab("map[int][128]byte")
        let filled = try lab.insert(range(1_000_000)).after
        #expect(filled.heapAlloc >> 20 == 461)
        _ = try lab.delete(range(1_000_000))
        let deleted = lab.collect().after
        #expect(deleted.heapAlloc >> 20 == 293)
        _ = lab.setNil()
        let end = lab.freeOSMemory().after
        #expect(end.heapAlloc == 0)
        #expect(end.heapReleased == end.heapIdle)
        #expect(deleted.residentBytes - end.residentBytes > 280 << 20)
    }

    @Test("A copy holds what the map held, also what other clients change while it is made")
    func copyWhileOthersWrite() async throws {
        let lab = try makeLab("map[int]int")
        _ = try lab.insert(range(300_000))
        let writes = Task.detached {
            for key in stride(from: 0, to: 300_000, by: 3) {
                _ = lab.put("\(key)", "-1")
                _ = lab.delete("\(key + 1)")
                _ = lab.put("\(key + 1_000_000)", "7")
            }
        }
        var replacement = Replacement()
        replacement.copy = true
        for _ in 0..<5 { _ = try lab.replace(with: replacement) }
        await writes.value
        #expect(lab.count == 300_000)
        for key in stride(from: 0, to: 300_000, by: 3) {
            #expect(lab.get("\(key)") == "-1")
            #expect(lab.get("\(key + 1)") == nil)
            #expect(lab.get("\(key + 2)") == "\(key + 2)")
            #expect(lab.get("\(key + 1_000_000)") == "7")
        }
    }

    @Test("Two clients replace the map at once: one comes after the other")
    func twoReplacements() async throws {
        let lab = try makeLab("map[int]int")
        _ = try lab.insert(range(100_000))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    for _ in 0..<10 {
                        var replacement = Replacement()
                        replacement.copy = true
                        _ = try? lab.replace(with: replacement)
                    }
                }
            }
        }
        #expect(lab.count == 100_000)
        #expect(lab.get("99999") == "99999")
    }

    @Test("A copy into another type is refused, and the map stays")
    func copyNeedsTheSameType() throws {
        let lab = try makeLab("map[int]int")
        _ = try lab.insert(range(10))
        var replacement = Replacement()
        replacement.copy = true
        replacement.type = MapTypeName(key: .int64, value: .int)
        #expect(throws: LabError.self) { try lab.replace(with: replacement) }
        #expect(lab.count == 10)
    }

    @Test("Past the memory limit inserts are refused, the map stays whole, and every remedy works")
    func memoryLimit() throws {
        let lab = try makeLab("map[int][128]byte", maxMemoryBytes: 64 << 20)
        let failure = #expect(throws: RangeFailure.self) { try lab.insert(range(10_000_000)) }
        guard case .noRoom = failure?.error else {
            Issue.record("not refused: \(String(describing: failure))")
            return
        }
        let count = failure!.result.inserted
        #expect(count > 50_000)
        #expect(lab.count == count)
        #expect(lab.sample().heapInuse <= 64 << 20)
        #expect(lab.putMakingRoom("-1", "x") == .noRoom)
        #expect(lab.get("0")?.first == "0")
        #expect(lab.get("\(count - 1)")?.hasPrefix("\(count - 1)") == true)
        #expect(lab.delete("0") == .deleted)
        _ = lab.freeOSMemory()
        _ = try lab.replace(with: Replacement())
        #expect(lab.put("1", "x") == .inserted)
        #expect(try lab.insert(range(50_000)).result.inserted == 49_999)
    }

    @Test("An iteration goes over each entry once, and on over the old map when it is replaced")
    func iterationOutlivesTheMap() throws {
        let lab = try makeLab("map[string]string")
        _ = try lab.insert(range(20_000))
        let iteration = lab.iterateEntries()
        var seen = Set<String>()
        var slices = 0
        while iteration.next({ key, _ in
            #expect(seen.insert(String(decoding: key.bytes, as: UTF8.self)).inserted)
            return true
        }) {
            slices += 1
            if slices == 1 {
                var replacement = Replacement()
                replacement.type = MapTypeName(key: .int, value: .int)
                _ = try lab.replace(with: replacement)
                _ = lab.collect()
            }
        }
        #expect(seen.count == 20_000)
        #expect(lab.count == 0)
    }
}
