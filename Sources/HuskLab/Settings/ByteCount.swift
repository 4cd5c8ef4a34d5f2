/// A number of bytes as Go's GOMEMLIMIT takes it: plain, or with one of the suffixes B, KiB, MiB, GiB and TiB.
/// (Go: parseByteCount, runtime/string.go)
package enum ByteCount {
    private static let shifts: KeyValuePairs = ["KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40, "B": 0]

    /// Reads a number of bytes.
    ///
    /// - Returns: nil when the text is none, or takes more than 63 bits.
    package static func parse(_ text: String) -> Int? {
        var digits = text[...]
        var shift = 0
        if let suffix = shifts.first(where: { text.hasSuffix($0.key) }) {
            digits = text.dropLast(suffix.key.count)
            shift = suffix.value
        }
        guard !digits.isEmpty,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(digits)
        else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : bytes
    }
}
