// What `husk top` knows: the last samples and marks, as GET /timeline and GET /events tell them.

import HuskService

struct TopHistory {
    struct Sample {
        var number: Int
        var milliseconds: Int
        /// By their names; nil for one that there is not.
        fileprivate var figures: [String: Double]

        subscript(_ name: String) -> Double? { figures[name] }
    }

    struct Mark {
        var number: Int
        var milliseconds: Int
        var kind: String
        var text: String
        var by: String?
    }

    private(set) var samples: [Sample] = []
    private(set) var marks: [Mark] = []
    private(set) var period = ""
    private(set) var go = ""
    /// The number of the last event.
    private(set) var lastNumber: Int?

    /// More than any screen is wide, or high.
    private static let limit = 1000

    /// Reads the body of GET /timeline.
    mutating func take(timeline body: [UInt8]) throws(Failure) {
        let answer = try Self.parsed(body)
        period = answer["period"].text ?? period
        go = answer["go"].text ?? go
        guard case .object(let columns)? = answer["samples"] else { return }
        let numbers = answer["samples"]["sequence"].elements.compactMap(\.int)
        for (index, number) in numbers.enumerated() {
            var sample = Sample(number: number, milliseconds: 0, figures: [:])
            for column in columns {
                let elements = Optional(column.value).elements
                guard index < elements.count, let figure = Optional(elements[index]).figure else { continue }
                sample.figures[column.name] = figure
            }
            sample.milliseconds = Int(sample["time"] ?? 0)
            add(sample)
        }
        for mark in answer["marks"].elements { take(mark: mark) }
    }

    /// Reads an event.
    mutating func take(_ event: ServerEvent) throws(Failure) {
        let value = try Self.parsed(Array(event.data.utf8))
        switch event.name {
        case "hello":
            period = value["period"].text ?? period
            go = value["go"].text ?? go
        case "sample":
            guard case .object(let members) = value, let number = value["sequence"].int else { return }
            var sample = Sample(number: number, milliseconds: value["time"].int ?? 0, figures: [:])
            for member in members { sample.figures[member.name] = Optional(member.value).figure }
            add(sample)
        case "mark": take(mark: value)
        default: break
        }
    }

    private mutating func add(_ sample: Sample) {
        if let lastNumber, sample.number <= lastNumber { return }
        samples.append(sample)
        if samples.count > Self.limit { samples.removeFirst(samples.count - Self.limit) }
        lastNumber = sample.number
    }

    private mutating func take(mark: JSONValue) {
        guard let number = mark["sequence"].int, !marks.contains(where: { $0.number == number }) else { return }
        let kind = mark["kind"].text ?? ""
        // The Go that the next samples are of.
        if kind == "go", let go = mark["text"].text?.split(separator: " ").last { self.go = String(go) }
        marks.append(
            Mark(
                number: number, milliseconds: mark["time"].int ?? 0, kind: kind, text: mark["text"].text ?? "",
                by: mark["by"].text))
        if marks.count > Self.limit { marks.removeFirst(marks.count - Self.limit) }
        lastNumber = max(lastNumber ?? 0, number)
    }

    private static func parsed(_ text: [UInt8]) throws(Failure) -> JSONValue {
        let result = text.withUnsafeBytes { bytes in
            Result { () throws(JSONError) in try JSONParser.parse(bytes) }
        }
        switch result {
        case .success(let value): return value
        case .failure(let error):
            throw Failure(description: "the server does not answer as Husk does: \(error.reason)")
        }
    }
}

extension JSONValue {
    subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}

extension Optional<JSONValue> {
    subscript(_ name: String) -> JSONValue? { self?[name] }

    var text: String? {
        guard case .string(let bytes)? = self else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    var int: Int? {
        guard case .number(let number)? = self else { return nil }
        return number.int
    }

    /// A number; 1 and 0 for yes and no.
    var figure: Double? {
        switch self {
        case .number(let number)?: number.double
        case .boolean(let flag)?: flag ? 1 : 0
        default: nil
        }
    }

    var elements: [JSONValue] {
        guard case .array(let elements)? = self else { return [] }
        return elements
    }
}

extension JSONValue {
    fileprivate var int: Int? { Optional(self).int }
}
