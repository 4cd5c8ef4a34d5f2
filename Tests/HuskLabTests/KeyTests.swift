import HuskLab
import Testing

@Suite struct KeyTests {
    @Test(
        "A value comes back as it was put",
        arguments: [
            ("map[string][]byte", "k", "some bytes"), ("map[string]string", "", ""),
            ("map[int]int", "-1", "9223372036854775807"),
            ("map[int32]int32", "-2147483648", "2147483647"),
            ("map[uint64]uint64", "18446744073709551615", "0"),
            ("map[uint32]bool", "4294967295", "true"), ("map[string]uint8", "k", "255"),
            ("map[string]struct{}", "k", ""),
            ("map[int64]*int32", "7", "-7"), ("map[string]*string", "k", "text"),
            ("map[int]*[]byte", "1", "bytes"),
        ])
    func roundTrip(type: String, key: String, value: String) throws {
        let lab = try makeLab(type)
        #expect(lab.get(key) == nil)
        #expect(lab.put(key, value) == .inserted)
        #expect(lab.put(key, value) == .updated)
        #expect(lab.get(key) == value)
        #expect(lab.delete(key) == .deleted)
        #expect(lab.delete(key) == .missing)
        #expect(lab.get(key) == nil)
    }

    @Test("An array is padded with zeros, as a value and as a key")
    func arraysArePadded() throws {
        let lab = try makeLab("map[[4]byte][6]byte")
        #expect(lab.put("ab", "xyz") == .inserted)
        #expect(lab.put("ab\0\0", "xyz") == .updated)
        #expect(lab.get("ab") == "xyz\0\0\0")
        #expect(lab.put("abcde", "x") == .keyDoesNotFit)
        #expect(lab.put("ab", "1234567") == .valueDoesNotFit)
    }

    @Test(
        "Text that is not of the key's type does not fit",
        arguments: [
            ("map[int]int", ""), ("map[int]int", "x"), ("map[int]int", "1.0"), ("map[int]int", "+1"),
            ("map[int]int", "01"),
            ("map[int]int", " 1"), ("map[int]int", "9223372036854775808"),
            ("map[int]int", "-9223372036854775809"),
            ("map[int32]int", "2147483648"), ("map[uint32]int", "-1"), ("map[uint32]int", "4294967296"),
            ("map[uint64]int", "18446744073709551616"), ("map[uint64]int", "99999999999999999999999"),
            ("map[int]int", "-"),
        ])
    func keysThatDoNotFit(type: String, key: String) throws {
        let lab = try makeLab(type)
        #expect(lab.put(key, "1") == .keyDoesNotFit)
        #expect(lab.delete(key) == .keyDoesNotFit)
        #expect(lab.count == 0)
    }

    @Test("A nil map reads as empty, deletes nothing, and refuses an insert")
    func nilMap() throws {
        let lab = try makeLab("map[string]string")
        _ = lab.put("k", "v")
        _ = lab.setNil()
        #expect(lab.get("k") == nil)
        #expect(lab.delete("k") == .missing)
        #expect(lab.put("k", "v") == .mapIsNil)
        #expect(lab.report().statistics.isNil)
        #expect(throws: RangeFailure.self) { try lab.insert(range(1)) }
        #expect(throws: Never.self) { try lab.insert(range(0)) }
        #expect(throws: Never.self) { try lab.delete(range(10)) }
    }
}
