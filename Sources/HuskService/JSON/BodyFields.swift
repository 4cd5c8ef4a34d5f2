// A JSON request body taken apart field by field, strictly: each is asked for once, and what nobody asked for is an
// error. An empty body means "all defaults".

import GoMap
import HuskLab

struct BodyFields {
    private var members: [JSONMember]
    /// Stands before the names in errors.
    private var prefix = ""

    /// Parses a body.
    /// - Throws: a 400 unless it is empty or one JSON object.
    init(_ body: UnsafeRawBufferPointer) throws(Problem) {
        if body.isEmpty {
            members = []
            return
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(body)
        } catch {
            throw Problem(error)
        }
        guard case .object(let members) = value else {
            throw Problem(.badRequest, "the body is \(value.kind), expected a JSON object")
        }
        self.members = members
    }

    /// For operations without parameters: nothing, or `{}`.
    static func requireNone(_ body: UnsafeRawBufferPointer) throws(Problem) {
        try BodyFields(body).refuseRest()
    }

    /// An integer in a range; nil when the field is left out.
    mutating func integer<Number: FixedWidthInteger>(
        _ name: String, in range: ClosedRange<Number>
    ) throws(Problem) -> Number? {
        guard let value = take(name) else { return nil }
        guard case .number(let number) = value else {
            throw wrong(name, "is \(value.kind), expected an integer")
        }
        if case .fraction = number { throw wrong(name, "has a fraction, expected an integer") }
        guard let integer = number.exactly(Number.self), range.contains(integer) else {
            throw wrong(name, "is out of range, expected \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    /// A number, rounded if need be; nil when the field is left out.
    mutating func number(_ name: String) throws(Problem) -> Double? {
        guard let value = take(name) else { return nil }
        guard case .number(let number) = value else {
            throw wrong(name, "is \(value.kind), expected a number")
        }
        guard let double = number.double, double.isFinite else { throw wrong(name, "is out of range") }
        return double
    }

    mutating func boolean(_ name: String) throws(Problem) -> Bool? {
        guard let value = take(name) else { return nil }
        guard case .boolean(let flag) = value else {
            throw wrong(name, "is \(value.kind), expected true or false")
        }
        return flag
    }

    mutating func string(_ name: String) throws(Problem) -> String? {
        guard let value = take(name) else { return nil }
        guard case .string(let bytes) = value else {
            throw wrong(name, "is \(value.kind), expected a string")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// An integer in a range, or one certain string in its place: GOGC's `"off"`.
    mutating func integer(_ name: String, in range: ClosedRange<Int>, orText text: String) throws(Problem)
        -> IntegerOrText?
    {
        if case .string(let bytes)? = peek(name) {
            guard bytes.elementsEqual(text.utf8) else {
                throw wrong(name, "is another string than \"\(text)\"; expected that, or an integer")
            }
            _ = take(name)
            return .text
        }
        return try integer(name, in: range).map { .integer($0) }
    }

    enum IntegerOrText {
        case integer(Int)
        case text
    }

    /// Whether a field is null, which is a value of its own there; then it is taken.
    mutating func takeNull(_ name: String) -> Bool {
        guard peek(name) == .null else { return false }
        _ = take(name)
        return true
    }

    /// The fields of an object within; nil when it is left out. They are called `name.field` in errors.
    mutating func object(_ name: String) throws(Problem) -> BodyFields? {
        guard let value = take(name) else { return nil }
        guard case .object(let members) = value else {
            throw wrong(name, "is \(value.kind), expected an object")
        }
        return BodyFields(members: members, within: "\(prefix)\(name).")
    }

    /// The objects of an array; nil when it is left out. Their fields are called `name[0].field` in errors.
    mutating func objects(_ name: String) throws(Problem) -> [BodyFields]? {
        guard let value = take(name) else { return nil }
        guard case .array(let elements) = value else {
            throw wrong(name, "is \(value.kind), expected an array")
        }
        var objects: [BodyFields] = []
        for element in elements {
            let place = "\(name)[\(objects.count)]"
            guard case .object(let members) = element else {
                throw wrong(place, "is \(element.kind), expected an object")
            }
            objects.append(BodyFields(members: members, within: "\(prefix)\(place)."))
        }
        return objects
    }

    private init(members: [JSONMember], within prefix: String) {
        self.members = members
        self.prefix = prefix
    }

    /// All the fields, for those who say themselves which there are.
    consuming func takeAll() -> [JSONMember] { members }

    /// Every field must have been asked for by now.
    func refuseRest() throws(Problem) {
        guard let unknown = members.first?.name else { return }
        throw wrong(unknown, "is not a field of this body")
    }

    private func peek(_ name: String) -> JSONValue? { members.first { $0.name == name }?.value }

    private mutating func take(_ name: String) -> JSONValue? {
        guard let index = members.firstIndex(where: { $0.name == name }) else { return nil }
        return members.remove(at: index).value
    }

    func wrong(_ name: String, _ what: String) -> Problem {
        let shown = echoed(prefix + name)
        return Problem(.badRequest, "\(shown) \(what)", field: shown)
    }
}
