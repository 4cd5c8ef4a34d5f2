// GOGC, GOMEMLIMIT, GOMAXPROCS and GODEBUG, as Go's runtime reads them when a programme starts: what it cannot read it
// ignores, but for a malformed GOMEMLIMIT, which ends the programme.
// (Go: runtime/mgcpacer.go, readGOGC and readGOMEMLIMIT; proc.go, schedinit; runtime1.go, parsegodebug)

import GoHeap
import GoMap

/// Reads Go's own variables, one by one, and keeps a sentence about each that is not taken as it stands.
package struct GoVariables {
    /// One sentence each.
    package private(set) var warnings: [String] = []
    package let profile: GoProfile
    private let value: (String) -> String?

    /// - Parameters:
    ///   - profile: the Go that reads.
    ///   - value: a variable's value; nil when it is not set, or is empty.
    package init(_ profile: GoProfile, value: @escaping (String) -> String?) {
        self.profile = profile
        self.value = value
    }

    /// A percentage or `off`; negative is off.
    package mutating func gcPercent() -> SettingsChange.GCPercent? {
        guard let text = value("GOGC") else { return nil }
        if text == "off" { return .off }
        guard let percent = integer(text) else {
            ignore("GOGC", text, "a number of percent or off")
            return nil
        }
        return percent < 0 ? .off : .percent(Int(percent))
    }

    /// Bytes with or without a suffix, or `off`.
    /// - Throws: where Go ends: "malformed GOMEMLIMIT".
    package mutating func memoryLimit() throws(SettingError) -> SettingsChange.MemoryLimit? {
        guard let text = value("GOMEMLIMIT") else { return nil }
        let isRead = profile.hasMemoryLimit
        if !isRead {
            warnings.append("Go \(profile.rawValue) does not read GOMEMLIMIT, which came with Go 1.19")
        }
        do throws(SettingError) {
            return try SettingText.memoryLimit(
                readsPlus && text.hasPrefix("+") ? String(text.dropFirst()) : text)
        } catch {
            if !isRead { return nil }
            throw SettingError(expected: "malformed GOMEMLIMIT; see `go doc runtime/debug.SetMemoryLimit`")
        }
    }

    /// A number of threads. Go takes any; more than 64 mark no faster here.
    package mutating func maxProcs() -> Int? {
        guard let text = value("GOMAXPROCS") else { return nil }
        guard let procs = integer(text), procs > 0 else {
            ignore("GOMAXPROCS", text, "a number from 1 on")
            return nil
        }
        let most = SettingText.maxProcsRange.upperBound
        if procs > most {
            warnings.append("GOMAXPROCS=\(text): at most \(most) threads mark here, so it is \(most)")
        }
        return min(Int(procs), most)
    }

    /// GOMAXPROCS without the cgroup's quota, if GODEBUG's `containermaxprocs=0` asks for that of a Go which would read it.
    package mutating func maxProcsWithoutQuota() -> Int? {
        guard profile.readsProcessorQuota, let number = debug("containermaxprocs"), number <= 0 else { return nil }
        return ProcessorCeiling.ofThisProcess.installed
    }

    /// Whether GODEBUG has `gctrace=1`.
    package mutating func printsTrace() -> Bool? { debug("gctrace").map { $0 > 0 } }

    /// What GODEBUG's `madvdontneed` asks for.
    package mutating func madvise() -> MemoryAdvice? {
        guard let number = debug("madvdontneed") else { return nil }
        if profile < .go1_14 {
            warnings.append(
                "Go \(profile.rawValue) does not read GODEBUG's madvdontneed, which came with Go 1.12")
            return nil
        }
        return number == 0 ? .free : .dontneed
    }

    /// The number that GODEBUG gives `name`: the last that can be read. Its other names are other runtimes' business.
    private mutating func debug(_ name: String) -> Int32? {
        var number: Int32?
        for item in (value("GODEBUG") ?? "").split(separator: ",") {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair[0] == name else { continue }
            if pair.count == 2, let found = integer(String(pair[1])) {
                number = found
            } else {
                ignore("GODEBUG", String(item), "\(name) and a number, as in \(name)=1")
            }
        }
        return number
    }

    private mutating func ignore(_ name: String, _ text: String, _ expected: String) {
        warnings.append("\(name)=\(echoed(text)) is ignored, as Go ignores it: expected \(expected)")
    }

    /// Go 1.27 reads numbers with strconv: it takes a plus, and a minus needs digits.
    private var readsPlus: Bool { profile >= .go1_27 }

    /// What the runtime's `atoi32` makes of a text.
    private func integer(_ text: String) -> Int32? {
        if text == "-" { return readsPlus ? nil : 0 }
        if text.hasPrefix("+"), !readsPlus { return nil }
        return Int32(text)
    }
}
