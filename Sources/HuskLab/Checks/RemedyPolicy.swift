// A remedy and when it is due, and how that is written on the command line:
//
//     copy,loadBelow=0.25          shards,shards=64,everyRounds=5          free-memory,every=1s,idleBytes=64MiB

import GoMap

package struct RemedyPolicy: Equatable, Sendable {
    package var when = Conditions()
    package var does = Remedy(.none)

    package init() {}

    package init(when: Conditions, does: Remedy) {
        self.when = when
        self.does = does
    }

    /// Reads a policy: the remedy's kind, then settings and conditions as `name=value`, with commas in between.
    ///
    /// - Throws: `SettingError`, which names what is wrong.
    package init(parsing text: String) throws(SettingError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let kind = String(parts[0])
        guard let known = Remedy.Kind(rawValue: kind) else {
            throw SettingError(expected: "kind is '\(kind.prefix(40))', expected one of \(Self.kinds)")
        }
        does = Remedy(known)
        var seen: Set<Substring> = []
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else {
                throw SettingError(expected: "'\(part.prefix(40))' is no name=value, as in loadBelow=0.25")
            }
            guard seen.insert(pair[0]).inserted else {
                throw SettingError(expected: "\(pair[0].prefix(40)) is given twice")
            }
            do throws(SettingError) {
                try set(String(pair[0]), to: String(pair[1]))
            } catch {
                throw SettingError(expected: "\(pair[0].prefix(40)) is '\(pair[1].prefix(40))', \(error.expected)")
            }
        }
    }

    private static var kinds: String { Remedy.Kind.allCases.map(\.rawValue).joined(separator: ", ") }

    private mutating func set(_ name: String, to text: String) throws(SettingError) {
        if let condition = Conditions.Name(rawValue: name) { return try when.set(condition, to: text) }
        switch (name, does.kind) {
        case ("shards", .shards): does.shards = try SettingText.remedyShards(text)
        case ("entriesPerOperation", .incrementalCopy):
            does.entriesPerOperation = try Conditions.integer(text, in: Remedy.entriesPerOperationRange)
        case ("shards", _), ("entriesPerOperation", _):
            let owner: Remedy.Kind = name == "shards" ? .shards : .incrementalCopy
            throw SettingError(expected: "which is a setting of \(owner.rawValue), not of \(does.kind.rawValue)")
        default:
            let known = Conditions.Name.allCases.map(\.rawValue) + ["shards", "entriesPerOperation"]
            throw SettingError(expected: "which is no setting of a remedy: there are \(known.joined(separator: ", "))")
        }
    }
}

extension Conditions {
    /// Sets one from a text.
    mutating func set(_ name: Name, to text: String) throws(SettingError) {
        switch name {
        case .idleBytes: idleBytes = try Self.bytes(text)
        case .retainedBytes: retainedBytes = try Self.bytes(text)
        case .loadBelow: loadBelow = try Self.share(text)
        case .deletesSinceRebuild: deletesSinceRebuild = try Self.integer(text, in: Self.countRange)
        case .gcCPUAbove: gcCPUAbove = try Self.share(text)
        case .everyRounds: everyRounds = try Self.integer(text, in: Self.countRange)
        case .every: everyNanoseconds = try SettingText.period(text)
        }
    }

    private static func bytes(_ text: String) throws(SettingError) -> Int {
        guard let bytes = ByteCount.parse(text) else {
            throw SettingError(expected: "expected a size, as in 67108864 or 64MiB")
        }
        return bytes
    }

    private static func share(_ text: String) throws(SettingError) -> Double {
        guard let share = Double(text), isShare(share) else { throw SettingError(expected: expectedShare) }
        return share
    }

    fileprivate static func integer(_ text: String, in range: ClosedRange<Int>) throws(SettingError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw SettingError(expected: "expected a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
