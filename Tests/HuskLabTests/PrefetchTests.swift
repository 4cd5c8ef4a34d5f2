// Asking for memory ahead of a look-up changes nothing but how long it takes.

import GoHeap
import GoMap
import HuskLab
import Testing

@Suite struct PrefetchTests {
    @Test(
        "A prefetched key is read, put and deleted as any other",
        arguments: [
            "map[string][]byte", "map[int]int", "map[int32]*int", "map[[200]byte]string", "map[[8]byte][200]byte",
        ], [MapLayout.bucket, .swiss])
    func changesNothing(type: String, layout: MapLayout) throws {
        for shards in [1, 4] {
            let lab = try makeLab(type, layout: layout, shards: shards)
            for number in 0..<40_000 where lab.put("\(number)", "\(number)") != .inserted {
                Issue.record("\(number) was not inserted")
            }
            for number in [0, 1, 777, 39_999, 40_000, -5] {
                let isThere = (0..<40_000).contains(number)
                let key = "\(number)"
                lab.prefetchAll(key)
                #expect((lab.get(key) != nil) == isThere)
                lab.prefetchAll(key)
                #expect(lab.put(key, "1") == (isThere ? .updated : .inserted))
                lab.prefetchAll(key)
                #expect(lab.delete(key) == .deleted)
            }
        }
    }

    @Test("Keys that fit no map, and maps that have none, prefetch nothing")
    func nothingToPrefetch() throws {
        let lab = try makeLab("map[int]int")
        #expect(lab.prefetchAll("x") == 0)
        _ = lab.setNil()
        #expect(lab.prefetchAll("1") == 0)
        #expect(lab.prefetchAll(String(repeating: "1", count: 7_000)) == 0)
    }

    @Test("What was prefetched may lead nowhere in the map that has taken the other's place")
    func mapIsReplacedMeanwhile() throws {
        let lab = try makeLab("map[string][]byte")
        for number in 0..<40_000 { _ = lab.put("\(number)", "value") }
        let hash = "77".utf8Bytes { lab.prefetch($0) }
        #expect(hash != 0)
        _ = lab.setNil()
        lab.prefetchBytes(hash)
        #expect(lab.get("77") == nil)
    }
}

extension Lab {
    /// Both steps.
    @discardableResult
    fileprivate func prefetchAll(_ key: String) -> UInt64 {
        let hash = key.utf8Bytes { prefetch($0) }
        if hash != 0 { prefetchBytes(hash) }
        return hash
    }
}
