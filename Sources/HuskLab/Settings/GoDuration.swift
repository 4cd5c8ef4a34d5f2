// Go's time.Duration as text: `2m0s`, `1.5h`, `300ms`. (Go: time.ParseDuration and Duration.String, time/format.go, time/time.go)

/// A length of time in nanoseconds, read and written as Go does.
package struct GoDuration: Equatable, Sendable, CustomStringConvertible {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    private static let units: [(name: String, nanoseconds: UInt64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]
    /// 2^63: the magnitude of the least Int64.
    private static let magnitudeLimit: UInt64 = 1 << 63

    /// Reads what `time.ParseDuration` reads: a sign or none, then numbers with a unit each, as in `1h15m30.918s`; or `0`.
    ///
    /// - Returns: nil for anything else, and for what takes more than 63 bits of nanoseconds.
    package init?(parsing text: String) {
        var rest = text.unicodeScalars[...]
        let isNegative = rest.first == "-"
        if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
        if rest.elementsEqual("0".unicodeScalars) {
            nanoseconds = 0
            return
        }
        guard !rest.isEmpty else { return nil }
        var total: UInt64 = 0
        while !rest.isEmpty {
            guard let part = Self.takePart(&rest) else { return nil }
            total += part  // both at most 2^63
            if total > Self.magnitudeLimit { return nil }
        }
        if !isNegative && total == Self.magnitudeLimit { return nil }
        nanoseconds = Int64(truncatingIfNeeded: isNegative ? 0 &- total : total)
    }

    /// Takes one number and its unit off the front; at most 2^63 nanoseconds.
    private static func takePart(_ rest: inout Substring.UnicodeScalarView) -> UInt64? {
        let whole = takeDigits(&rest)
        var fraction = Substring.UnicodeScalarView()
        if rest.first == "." {
            rest.removeFirst()
            fraction = takeDigits(&rest)
        }
        if whole.isEmpty && fraction.isEmpty { return nil }
        let unitName = rest.prefix { $0 != "." && !isDigit($0) }
        rest.removeFirst(unitName.count)
        guard let unit = units.first(where: { $0.name.unicodeScalars.elementsEqual(unitName) }) else {
            return nil
        }
        guard let count = whole.isEmpty ? 0 : UInt64(String(whole)) else { return nil }
        let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
        if overflow || nanoseconds > magnitudeLimit { return nil }
        // As in Go: the fraction's digits as long as they fit, times the unit in floating point, rounded down.
        var numerator: UInt64 = 0
        var scale = 1.0
        for digit in fraction {
            guard numerator <= (magnitudeLimit - 1) / 10 else { break }
            let next = numerator * 10 + UInt64(digit.value - 48)
            if next > magnitudeLimit { break }
            numerator = next
            scale *= 10
        }
        let sum = nanoseconds + UInt64(Double(numerator) * (Double(unit.nanoseconds) / scale))
        return sum > magnitudeLimit ? nil : sum
    }

    private static func takeDigits(_ rest: inout Substring.UnicodeScalarView) -> Substring.UnicodeScalarView {
        let digits = rest.prefix(while: isDigit)
        rest.removeFirst(digits.count)
        return digits
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// As Go prints it: `2m0s`, `1.5s`, `250µs`, `0s`.
    package var description: String {
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        switch magnitude {
        case 0: return "0s"
        case ..<1_000: return "\(sign)\(magnitude)ns"
        case ..<1_000_000: return sign + Self.decimal(magnitude, places: 3) + "µs"
        case ..<1_000_000_000: return sign + Self.decimal(magnitude, places: 6) + "ms"
        default: break
        }
        let seconds = magnitude / 1_000_000_000
        let minutes = seconds / 60
        let rest = Self.decimal(magnitude - minutes * 60_000_000_000, places: 9) + "s"
        if minutes == 0 { return sign + rest }
        if minutes < 60 { return "\(sign)\(minutes)m\(rest)" }
        return "\(sign)\(minutes / 60)h\(minutes % 60)m\(rest)"
    }

    /// `value / 10^places` without zeros at its end.
    private static func decimal(_ value: UInt64, places: Int) -> String {
        var unit: UInt64 = 1
        for _ in 0..<places { unit *= 10 }
        let fraction = "\(value % unit)"
        let padded = String(repeating: "0", count: places - fraction.count) + fraction
        let significant = padded.reversed().drop { $0 == "0" }.reversed()
        return significant.isEmpty ? "\(value / unit)" : "\(value / unit).\(String(significant))"
    }
}
