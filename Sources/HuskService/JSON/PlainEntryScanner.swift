// A line of an import in its plain form, `{"key":123,"value":"value-123"}`, read where it lies.
//
// Most lines are so: the two members, no escapes. This builds nothing and copies nothing. It never says that a line is
// wrong, only that it is not plain: then JSONParser reads it, the judge of what is JSON. What it does take it takes as
// the parser would (a test holds the two together).

import Glibc
import HuskLab

package struct PlainEntryScanner {
    private let line: UnsafeRawBufferPointer
    private var offset = 0

    private init(line: UnsafeRawBufferPointer) { self.line = line }

    /// Reads a whole line.
    ///
    /// - Parameter line: without its line feed; the bytes of the entry lie in it.
    /// - Returns: nil when the line is not plain.
    package static func scan(_ line: UnsafeRawBufferPointer) -> Entry? {
        var scanner = PlainEntryScanner(line: line)
        return scanner.entry()
    }

    private mutating func entry() -> Entry? {
        skipSpace()
        guard take("{"), let first = member(), take(","), let second = member(), take("}") else { return nil }
        skipSpace()
        guard offset == line.count, first.isKey != second.isKey else { return nil }
        return first.isKey
            ? Entry(key: first.scalar, value: second.scalar) : Entry(key: second.scalar, value: first.scalar)
    }

    /// `"key": …` or `"value": …`, and the space around it.
    private mutating func member() -> (isKey: Bool, scalar: EntryScalar)? {
        skipSpace()
        let isKey = takeAll(#""key""#)
        guard isKey || takeAll(#""value""#) else { return nil }
        skipSpace()
        guard take(":") else { return nil }
        skipSpace()
        guard let scalar = scalar() else { return nil }
        skipSpace()
        return (isKey, scalar)
    }

    private mutating func scalar() -> EntryScalar? {
        guard offset < line.count else { return nil }
        switch line[offset] {
        case UInt8(ascii: "\""): return text().map { .bytes($0) }
        case UInt8(ascii: "t"): return takeAll("true") ? .boolean(true) : nil
        case UInt8(ascii: "f"): return takeAll("false") ? .boolean(false) : nil
        case UInt8(ascii: "{"): return takeAll("{}") ? .empty : nil
        default: return integer().map { .integer($0) }
        }
    }

    /// An integer of up to 18 digits, which no sum overflows. A fraction or an exponent behind it is not plain, and ends the scan,
    /// since neither `.` nor `e` may follow a member.
    private mutating func integer() -> Int64? {
        let isNegative = take("-")
        let start = offset
        var magnitude: Int64 = 0
        while offset < line.count, case let digit = line[offset] &- UInt8(ascii: "0"), digit < 10 {
            guard offset &- start < 18 else { return nil }
            magnitude = magnitude &* 10 &+ Int64(digit)
            offset &+= 1
        }
        let isWithoutLeadingZero = offset &- start == 1 || offset > start && line[start] != UInt8(ascii: "0")
        return isWithoutLeadingZero ? (isNegative ? -magnitude : magnitude) : nil
    }

    /// A string without escapes.
    private mutating func text() -> UnsafeRawBufferPointer? {
        let start = offset &+ 1
        guard start < line.count,
            let end = memchr(line.baseAddress! + start, Int32(UInt8(ascii: "\"")), line.count &- start)
        else { return nil }
        let length = UnsafeRawPointer(end) - (line.baseAddress! + start)
        let text = UnsafeRawBufferPointer(rebasing: line[start..<(start &+ length)])
        guard isPlain(text) else { return nil }
        offset = start &+ length &+ 1
        return text
    }

    /// Whether a string's bytes are what they stand for: no escape, no control character, valid UTF-8.
    private func isPlain(_ text: UnsafeRawBufferPointer) -> Bool {
        let (ones, highBits): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        var place = 0
        // PERF: eight bytes at a time, and a closer look only if there is a suspect. A byte of ASCII gets its high bit set
        // by subtracting 0x20 if it is a control character, and by subtracting 1 from its difference to a backslash if
        // it is one. Bytes beyond ASCII have it set already.
        while place &+ 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let controls = word &- ones &* 0x20
            let backslashes = (word ^ ones &* UInt64(UInt8(ascii: "\\"))) &- ones
            if (controls | backslashes | word) & highBits != 0 { return isPlainInDetail(text) }
            place &+= 8
        }
        while place < text.count {
            let byte = text[place]
            if byte < 0x20 || byte == UInt8(ascii: "\\") || byte >= 0x80 { return isPlainInDetail(text) }
            place &+= 1
        }
        return true
    }

    private func isPlainInDetail(_ text: UnsafeRawBufferPointer) -> Bool {
        text.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\\") } && firstInvalidUTF8Offset(text) == nil
    }

    private mutating func skipSpace() {
        while offset < line.count, line[offset] == 0x20 || line[offset] == 0x09 { offset &+= 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard offset < line.count, line[offset] == UInt8(ascii: character) else { return false }
        offset &+= 1
        return true
    }

    private mutating func takeAll(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard offset &+ length <= line.count, memcmp(line.baseAddress! + offset, word.utf8Start, length) == 0
        else {
            return false
        }
        offset &+= length
        return true
    }
}
