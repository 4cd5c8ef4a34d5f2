// Remedies and their conditions in JSON: those of checks, and of workloads.
//
//     {"when": {"loadBelow": 0.25, "every": "1m0s"}, "do": {"kind": "copy"}}

import HuskLab

extension BodyFields {
    /// The members `when` and `do` of an object; they must be there.
    ///
    /// - Parameter hasRounds: whether there are rounds that a condition may count.
    mutating func remedyPolicy(hasRounds: Bool) throws(Problem) -> RemedyPolicy {
        guard var conditions = try object("when") else { throw wrong("when", "is missing") }
        var policy = RemedyPolicy()
        policy.when = try conditions.takeConditions(hasRounds: hasRounds)
        try conditions.refuseRest()
        guard var remedy = try object("do") else { throw wrong("do", "is missing") }
        policy.does = try remedy.takeRemedy()
        try remedy.refuseRest()
        return policy
    }

    /// The conditions that are given.
    mutating func takeConditions(
        _ names: [Conditions.Name] = Conditions.Name.allCases, hasRounds: Bool = false
    ) throws(Problem) -> Conditions {
        var when = Conditions()
        for name in names {
            switch name {
            case .idleBytes: when.idleBytes = try integer(name.rawValue, in: Conditions.bytesRange)
            case .retainedBytes: when.retainedBytes = try integer(name.rawValue, in: Conditions.bytesRange)
            case .loadBelow: when.loadBelow = try share(name.rawValue)
            case .deletesSinceRebuild:
                when.deletesSinceRebuild = try integer(name.rawValue, in: Conditions.countRange)
            case .gcCPUAbove: when.gcCPUAbove = try share(name.rawValue)
            case .everyRounds:
                when.everyRounds = try integer(name.rawValue, in: Conditions.countRange)
                if when.everyRounds != nil && !hasRounds {
                    throw wrong(name.rawValue, "counts the rounds of a workload, and there are none here; use every")
                }
            case .every: when.everyNanoseconds = try setting(name.rawValue, SettingText.period)
            }
        }
        return when
    }

    /// `kind`, which must be there, and the settings that it has.
    mutating func takeRemedy() throws(Problem) -> Remedy {
        guard let kind = try setting("kind", SettingText.remedyKind) else { throw wrong("kind", "is missing") }
        var remedy = Remedy(kind)
        if let shards = try own("shards", of: .shards, kind, in: Int.min...Int.max) {
            guard Remedy.isShardCount(shards) else {
                throw wrong("shards", "is \(shards), \(SettingText.expectedRemedyShards)")
            }
            remedy.shards = shards
        }
        if let count = try own(
            "entriesPerOperation", of: .incrementalCopy, kind, in: Remedy.entriesPerOperationRange)
        {
            remedy.entriesPerOperation = count
        }
        return remedy
    }

    /// An integer that only one kind of remedy has.
    private mutating func own(
        _ name: String, of owner: Remedy.Kind, _ kind: Remedy.Kind, in range: ClosedRange<Int>
    ) throws(Problem) -> Int? {
        guard let number = try integer(name, in: range) else { return nil }
        if kind != owner { throw wrong(name, "is a setting of \(owner.rawValue), not of \(kind.rawValue)") }
        return number
    }

    private mutating func share(_ name: String) throws(Problem) -> Double? {
        guard let number = try number(name) else { return nil }
        if !Conditions.isShare(number) { throw wrong(name, "is \(number), \(Conditions.expectedShare)") }
        return number
    }
}

extension JSONWriter {
    /// The members `when` and `do`.
    mutating func fields(_ policy: RemedyPolicy) {
        name("when")
        beginObject()
        fields(policy.when)
        endObject()
        name("do")
        beginObject()
        fields(policy.does)
        endObject()
    }

    /// A member for each condition that is given.
    mutating func fields(_ when: Conditions) {
        for name in when.names {
            self.name(text: name.rawValue)
            switch name {
            case .idleBytes: value(when.idleBytes!)
            case .retainedBytes: value(when.retainedBytes!)
            case .loadBelow: value(when.loadBelow!)
            case .deletesSinceRebuild: value(when.deletesSinceRebuild!)
            case .gcCPUAbove: value(when.gcCPUAbove!)
            case .everyRounds: value(when.everyRounds!)
            case .every: value(GoDuration(nanoseconds: Int64(when.everyNanoseconds!)).description)
            }
        }
    }

    private mutating func fields(_ remedy: Remedy) {
        field("kind", remedy.kind.rawValue)
        switch remedy.kind {
        case .shards: field("shards", remedy.shards)
        case .incrementalCopy: field("entriesPerOperation", remedy.entriesPerOperation)
        default: break
        }
    }
}
