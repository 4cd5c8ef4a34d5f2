// Keys and values of every type that own their bytes, for tests and fuzzers that compare a map with a `Dictionary`.

import GoMap

/// A key or value that owns its bytes.
package enum Sample: Hashable {
    case word(UInt64)
    case bytes([UInt8])

    /// The `number`-th sample of a type; different numbers give different samples where the type has enough.
    package init(_ number: Int, of type: GoType) {
        let bits = UInt64(bitPattern: Int64(number))
        switch type {
        case .int, .int64, .uint64: self = .word(bits)
        case .int32, .uint32: self = .word(bits & 0xFFFF_FFFF)
        case .uint8: self = .word(bits & 0xFF)
        case .bool: self = .word(bits & 1)
        case .emptyStruct: self = .word(0)
        case .string: self = .bytes(number == 0 ? [] : Array("k\(number)".utf8))
        case .bytes: self = .bytes((0..<(number % 50)).map { UInt8(truncatingIfNeeded: number + $0) })
        case .array(let count):
            self = .bytes((0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: bits >> UInt64($0 * 8)) : 7 })
        case .pointer(let pointee): self.init(number, of: pointee)
        }
    }

    /// A copy of a datum of a type.
    package init(_ datum: Datum, of type: GoType) {
        switch type {
        case .pointer(let pointee): self.init(datum, of: pointee)
        case .string, .bytes, .array: self = .bytes(Array(datum.bytes))
        default: self = .word(datum.word)
        }
    }

    package func withDatum<Result>(_ body: (Datum) -> Result) -> Result {
        switch self {
        case .word(let word): return body(Datum(integer: word))
        case .bytes(let bytes):
            return bytes.withUnsafeBytes { body(Datum(bytes: $0.baseAddress, count: $0.count)) }
        }
    }
}
