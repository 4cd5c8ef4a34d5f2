// A scenario's table as JSON: what POST /scenarios/{name} answers, and `husk scenario --format json` prints.

import GoHeap
import GoMap
import Scenarios

extension ScenarioTable {
    /// The table as JSON, ended by a line feed.
    package var json: String {
        var json = JSONWriter()
        json.value(self)
        return String(decoding: json.bytes(), as: UTF8.self) + "\n"
    }
}

extension JSONWriter {
    mutating func value(_ setting: ParameterValue) {
        switch setting {
        case .goReleases(let releases):
            beginArray()
            for release in releases { value(release.rawValue) }
            endArray()
        case .layout(let layout): value(layout.rawValue)
        case .mapType(let type): value("\(type)")
        case .integer(let number): value(number)
        case .number(let number): value(number)
        case .choice(let choice): value(choice)
        }
    }

    mutating func value(_ table: ScenarioTable) {
        beginObject()
        field("name", table.name)
        field("title", table.title)
        name("parameters")
        beginObject()
        for parameter in table.parameters {
            name(text: parameter.name)
            value(parameter.value)
        }
        endObject()
        name("columns")
        beginArray()
        for column in table.columns {
            beginObject()
            field("name", column.name)
            field("unit", column.unit)
            if let go = column.go { field("go", go.rawValue) }
            if let published = column.published { field("published", published) }
            endObject()
        }
        endArray()
        name("rows")
        beginArray()
        for row in table.rows {
            beginArray()
            for cell in row {
                switch cell {
                case .text(let text): value(text)
                case .number(let number), .change(let number): value(number)
                case .none: nullValue()
                }
            }
            endArray()
        }
        endArray()
        field("note", table.note)
        endObject()
    }
}
