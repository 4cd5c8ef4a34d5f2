// A table as CSV: one header, one line a row. (RFC 4180, with line feeds alone as most tools write it)

extension ScenarioTable {
    package var csv: String {
        let header = columns.indices.map { index in
            [columns[index].title, origin(index)].filter { !$0.isEmpty }.joined(separator: " ")
        }
        let lines = rows.map { row in
            row.map { cell in
                switch cell {
                case .text(let text): Self.quoted(text)
                case .number(let number), .change(let number): "\(number)"
                case .none: ""
                }
            }
        }
        return ([header.map(Self.quoted)] + lines).map { $0.joined(separator: ",") + "\n" }.joined()
    }

    private static func quoted(_ field: String) -> String {
        field.contains { ",\"\n\r".contains($0) } ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
    }
}
