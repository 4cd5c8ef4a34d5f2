// Writes metrics in Prometheus' text format 0.0.4, or in OpenMetrics 1.0.0.
// (prometheus.io/docs/instrumenting/exposition_formats, openmetrics.io)
//
// Where OpenMetrics differs: a counter's family is named without the `_total` of its sample, numbers in the labels `le` and
// `quantile` have a point, and the page ends in `# EOF`. No family may come twice, so a counter whose name without
// `_total` is another family's already (`go_memstats_alloc_bytes_total` beside `go_memstats_alloc_bytes`) goes out as a family
// of unknown type: its series keeps the name that client_golang gives it, and Prometheus files each under its own type.

struct MetricsWriter {
    enum Format { case prometheus, openMetrics }
    enum Kind: String { case counter, gauge, summary, histogram, unknown }
    typealias Labels = KeyValuePairs<String, String>

    private let format: Format
    /// The families to write, by the names that they have in the text format; nil for all.
    private let selection: Set<String>?
    private var isSelected = true
    /// Those that have begun, the ones that are left out included, so that a selection changes no family's type.
    private var familyNames: Set<String> = []
    private(set) var text = ""

    init(_ format: Format, only selection: Set<String>? = nil) {
        self.format = format
        self.selection = selection
        text.reserveCapacity(32 << 10)
    }

    /// Starts a family of metrics: what it is, and of which kind.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        isSelected = selection?.contains(name) ?? true
        var (familyName, kind) = (name, kind)
        if format == .openMetrics, kind == .counter {
            let stem = String(name.dropLast("_total".count))
            if familyNames.contains(stem) { kind = .unknown } else { familyName = stem }
        }
        familyNames.insert(familyName)
        if isSelected {
            text += "# HELP \(familyName) \(help)\n# TYPE \(familyName) \(kind.rawValue)\n"
        }
    }

    mutating func sample(_ name: String, _ value: Double, _ labels: Labels = [:]) {
        write(name, labels, Self.text(of: value))
    }

    mutating func sample(_ name: String, _ value: UInt64, _ labels: Labels = [:]) {
        write(name, labels, "\(value)")
    }

    /// A family of one sample.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        family(name, kind, help)
        sample(name, value)
    }

    mutating func metric(_ name: String, _ kind: Kind, _ help: String, _ value: UInt64) {
        family(name, kind, help)
        sample(name, value)
    }

    mutating func metric(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        family(name, kind, help)
        sample(name, Double(value))
    }

    /// The page is whole.
    mutating func finish() {
        if format == .openMetrics { text += "# EOF\n" }
    }

    private mutating func write(_ name: String, _ labels: Labels, _ value: String) {
        guard isSelected else { return }
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    /// A number as the value of the label `le` or `quantile`.
    func bound(_ number: Double) -> String {
        let text = Self.text(of: number)
        let isWhole = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return format == .openMetrics && isWhole ? text + ".0" : text
    }

    static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return goFloatText(value)
    }

    private static func escaped(_ label: String) -> String {
        guard
            label.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == 0x0A })
        else {
            return label
        }
        return label.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}

/// A histogram's samples, for those who keep their buckets apart.
extension MetricsWriter {
    /// - Parameters:
    ///   - name: the family's; it has begun.
    ///   - buckets: how many fell into each; one more than there are bounds.
    ///   - boundsNanoseconds: the buckets' upper bounds, but for the last bucket, which has none.
    ///   - label: told apart by.
    mutating func histogram(
        _ name: String, _ buckets: [UInt64], boundsNanoseconds: [UInt64], sumNanoseconds: UInt64,
        _ label: (name: String, value: String)? = nil
    ) {
        let own: Labels = label.map { [$0.name: $0.value] } ?? [:]
        var cumulative: UInt64 = 0
        for (index, count) in buckets.enumerated() {
            cumulative += count
            let bound =
                index < boundsNanoseconds.count ? self.bound(Double(boundsNanoseconds[index]) / 1e9) : "+Inf"
            let labels: Labels = label.map { [$0.name: $0.value, "le": bound] } ?? ["le": bound]
            sample("\(name)_bucket", cumulative, labels)
        }
        sample("\(name)_sum", Double(sumNanoseconds) / 1e9, own)
        sample("\(name)_count", cumulative, own)
    }
}
