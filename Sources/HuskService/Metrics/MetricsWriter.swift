// Writes metrics in Prometheus' text format 0.0.4, or in OpenMetrics 1.0.0.
// (prometheus.io/docs/instrumenting/exposition_formats; in OpenMetrics a counter's family is named without `_total`.)

struct MetricsWriter {
    enum Format { case prometheus, openMetrics }
    enum Kind: String { case counter, gauge, summary, histogram }
    typealias Labels = KeyValuePairs<String, String>

    private let format: Format
    private(set) var text = ""

    init(_ format: Format) {
        self.format = format
        text.reserveCapacity(32 << 10)
    }

    /// Starts a family of metrics: what it is, and of which kind.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        var familyName = name[...]
        if format == .openMetrics, kind == .counter { familyName = name.dropLast("_total".count) }
        text += "# HELP \(familyName) \(help)\n# TYPE \(familyName) \(kind.rawValue)\n"
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
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
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
