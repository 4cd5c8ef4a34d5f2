// Numbers for people: no more digits than say something, and the unit beside them.

enum Numbers {
    /// A number with so many decimals, rounded to the nearest.
    static func decimal(_ number: Double, _ count: Int) -> String {
        guard number.isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<count { scale *= 10 }
        let scaled = (number.magnitude * scale).rounded()
        guard scaled < 9e15 else { return "\(number)" }
        let digits = String(Int(scaled))
        let sign = number < 0 && scaled > 0 ? "-" : ""
        if count == 0 { return sign + digits }
        let padded = String(repeating: "0", count: max(0, count + 1 - digits.count)) + digits
        return sign + padded.dropLast(count) + "." + padded.suffix(count)
    }

    /// About three digits: `1234`, `123`, `12.3`, `1.23`, `0.12`.
    static func short(_ number: Double) -> String {
        decimal(number, number.magnitude >= 99.95 ? 0 : number.magnitude >= 9.995 ? 1 : 2)
    }

    static func mebibytes(_ bytes: Int) -> String {
        let mebibytes = Double(bytes) / 1_048_576
        return decimal(mebibytes, mebibytes.magnitude >= 999.95 ? 0 : 1)
    }

    /// With its unit, as in `12.3 MiB`.
    static func bytes(_ bytes: Int) -> String {
        switch bytes.magnitude {
        case ..<1024: "\(bytes) B"
        case ..<1_048_576: short(Double(bytes) / 1024) + " KiB"
        case ..<1_073_741_824: short(Double(bytes) / 1_048_576) + " MiB"
        default: short(Double(bytes) / 1_073_741_824) + " GiB"
        }
    }

    /// With a comma for each three digits.
    static func count(_ number: Int) -> String {
        var groups: [Substring] = []
        var rest = Substring(String(number.magnitude))
        while rest.count > 3 {
            groups.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        return (number < 0 ? "-" : "") + ([rest] + groups).joined(separator: ",")
    }

    /// A duration with the unit that suits it.
    static func duration(nanoseconds: Int) -> String {
        switch nanoseconds {
        case ..<1000: "\(nanoseconds) ns"
        case ..<1_000_000: short(Double(nanoseconds) / 1e3) + " µs"
        case ..<1_000_000_000: short(Double(nanoseconds) / 1e6) + " ms"
        default: short(Double(nanoseconds) / 1e9) + " s"
        }
    }

    /// A change as a share of what it was, with its sign; nil when it was nothing.
    static func change(_ now: Double, from before: Double) -> String? {
        guard before > 0 else { return nil }
        let text = share(abs(now - before) / before)
        return text == "0" ? "0%" : (now < before ? "-" : "+") + text + "%"
    }

    /// A share in percent, without the sign: `61`, `0.8`.
    static func share(_ share: Double) -> String {
        let percent = share * 100
        let text = decimal(percent, percent < 9.95 ? 1 : 0)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension Numbers {
    /// So many a second: `2.31M`, `47.0k`, `812`.
    static func rate(_ perSecond: Double) -> String {
        switch perSecond {
        case ..<1000: decimal(perSecond, 0)
        case ..<999_500: short(perSecond / 1e3) + "k"
        default: short(perSecond / 1e6) + "M"
        }
    }
}
