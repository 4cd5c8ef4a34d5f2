import GoHeap
import HuskLab
import Testing

@Suite struct SettingTextTests {
    @Test(
        "A number of bytes has the suffixes of Go's GOMEMLIMIT",
        arguments: [
            ("0", 0), ("1024", 1024), ("1024B", 1024), ("64KiB", 65536), ("256MiB", 268_435_456),
            ("4GiB", 4_294_967_296),
            ("2TiB", 2_199_023_255_552), ("9223372036854775807", Int.max),
        ])
    func byteCounts(text: String, bytes: Int) {
        #expect(ByteCount.parse(text) == bytes)
    }

    @Test(
        "What Go refuses as GOMEMLIMIT is refused",
        arguments: [
            "", "B", "KiB", "1KB", "1K", "1kib", "1 MiB", "-1", "+1", "1.5GiB", "0x10", "9223372036854775808",
            "8388608TiB", "MiB1", "1EiB", "٣B",
        ])
    func badByteCounts(text: String) {
        #expect(ByteCount.parse(text) == nil)
        #expect(throws: SettingError.self) { try SettingText.memoryLimit(text) }
    }

    @Test("GOGC is a percentage or off, and a negative one is off")
    func gcPercent() throws {
        #expect(try SettingText.gcPercent("off") == .off)
        #expect(try SettingText.gcPercent("0") == .percent(0))
        #expect(try SettingText.gcPercent("150") == .percent(150))
        for bad in ["", "on", "1.5", "100%", "2147483648"] {
            #expect(throws: SettingError.self) { try SettingText.gcPercent(bad) }
        }
    }

    @Test("No memory limit is off, or the number that Go uses for it")
    func memoryLimit() throws {
        #expect(try SettingText.memoryLimit("off") == SettingsChange.MemoryLimit.none)
        #expect(try SettingText.memoryLimit("9223372036854775807") == SettingsChange.MemoryLimit.none)
        #expect(try SettingText.memoryLimit("1GiB") == .bytes(1 << 30))
    }

    @Test("A memory limit may be a percentage of what the process can have, in flags")
    func percentages() throws {
        let ceiling = MemoryCeiling(bytes: 1_000_000_199)
        func read(_ text: String) throws -> SettingsChange.MemoryLimit {
            try SettingText.memoryLimit(text, of: ceiling)
        }
        #expect(try read("90%") == .bytes(900_000_179) && read("1%") == .bytes(10_000_001))
        #expect(try read("100%") == .bytes(1_000_000_199) && read("256MiB") == .bytes(256 << 20))
        #expect(try read("off") == SettingsChange.MemoryLimit.none)
        for bad in ["0%", "101%", "%", "-5%", "1.5%", "90 %", "1KiB%", "90%%", "+90%", "99999999999999999999%"] {
            #expect(throws: SettingError.self, "\(bad)") { try read(bad) }
        }
        // Go's own variable has none.
        #expect(throws: SettingError.self) { try SettingText.memoryLimit("90%") }
    }

    @Test("GOMAXPROCS may be found out from the cgroup's quota, in flags")
    func automaticProcs() throws {
        let quota = ProcessorCeiling.Quota(processors: 2.5, file: "/f")
        #expect(try SettingText.maxProcs("auto", of: ProcessorCeiling(installed: 8, quota: quota)) == 3)
        #expect(try SettingText.maxProcs("auto", of: ProcessorCeiling(installed: 200)) == 64)
        #expect(try SettingText.maxProcs("7", of: ProcessorCeiling(installed: 2)) == 7)
        for bad in ["", "Auto", "0", "65", "auto1"] {
            #expect(throws: SettingError.self) {
                try SettingText.maxProcs(bad, of: ProcessorCeiling(installed: 2))
            }
        }
    }

    @Test("Names that are none of the known ones are refused with a list of those")
    func names() throws {
        #expect(try SettingText.profile("1.10") == .go1_10)
        #expect(throws: SettingError(expected: "expected one of 1.10, 1.14, 1.19, 1.23, 1.24, 1.27")) {
            try SettingText.profile("1.1")
        }
        #expect(throws: SettingError(expected: "expected one of periodic, background, off")) {
            try SettingText.scavenger("none")
        }
        #expect(throws: SettingError.self) { try SettingText.madvise("FREE") }
    }

    @Test("Periods from 10 ms to a year are periods")
    func periods() throws {
        #expect(try SettingText.period("2m") == 120_000_000_000)
        #expect(try SettingText.period("8760h") == 31_536_000_000_000_000)
        for bad in ["0", "9ms", "-1s", "8760h1ns", "x", ""] {
            #expect(throws: SettingError.self) { try SettingText.period(bad) }
        }
    }
}
