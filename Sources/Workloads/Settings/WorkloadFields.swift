// The fields of a workload: their names, which kinds have them, what values they take. The one place where they are read, from
// JSON and from the command line alike.

import GoMap
import HuskLab

/// A value as it was given.
package enum WorkloadValue: Equatable, Sendable {
    case text(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case null
    /// What else it is: "an array".
    case other(String)

    fileprivate var kind: String {
        switch self {
        case .text: "a string"
        case .integer, .number: "a number"
        case .boolean: "a boolean"
        case .null: "null"
        case .other(let kind): kind
        }
    }
}

/// What a field is.
package struct WorkloadField: Sendable {
    package enum Form: Sendable {
        case integer(ClosedRange<Int>)
        /// - Parameter isOpen: whether the lower bound itself is none of its values.
        case number(ClosedRange<Double>, isOpen: Bool)
        /// As Go writes durations.
        case duration(ClosedRange<UInt64>)
        case choice([String])
        /// - Parameter limit: the most characters.
        case text(limit: Int)
        case flag
    }

    package let name: String
    package let kinds: [Workload.Kind]
    package let form: Form
    /// Whether null is a value of it.
    private let takesNull: Bool
    private let set: @Sendable (inout Workload, Value) -> Void
    /// Its value in a workload.
    package let value: @Sendable (Workload) -> WorkloadValue

    /// A value that is one of the field's.
    private enum Value {
        case integer(Int)
        case number(Double)
        case nanoseconds(UInt64)
        case text(String)
        case boolean(Bool)
    }

    private typealias Path<Value> = WritableKeyPath<Workload, Value> & Sendable

    private static func integer(
        _ name: String, _ kinds: [Workload.Kind], _ range: ClosedRange<Int>, _ path: Path<Int>
    ) -> Self {
        Self(name: name, kinds: kinds, form: .integer(range), takesNull: false) {
            if case .integer(let value) = $1 { $0[keyPath: path] = value }
        } value: {
            .integer($0[keyPath: path])
        }
    }

    private static func integer(
        _ name: String, _ kinds: [Workload.Kind], _ range: ClosedRange<Int>, orNull path: Path<Int?>
    ) -> Self {
        Self(name: name, kinds: kinds, form: .integer(range), takesNull: true) {
            if case .integer(let value) = $1 { $0[keyPath: path] = value }
        } value: {
            $0[keyPath: path].map { .integer($0) } ?? .null
        }
    }

    private static func number(
        _ name: String, _ kinds: [Workload.Kind], _ range: ClosedRange<Double>, isOpen: Bool = false,
        _ path: Path<Double>
    ) -> Self {
        Self(name: name, kinds: kinds, form: .number(range, isOpen: isOpen), takesNull: false) {
            if case .number(let value) = $1 { $0[keyPath: path] = value }
        } value: {
            .number($0[keyPath: path])
        }
    }

    private static func number(
        _ name: String, _ kinds: [Workload.Kind], _ range: ClosedRange<Double>, isOpen: Bool = false,
        orNull path: Path<Double?>
    ) -> Self {
        Self(name: name, kinds: kinds, form: .number(range, isOpen: isOpen), takesNull: true) {
            if case .number(let value) = $1 { $0[keyPath: path] = value }
        } value: {
            $0[keyPath: path].map { .number($0) } ?? .null
        }
    }

    private static func duration(
        _ name: String, _ kinds: [Workload.Kind], atLeast least: UInt64, _ path: Path<UInt64>
    ) -> Self {
        Self(name: name, kinds: kinds, form: .duration(least...longestNanoseconds), takesNull: false) {
            if case .nanoseconds(let value) = $1 { $0[keyPath: path] = value }
        } value: {
            text($0[keyPath: path])
        }
    }

    private static func duration(
        _ name: String, _ kinds: [Workload.Kind], atLeast least: UInt64, orNull path: Path<UInt64?>
    ) -> Self {
        Self(name: name, kinds: kinds, form: .duration(least...longestNanoseconds), takesNull: true) {
            if case .nanoseconds(let value) = $1 { $0[keyPath: path] = value }
        } value: {
            $0[keyPath: path].map(text) ?? .null
        }
    }

    private static func text(_ nanoseconds: UInt64) -> WorkloadValue {
        .text("\(GoDuration(nanoseconds: Int64(nanoseconds)))")
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ kinds: [Workload.Kind], _ path: Path<Choice>
    ) -> Self {
        Self(name: name, kinds: kinds, form: .choice(Choice.allCases.map(\.rawValue)), takesNull: false) {
            if case .text(let text) = $1, let choice = Choice(rawValue: text) { $0[keyPath: path] = choice }
        } value: {
            .text($0[keyPath: path].rawValue)
        }
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ kinds: [Workload.Kind], orNull path: Path<Choice?>
    ) -> Self {
        Self(name: name, kinds: kinds, form: .choice(Choice.allCases.map(\.rawValue)), takesNull: true) {
            if case .text(let text) = $1, let choice = Choice(rawValue: text) { $0[keyPath: path] = choice }
        } value: {
            $0[keyPath: path].map { .text($0.rawValue) } ?? .null
        }
    }

    private static func text(
        _ name: String, _ kinds: [Workload.Kind], limit: Int, _ path: Path<String>
    ) -> Self {
        Self(name: name, kinds: kinds, form: .text(limit: limit), takesNull: false) {
            if case .text(let text) = $1 { $0[keyPath: path] = text }
        } value: {
            .text($0[keyPath: path])
        }
    }

    private static func flag(_ name: String, _ kinds: [Workload.Kind], _ path: Path<Bool>) -> Self {
        Self(name: name, kinds: kinds, form: .flag, takesNull: false) {
            if case .boolean(let flag) = $1 { $0[keyPath: path] = flag }
        } value: {
            .boolean($0[keyPath: path])
        }
    }

    /// A year.
    private static let longestNanoseconds: UInt64 = 31_536_000_000_000_000
    private static let everyKind = Workload.Kind.allCases
    private static let keyed: [Workload.Kind] = [.partialUpdate, .churn, .ttl, .leak]

    /// All of them but `kind`.
    package static let all: [WorkloadField] = [
        .integer("live", keyed, 0...KeyRange.countLimit, \.live),
        .number("updateFraction", [.partialUpdate, .churn], 0...1, isOpen: true, \.updateFraction),
        .number("drift", [.partialUpdate], 0...1, \.drift),
        .choice("victim", [.partialUpdate, .churn], \.victim),
        .number("readsPerWrite", keyed, 0...1_000_000, \.readsPerWrite),
        .choice("reads", keyed, \.reads),
        .duration("ttl", [.ttl], atLeast: 1_000_000, \.ttlNanoseconds),
        .duration("day", [.ttl], atLeast: 1_000_000, \.dayNanoseconds),
        .number("wave", [.ttl], 0...1, \.wave),
        .integer("size", [.leak], 1...KeyRange.countLimit, \.size),
        .integer("rounds", everyKind, 1...1_000_000_000, orNull: \.rounds),
        .duration("duration", everyKind, atLeast: 1_000_000, orNull: \.durationNanoseconds),
        .number("rate", everyKind, 0...1_000_000_000, isOpen: true, orNull: \.rate),
        .duration("interval", everyKind, atLeast: 0, \.intervalNanoseconds),
        .integer("seed", keyed, 0...Int.max, \.seed),
        .integer("valueBytes", keyed, 0...EntryLimits.valueBytes, \.form.valueBytes),
        .text("prefix", keyed, limit: EntryForm.prefixCharactersLimit, \.form.prefix),
        .integer("keyDigits", keyed, EntryForm.keyDigitsRange, \.form.keyDigits),
        .text("path", [.replay], limit: ReplaySettings.pathCharactersLimit, \.replay.path),
        .choice("format", [.replay], orNull: \.replay.format),
        .flag("expire", [.replay], \.replay.expires),
        .flag("loadMisses", [.replay], \.replay.loadsMisses),
        .number("speed", [.replay], 0...1_000_000, isOpen: true, orNull: \.replay.speed),
        .integer("limit", [.replay], 1...Int.max, orNull: \.replay.limit),
        .flag("strict", [.replay], \.replay.isStrict),
    ]

    package static func named(_ name: String) -> WorkloadField? { all.first { $0.name == name } }

    /// Reads a value of the command line, where all is text.
    package func given(_ text: String) -> WorkloadValue {
        switch form {
        case .integer: return Int(text).map { .integer($0) } ?? .text(text)
        case .number: return Double(text).map { .number($0) } ?? .text(text)
        case .duration, .choice, .text: return .text(text)
        case .flag: return Bool(text).map { .boolean($0) } ?? .text(text)
        }
    }

    fileprivate func apply(_ given: WorkloadValue, to workload: inout Workload) throws(WorkloadError) {
        if given == .null, takesNull { return }
        set(&workload, try checked(given))
    }

    private func checked(_ given: WorkloadValue) throws(WorkloadError) -> Value {
        switch (form, given) {
        case (.integer(let range), .integer(let number)) where range.contains(number): return .integer(number)
        case (.number(let range, let isOpen), .integer(let integer)) where Self.isIn(range, isOpen, Double(integer)):
            return .number(Double(integer))
        case (.number(let range, let isOpen), .number(let number)) where Self.isIn(range, isOpen, number):
            return .number(number)
        case (.duration(let range), .text(let text)):
            if let duration = GoDuration(parsing: text), duration.nanoseconds >= 0,
                range.contains(UInt64(duration.nanoseconds))
            {
                return .nanoseconds(UInt64(duration.nanoseconds))
            }
        case (.choice(let choices), .text(let text)) where choices.contains(text): return .text(text)
        case (.text(let limit), .text(let text)) where text.unicodeScalars.count <= limit: return .text(text)
        case (.flag, .boolean(let flag)): return .boolean(flag)
        default: break
        }
        let shown =
            switch given {
            case .text(let text): "'\(echoed(text))'"
            case .integer(let number): "\(number)"
            case .number(let number): "\(number)"
            case .boolean(let flag): "\(flag)"
            case .null, .other: given.kind
            }
        throw WorkloadError(name, "is \(shown), expected \(expected)")
    }

    private static func isIn(_ range: ClosedRange<Double>, _ isOpen: Bool, _ number: Double) -> Bool {
        range.contains(number) && !(isOpen && number == range.lowerBound)
    }

    /// What its values are, in words.
    package var expected: String {
        switch form {
        case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range, let isOpen):
            "a number \(isOpen ? "over" : "from") \(Self.short(range.lowerBound)) to \(Self.short(range.upperBound))"
        case .duration(let range):
            "a duration from \(GoDuration(nanoseconds: Int64(range.lowerBound))) to 8760h, as in 1m30s"
        case .choice(let choices): choices.joined(separator: " or ")
        case .text(let limit): "a string of at most \(limit) characters"
        case .flag: "true or false"
        }
    }

    private static func short(_ number: Double) -> String {
        number == number.rounded() ? "\(Int(number))" : "\(number)"
    }
}

extension Workload {
    /// Reads a workload; what was left out has its default.
    ///
    /// - Parameter given: names and values, no name twice.
    /// - Throws: `WorkloadError`, which names the field.
    package init(given: [(name: String, value: WorkloadValue)]) throws(WorkloadError) {
        let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        guard let kind = given.first(where: { $0.name == "kind" })?.value else {
            throw WorkloadError("kind", "is missing, expected one of \(kinds)")
        }
        guard case .text(let text) = kind else {
            throw WorkloadError("kind", "is \(kind.kind), expected one of \(kinds)")
        }
        guard let known = Kind(rawValue: text) else {
            throw WorkloadError("kind", "is '\(echoed(text))', expected one of \(kinds)")
        }
        self.init(known)
        for (name, value) in given where name != "kind" {
            guard let field = WorkloadField.named(name) else {
                throw WorkloadError(name, "is not a field of a workload")
            }
            guard field.kinds.contains(self.kind) else {
                throw WorkloadError(name, "is not a field of \(text)")
            }
            try field.apply(value, to: &self)
        }
        try complete(Set(given.lazy.filter { $0.value != .null }.map(\.name)))
    }

    /// Fills in what depends on other fields, and refuses what contradicts them.
    private mutating func complete(_ names: Set<String>) throws(WorkloadError) {
        switch kind {
        case .partialUpdate, .churn:
            if live < 1 { throw WorkloadError("live", "is 0, expected 1 or more: there is nothing to replace") }
        case .ttl: try completeClock(names)
        case .leak:
            if !names.contains("live") { live = 0 }
            if size <= live { throw WorkloadError("size", "is \(size), expected more than live, \(live)") }
        case .replay:
            if replay.path.isEmpty { throw WorkloadError("path", "is missing, expected the file of a stream") }
        }
        if rounds == nil, durationNanoseconds == nil { rounds = standardRounds }
        if kind == .leak {
            // It has no more to do then.
            rounds = min(rounds ?? .max, (size - live + Self.leakRound - 1) / Self.leakRound)
        }
    }

    private mutating func completeClock(_ names: Set<String>) throws(WorkloadError) {
        guard let rate else {
            if live < 1 { throw WorkloadError("live", "is 0, expected 1 or more: nothing would arrive") }
            return
        }
        if names.contains("live") {
            throw WorkloadError("live", "and rate contradict each other: there are rate x ttl keys, leave one out")
        }
        let keys = (rate * Double(ttlNanoseconds) / 1e9).rounded()
        guard keys >= 1, keys <= Double(KeyRange.countLimit) else {
            throw WorkloadError(
                "rate", "is \(rate): rate x ttl are \(keys) keys, expected 1 to \(KeyRange.countLimit)")
        }
        live = Int(keys)
    }

    private var standardRounds: Int? {
        switch kind {
        case .partialUpdate, .churn: 20
        // A day.
        case .ttl:
            max(1, Int(dayNanoseconds / max(1, ttlNanoseconds / UInt64(Self.roundsPerLife))))
        case .leak: .max
        // As long as the stream is.
        case .replay: nil
        }
    }
}
