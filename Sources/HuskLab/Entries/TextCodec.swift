// Keys and values as they come over the wire: decimal text for integers, true and false, raw bytes for the rest.
//
// Bytes are borrowed both ways: a datum made from text points into it.

import GoMap
import HuskSystem

extension TextCodec {
    /// Reads a key or value.
    ///
    /// - Parameter text: its bytes as the wire has them.
    /// - Returns: the datum, or nil when the text is not one of the type (`GoType.misfit(_:)` says why).
    func datum(from text: UnsafeRawBufferPointer) -> Datum? {
        switch kind {
        case .signed: Self.signed(text, limit: UInt64.max >> UInt64(65 - 8 * byteCount))
        case .unsigned: Self.unsigned(text, limit: UInt64.max >> UInt64(64 - 8 * byteCount))
        case .boolean: Self.boolean(text)
        case .empty: text.isEmpty ? .empty : nil
        case .bytes: Datum(bytes: text.baseAddress, count: text.count)
        case .array: text.count <= byteCount ? Datum(bytes: text.baseAddress, count: text.count) : nil
        }
    }

    /// Appends a value as the wire has it.
    ///
    /// - Parameters:
    ///   - datum: of the type; nil is a nil pointer, which has no text.
    ///   - output: where to.
    func append(_ datum: Datum?, to output: inout ByteBuffer) {
        guard let datum else { return }
        switch kind {
        case .signed:
            output.append(
                byteCount == 4 ? Int64(Int32(truncatingIfNeeded: datum.word)) : Int64(bitPattern: datum.word))
        case .unsigned: output.append(datum.word)
        case .boolean:
            if datum.word == 0 { output.append("false") } else { output.append("true") }
        case .empty: break
        case .bytes, .array: output.append(datum.bytes)
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
        guard !text.isEmpty, text.count <= 20, text.count == 1 || text[0] != UInt8(ascii: "0") else {
            return nil
        }
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

extension GoType {
    /// Why a text is not one of this type: what it is, and what was expected.
    func misfit(_ text: UnsafeRawBufferPointer) -> String {
        if case .pointer(let pointee) = self { return pointee.misfit(text) }
        if case .array(let count) = self {
            return "of \(text.count) bytes is not \(withArticle): expected at most \(count)"
        }
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
}
