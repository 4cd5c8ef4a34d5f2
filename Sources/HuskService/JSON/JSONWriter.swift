// Writes JSON into memory that a response can take over. Whoever uses it keeps the brackets in balance.

import HuskSystem
import MicroHTTP

struct JSONWriter: ~Copyable {
    private(set) var buffer = ByteBuffer()
    private var needsComma = false

    mutating func beginObject() { open("{") }
    mutating func endObject() { close("}") }
    mutating func beginArray() { open("[") }
    mutating func endArray() { close("]") }

    /// A member's name; its value comes next.
    mutating func name(_ name: StaticString) {
        separate()
        buffer.append("\"")
        buffer.append(name)
        buffer.append("\":")
        needsComma = false
    }

    /// A member whose name is not known beforehand.
    mutating func name(text: String) {
        value(text)
        buffer.append(":")
        needsComma = false
    }

    mutating func value(_ number: Int) {
        separate()
        buffer.append(number)
        needsComma = true
    }

    mutating func value(_ number: UInt64) {
        separate()
        buffer.append(number)
        needsComma = true
    }

    mutating func value(_ number: UInt32) { value(UInt64(number)) }

    mutating func value(_ flag: Bool) {
        separate()
        if flag { buffer.append("true") } else { buffer.append("false") }
        needsComma = true
    }

    /// A finite number as Go's encoding/json prints a float64.
    mutating func value(_ number: Double) {
        separate()
        buffer.append(goFloatText(number))
        needsComma = true
    }

    mutating func value(_ text: String) {
        separate()
        var text = text
        text.withUTF8 { buffer.appendJSONString(UnsafeRawBufferPointer($0)) }
        needsComma = true
    }

    mutating func field(_ name: StaticString, _ number: Int) {
        self.name(name)
        value(number)
    }

    mutating func field(_ name: StaticString, _ number: UInt64) {
        self.name(name)
        value(number)
    }

    mutating func field(_ name: StaticString, _ flag: Bool) {
        self.name(name)
        value(flag)
    }

    mutating func field(_ name: StaticString, _ text: String) {
        self.name(name)
        value(text)
    }

    /// A number, or null.
    mutating func field(_ name: StaticString, _ number: Int?) {
        self.name(name)
        if let number { value(number) } else { nullValue() }
    }

    /// A text, or null.
    mutating func field(_ name: StaticString, _ text: String?) {
        self.name(name)
        if let text { value(text) } else { nullValue() }
    }

    mutating func nullValue() {
        separate()
        buffer.append("null")
        needsComma = true
    }

    /// The text as an answer, ended by a line feed for those who read it in a terminal.
    consuming func response(
        status: Int = 200, contentType: ContentType = .json, headers: [(String, String)] = []
    ) -> Response {
        buffer.append("\n")
        return Response(status: status, contentType: contentType, headers: headers, adopting: buffer.take())
    }

    /// The text as an array of bytes.
    consuming func bytes() -> [UInt8] { Array(buffer.bytes) }

    private mutating func open(_ bracket: StaticString) {
        separate()
        buffer.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: StaticString) {
        buffer.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.append(",") }
    }
}

extension ByteBuffer {
    /// Appends bytes that are UTF-8 as a JSON string. Only what JSON demands is escaped.
    package mutating func appendJSONString(_ bytes: UnsafeRawBufferPointer) {
        append("\"")
        var start = 0
        for offset in 0..<bytes.count {
            let byte = bytes[offset]
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { continue }
            append(UnsafeRawBufferPointer(rebasing: bytes[start..<offset]))
            start = offset + 1
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            default:
                append(byte < 0x10 ? "\\u000" : "\\u001")
                append(hexadecimalDigit(byte & 0xF))
            }
        }
        append(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        append("\"")
    }
}

/// How many bytes `appendJSONString` appends.
package func jsonStringByteCount(_ bytes: UnsafeRawBufferPointer) -> Int {
    var count = bytes.count + 2
    for byte in bytes {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x0A, 0x0D, 0x09: count += 1
        case ..<0x20: count += 5
        default: break
        }
    }
    return count
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

/// A finite float64 as Go's encoding/json prints it: the shortest digits that read back the same, without an exponent
/// from 1e-6 up to 1e21, and with a short one (`1e-9`, not `1e-09`) elsewhere. (Go: encoding/json/encode.go)
package func goFloatText(_ number: Double) -> String {
    guard number != 0, number.isFinite else { return number.sign == .minus ? "-0" : "0" }
    // Swift prints the same shortest digits, only arranged by other rules: take them apart.
    let parts = "\(number.magnitude)".split(separator: "e")
    let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let fraction = halves.count > 1 && halves[1] != "0" ? halves[1] : ""
    var digits = String(halves[0] + fraction)
    var pointPosition = halves[0].count + (parts.count > 1 ? Int(parts[1])! : 0)
    while digits.first == "0", digits.count > 1 {
        digits.removeFirst()
        pointPosition -= 1
    }
    while digits.last == "0", digits.count > 1 { digits.removeLast() }
    let sign = number < 0 ? "-" : ""
    if number.magnitude < 1e-6 || number.magnitude >= 1e21 {
        let exponent = pointPosition - 1
        let mantissa = digits.count == 1 ? digits : "\(digits.first!).\(digits.dropFirst())"
        return "\(sign)\(mantissa)e\(exponent < 0 ? "-" : "+")\(abs(exponent))"
    }
    if pointPosition <= 0 { return sign + "0." + String(repeating: "0", count: -pointPosition) + digits }
    if pointPosition >= digits.count {
        return sign + digits + String(repeating: "0", count: pointPosition - digits.count)
    }
    return sign + digits.prefix(pointPosition) + "." + digits.dropFirst(pointPosition)
}
