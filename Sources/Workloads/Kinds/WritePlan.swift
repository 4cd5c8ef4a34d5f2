// What a kind of workload writes, one write after the other; SyntheticSource.swift makes operations of it, with reads between.

/// A write, or why there is none.
enum WriteStep {
    /// The numbers of the keys.
    case set(Int)
    case delete(Int)
    case roundEnds
    case waits(untilSeconds: Double)
}

protocol WritePlan {
    /// The keys that live, as far as the writes have come.
    var keys: LiveKeys { get }
    /// Whether what `keys` names is in the map now: not between the two halves of an exchange.
    var allowsReads: Bool { get }
    var simulatedSeconds: Double? { get }

    /// - Parameter seconds: since the first round began.
    mutating func next(_ seconds: Double) -> WriteStep
}

extension WritePlan {
    var allowsReads: Bool { true }
    var simulatedSeconds: Double? { nil }
}
