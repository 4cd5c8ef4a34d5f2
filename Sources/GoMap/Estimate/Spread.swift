// A number that may depend on the seed of the hash.

package struct Spread: Equatable, Sendable {
    package var expected: Int
    /// Bounds that hold but for some maps in ten thousand.
    package var least: Int
    package var most: Int

    /// Deviations between what is expected and the bounds.
    private static let deviations = 4.5

    package init(_ exact: Int) { self.init(expected: exact, least: exact, most: exact) }

    init(expected: Int, least: Int, most: Int) {
        self.expected = expected
        self.least = least
        self.most = most
    }

    /// Of a count that is about normally distributed.
    init(expected: Double, deviation: Double) {
        let reach = Self.deviations * deviation
        self.init(
            expected: Int(max(0, expected).rounded()), least: Int(max(0, expected - reach).rounded(.down)),
            most: Int(max(0, expected + reach).rounded(.up)))
    }

    package var isExact: Bool { least == most }

    /// What a function that never falls makes of it.
    func mapped(_ rising: (Int) -> Int) -> Spread {
        Spread(expected: rising(expected), least: rising(least), most: rising(most))
    }

    /// The others of so many.
    func complement(to count: Int) -> Spread {
        Spread(expected: count - expected, least: count - most, most: count - least)
    }

    static func + (left: Spread, right: Spread) -> Spread {
        Spread(
            expected: left.expected + right.expected, least: left.least + right.least,
            most: left.most + right.most)
    }

    static func * (left: Spread, factor: Int) -> Spread { left.mapped { $0 * factor } }
}
