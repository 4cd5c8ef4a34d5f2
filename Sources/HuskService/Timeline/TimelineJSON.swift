// Samples and marks as JSON: columns, so that an hour of them is compact, and one by one for events.

import HuskLab
import HuskSystem

extension JSONWriter {
    /// The body of GET /timeline.
    mutating func value(_ extract: Timeline.Extract, period: String, size: Int, go: String) {
        beginObject()
        field("period", period)
        field("size", size)
        field("go", go)
        name("samples")
        beginObject()
        column("sequence", extract.count) { $1.value(extract.number($0)) }
        column("time", extract.count) { $1.value(extract.milliseconds($0)) }
        for (index, place) in extract.fields.enumerated() {
            let field = TimelineField.all[place]
            column(field.name, extract.count) { $1.value(extract.word($0, index), field.kind) }
        }
        endObject()
        name("marks")
        beginArray()
        for mark in extract.marks { value(mark) }
        endArray()
        endObject()
    }

    private mutating func column(
        _ name: StaticString, _ count: Int, _ write: (Int, inout JSONWriter) -> Void
    ) {
        self.name(name)
        beginArray()
        for index in 0..<count { write(index, &self) }
        endArray()
    }

    /// One sample as an object, from a whole row.
    mutating func value(sample row: [UInt64]) {
        beginObject()
        field("sequence", row[0])
        field("time", row[1])
        for (field, word) in zip(TimelineField.all, row.dropFirst(Timeline.headWords)) {
            name(field.name)
            value(word, field.kind)
        }
        endObject()
    }

    mutating func value(_ mark: Timeline.Mark) {
        beginObject()
        field("sequence", mark.number)
        field("time", mark.milliseconds)
        field("kind", mark.kind.rawValue)
        field("text", mark.text)
        field("by", mark.by)
        endObject()
    }

    private mutating func value(_ word: UInt64, _ kind: TimelineField.Kind) {
        switch kind {
        case .integer: value(word)
        case .number: value(Double(bitPattern: word))
        case .flag: value(word != 0)
        case .optionalInteger: if word == TimelineField.absent { nullValue() } else { value(word) }
        }
    }
}
