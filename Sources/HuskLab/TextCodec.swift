// Keys and values as they come over the wire: decimal text for integers, true and false, raw bytes for the rest.
//
// Bytes are borrowed both ways: a datum made from text points into it.

import GoMap

extension GoType {
    /// Reads a key or value.
    ///
    /// - Parameter text: its bytes as the wire has them.
    /// - Returns: the datum, or nil when the text is not one of this type (`misfit(_:)` says why).
    func datum(from text: UnsafeRawBufferPointer) -> Datum? {
        switch self {
        case .int, .int64: Self.signed(text, limit: UInt64(Int64.max))
        case .int32: Self.signed(text, limit: UInt64(Int32.max))
        case .uint64: Self.unsigned(text, limit: .max)
        case .uint32: Self.unsigned(text, limit: UInt64(UInt32.max))
        case .uint8: Self.unsigned(text, limit: 255)
        case .bool: Self.boolean(text)
        case .emptyStruct: text.isEmpty ? .empty : nil
        case .string, .bytes: Datum(bytes: text.baseAddress, count: text.count)
        case .array(let count): text.count <= count ? Datum(bytes: text.baseAddress, count: text.count) : nil
        case .pointer(let pointee): pointee.datum(from: text)
        }
    }

    /// Whether values go over the wire as text (numbers, `true` and `false`) rather than raw bytes.
    var isTextOnWire: Bool {
        switch self {
        case .int, .int64, .int32, .uint64, .uint32, .uint8, .bool: true
        case .emptyStruct, .string, .bytes, .array: false
        case .pointer(let pointee): pointee.isTextOnWire
        }
    }

    /// Why a text is not one of this type: what it is, and what was expected.
    func misfit(_ text: UnsafeRawBufferPointer) -> String {
        if case .pointer(let pointee) = self { return pointee.misfit(text) }
        if case .array(let count) = self { return "of \(text.count) bytes is not \(withArticle): expected at most \(count)" }
        let expected =
            switch self {
            case .int, .int64: "a decimal number from \(Int64.min) to \(Int64.max)"
            case .int32: "a decimal number from \(Int32.min) to \(Int32.max)"
            case .uint64: "a decimal number from 0 to \(UInt64.max)"
            case .uint32: "a decimal number from 0 to \(UInt32.max)"
            case .uint8: "a decimal number from 0 to 255"
            case .bool: "true or false"
            case .emptyStruct: "an empty body"
            case .string, .bytes, .array, .pointer: "bytes"
            }
        // More than this is not shown, so more need not be decoded.
        let shown = echoed(String(decoding: text.prefix(1024), as: UTF8.self))
        return "'\(shown)' is not \(withArticle): expected \(expected)"
    }

    /// Appends a value as the wire has it.
    ///
    /// - Parameters:
    ///   - datum: of this type; nil is a nil pointer, which has no text.
    ///   - output: where to.
    func append(_ datum: Datum?, to output: inout WireBuffer) {
        guard let datum else { return }
        switch self {
        case .int, .int64: output.append(Int64(bitPattern: datum.word))
        case .int32: output.append(Int64(Int32(truncatingIfNeeded: datum.word)))
        case .uint64, .uint32, .uint8: output.append(datum.word)
        case .bool:
            if datum.word == 0 { output.append("false") } else { output.append("true") }
        case .emptyStruct: break
        case .string, .bytes, .array: output.append(datum.bytes)
        case .pointer(let pointee): pointee.append(datum, to: &output)
        }
    }

    private static func signed(_ text: UnsafeRawBufferPointer, limit: UInt64) -> Datum? {
        guard text.first == UInt8(ascii: "-") else { return unsigned(text, limit: limit) }
        let digits = UnsafeRawBufferPointer(rebasing: text.dropFirst())
        guard let magnitude = unsigned(digits, limit: limit + 1) else { return nil }
        return Datum(integer: 0 &- magnitude.word)
    }

    private static func unsigned(_ text: UnsafeRawBufferPointer, limit: UInt64) -> Datum? {
        // The longest number, 2^64 − 1, has 20 digits. One spelling a number: no leading zeros.
        guard !text.isEmpty, text.count <= 20, text.count == 1 || text[0] != UInt8(ascii: "0") else { return nil }
        var value: UInt64 = 0
        for byte in text {
            let digit = UInt64(byte &- UInt8(ascii: "0"))
            guard digit < 10 else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowToo) = tens.addingReportingOverflow(digit)
            if overflow || overflowToo { return nil }
            value = sum
        }
        return value <= limit ? Datum(integer: value) : nil
    }

    private static func boolean(_ text: UnsafeRawBufferPointer) -> Datum? {
        if text.elementsEqual("true".utf8) { return Datum(integer: UInt64(1)) }
        if text.elementsEqual("false".utf8) { return Datum(integer: UInt64(0)) }
        return nil
    }
}
