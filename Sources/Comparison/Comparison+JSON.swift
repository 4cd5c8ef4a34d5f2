// A comparison as one JSON text, for programs: what the runs told, untouched, and what follows from it.

import Reports

extension Report {
    /// - Parameter readers: of the report's runs, in their order.
    package func json(_ readers: [RunReader]) -> String {
        let members = [
            ("title", quoted(title)), ("command", quoted(command)), ("brokenOff", brokenOff.map(quoted) ?? "null"),
            ("advice", "[\(advice.map(quoted).joined(separator: ","))]"),
            ("runs", "[\n\(readers.map(\.json).joined(separator: ",\n"))\n]"),
        ]
        return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",\n") + "}\n"
    }
}

extension RunReader {
    fileprivate var json: String {
        let members = [
            ("remedy", quoted(run.remedy)), ("go", quoted(run.go)), ("state", quoted(run.state.rawValue)),
            ("detail", run.detail.map(quoted) ?? "null"), ("report", report ?? "null"),
            ("samples", "[\(samples.joined(separator: ","))]"), ("marks", "[\(marks.joined(separator: ","))]"),
        ]
        return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }
}

private func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": quoted += "\\\""
        case "\\": quoted += "\\\\"
        case "\n": quoted += "\\n"
        case "\u{0}"..<" ":
            let digits = String(scalar.value, radix: 16)
            quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: quoted.unicodeScalars.append(scalar)
        }
    }
    return quoted + "\""
}
