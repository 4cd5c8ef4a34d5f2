import ArgumentParser
import HuskService
import Scenarios

/// How a table is printed.
enum TableFormat: String, CaseIterable, ExpressibleByArgument {
    case table, json, csv, markdown

    func text(of table: ScenarioTable) -> String {
        switch self {
        case .table: table.text
        case .json: table.json
        case .csv: table.csv
        case .markdown: table.markdown
        }
    }
}
