import GoHeap
import HuskLab
import Testing

/// What programmes built with Go 1.19.8, 1.23.9 and 1.27.3 found, which print SetGCPercent(100), GOMAXPROCS(0) and
/// SetMemoryLimit(-1).
@Suite("Go's variables, read as Go reads them")
struct GoVariablesTests {
    private static let old: [GoProfile] = [.go1_10, .go1_14, .go1_19, .go1_23, .go1_24]

    private func read<Value>(
        _ name: String, _ text: String, _ profile: GoProfile, _ get: (inout GoVariables) throws -> Value?
    ) rethrows -> (value: Value?, warnings: [String]) {
        var variables = GoVariables(profile) { $0 == name ? text : nil }
        let value = try get(&variables)
        return (value, variables.warnings)
    }

    @Test("GOGC is a number of 32 bits or off, and negative is off", arguments: GoProfile.allCases)
    func gcPercent(profile: GoProfile) {
        let taken: [(String, SettingsChange.GCPercent)] = [
            ("off", .off), ("-1", .off), ("-2147483648", .off), ("0", .percent(0)), ("007", .percent(7)),
            ("50", .percent(50)),
            ("2147483647", .percent(2_147_483_647)),
        ]
        for (text, expected) in taken {
            let (found, warnings) = read("GOGC", text, profile) { $0.gcPercent() }
            #expect(found == expected && warnings.isEmpty, "\(text)")
        }
        for text in ["abc", " 50", "50%", "1_0", "2147483648", "-2147483649", "OFF", "1e2"] {
            let (found, warnings) = read("GOGC", text, profile) { $0.gcPercent() }
            #expect(
                found == nil && warnings.count == 1 && warnings[0].hasPrefix("GOGC=\(text) is ignored"),
                "\(warnings)")
        }
        let isOld = Self.old.contains(profile)
        #expect(read("GOGC", "+50", profile) { $0.gcPercent() }.value == (isOld ? nil : .percent(50)))
        #expect(read("GOGC", "-", profile) { $0.gcPercent() }.value == (isOld ? .percent(0) : nil))
    }

    @Test("GOMAXPROCS is a number from 1 on; more than 64 are 64 here", arguments: GoProfile.allCases)
    func maxProcs(profile: GoProfile) {
        for (text, expected) in [("1", 1), ("64", 64)] {
            let (found, warnings) = read("GOMAXPROCS", text, profile) { $0.maxProcs() }
            #expect(found == expected && warnings.isEmpty)
        }
        for text in ["65", "128", "2147483647"] {
            let (found, warnings) = read("GOMAXPROCS", text, profile) { $0.maxProcs() }
            #expect(found == 64 && warnings.count == 1)
        }
        for text in ["0", "-2", "x", "4294967296", "2.0"] {
            let (found, warnings) = read("GOMAXPROCS", text, profile) { $0.maxProcs() }
            #expect(found == nil && warnings.count == 1, "\(text)")
        }
    }

    @Test("GOMEMLIMIT is a size or off; a malformed one ends a programme, but for those that do not know it")
    func memoryLimit() throws {
        let taken: [(String, SettingsChange.MemoryLimit)] = [
            ("off", .none), ("0", .bytes(0)), ("1", .bytes(1)), ("1B", .bytes(1)), ("1KiB", .bytes(1024)),
            ("9223372036854775807", .none),
        ]
        for (text, expected) in taken {
            let (found, warnings) = try read("GOMEMLIMIT", text, .go1_23) { try $0.memoryLimit() }
            #expect(found == expected && warnings.isEmpty, "\(text)")
        }
        for text in ["-1", "1G", "1GB", "lots", "+1", "1 MiB"] {
            #expect(
                throws: SettingError(
                    expected: "malformed GOMEMLIMIT; see `go doc runtime/debug.SetMemoryLimit`")
            ) {
                try read("GOMEMLIMIT", text, .go1_23) { try $0.memoryLimit() }
            }
            let (found, warnings) = try read("GOMEMLIMIT", text, .go1_14) { try $0.memoryLimit() }
            #expect(found == nil && warnings.count == 1)
        }
        #expect(try read("GOMEMLIMIT", "+1", .go1_27) { try $0.memoryLimit() }.value == .bytes(1))
    }

    @Test("Of GODEBUG's items the last that can be read counts, and others are others' business")
    func debug() {
        for (text, expected, warningCount) in [
            ("gctrace=1", true, 0), ("gctrace=0", false, 0), ("gctrace=1,gctrace=0", false, 0),
            ("a,b=c,gctrace=2", true, 0),
            ("gctrace=1,gctrace=yes", true, 1), ("gctrace", nil, 1), ("gctrace=", nil, 1),
            (" gctrace=1", nil, 0),
            ("gctrace=-1", false, 0), ("", nil, 0),
        ] as [(String, Bool?, Int)] {
            let (found, warnings) = read("GODEBUG", text, .go1_23) { $0.printsTrace() }
            #expect(found == expected && warnings.count == warningCount, "\(text): \(warnings)")
        }
        #expect(read("GODEBUG", "madvdontneed=0", .go1_23) { $0.madvise() }.value == .free)
        #expect(read("GODEBUG", "madvdontneed=1", .go1_14) { $0.madvise() }.value == .dontneed)
        let old = read("GODEBUG", "madvdontneed=0", .go1_10) { $0.madvise() }
        #expect(old.value == nil && old.warnings.count == 1)
    }
}
