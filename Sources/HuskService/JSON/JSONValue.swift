// A JSON text as values, with integers exact to 64 bits. Foundation's parser rounds them through Double and lets
// duplicate names pass; this one does neither.

/// One JSON value.
package enum JSONValue: Equatable, Sendable {
    case null
    case boolean(Bool)
    case number(JSONNumber)
    /// The string's bytes: UTF-8, escapes resolved.
    case string([UInt8])
    case array([JSONValue])
    /// The members in their order; no name comes twice.
    case object([JSONMember])

    /// What this is, for an error's text.
    var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// One `"name": value` of an object.
package struct JSONMember: Equatable, Sendable {
    package var name: String
    package var value: JSONValue
}

/// A JSON number as the integer that it is, however it is written: `1000`, `1e3` and `1000.0` are the same.
package enum JSONNumber: Equatable, Sendable {
    case integer(isNegative: Bool, magnitude: UInt64)
    /// It has a fraction; the nearest Double.
    case fraction(Double)
    /// An integer whose magnitude takes more than 64 bits.
    case beyond64Bits

    /// Computes the integer `digits × 10^exponent`.
    /// - Parameters:
    ///   - digits: ASCII digits, the fraction's included.
    ///   - exponent: the written exponent less the number of the fraction's digits; clamped by the caller.
    ///   - text: all of it, as it was written.
    init(isNegative: Bool, digits: [UInt8], exponent: Int, text: some Collection<UInt8>) {
        var significant = digits.drop { $0 == UInt8(ascii: "0") }
        if significant.isEmpty {
            self = .integer(isNegative: false, magnitude: 0)
            return
        }
        var zeros = exponent
        while zeros < 0 {
            guard significant.last == UInt8(ascii: "0") else {
                self = .fraction(Double(String(decoding: text, as: UTF8.self)) ?? .nan)
                return
            }
            significant.removeLast()
            zeros += 1
        }
        // 2^64 has 20 digits.
        guard significant.count + zeros <= 20 else {
            self = .beyond64Bits
            return
        }
        var magnitude: UInt64 = 0
        for digit in significant.map({ UInt64($0 - UInt8(ascii: "0")) }) + Array(repeating: 0, count: zeros) {
            let (tens, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(digit)
            if overflow || carry {
                self = .beyond64Bits
                return
            }
            magnitude = sum
        }
        self = .integer(isNegative: isNegative, magnitude: magnitude)
    }

    /// The number, rounded if need be; nil beyond 64 bits.
    package var double: Double? {
        switch self {
        case .integer(let isNegative, let magnitude): isNegative ? -Double(magnitude) : Double(magnitude)
        case .fraction(let number): number
        case .beyond64Bits: nil
        }
    }

    /// The number, if it is an integer that `Number` holds.
    package func exactly<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        guard case .integer(let isNegative, let magnitude) = self else { return nil }
        return Number(exactly: isNegative ? -Int128(magnitude) : Int128(magnitude))
    }

    /// The number, if it is an integer that Int holds.
    package var int: Int? { exactly(Int.self) }
}
