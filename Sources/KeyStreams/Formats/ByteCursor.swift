// A place in a line, read from left to right.

import Glibc

struct ByteCursor {
    // SAFETY: `start` ... `end` is a line's memory; nothing is read at `end` or written beyond it.
    var start: UnsafeMutablePointer<UInt8>
    let end: UnsafeMutablePointer<UInt8>

    init(_ line: UnsafeMutableRawBufferPointer) {
        start = line.baseAddress!.assumingMemoryBound(to: UInt8.self)
        end = start + line.count
    }

    var isAtEnd: Bool { start == end }
    var count: Int { end - start }

    @inline(__always)
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard start < end, start.pointee == UInt8(ascii: character) else { return false }
        start += 1
        return true
    }

    @inline(__always)
    mutating func takeAll(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard count >= length, memcmp(start, word.utf8Start, length) == 0 else { return false }
        start += length
        return true
    }

    mutating func skipSpace() {
        while start < end, start.pointee == 0x20 || start.pointee == 0x09 { start += 1 }
    }

    /// Where a byte comes next.
    @inline(__always)
    func find(_ character: Unicode.Scalar) -> UnsafeMutablePointer<UInt8>? {
        memchr(start, Int32(UInt8(ascii: character)), count)?.assumingMemoryBound(to: UInt8.self)
    }

    /// What lies before a place, and the cursor behind it.
    mutating func takeUpTo(_ place: UnsafeMutablePointer<UInt8>) -> UnsafeRawBufferPointer {
        defer { start = place + 1 }
        return UnsafeRawBufferPointer(start: start, count: place - start)
    }

    /// A decimal number of up to 18 digits.
    @inline(__always)
    mutating func takeNumber() -> Int64? {
        let first = start
        var number: Int64 = 0
        while start < end, case let digit = start.pointee &- UInt8(ascii: "0"), digit < 10 {
            guard start - first < 18 else { return nil }
            number = number &* 10 &+ Int64(digit)
            start += 1
        }
        return start > first ? number : nil
    }

    /// Seconds with or without a fraction, as microseconds; what is finer is cut off.
    @inline(__always)
    mutating func takeSeconds() -> Int64? {
        guard let seconds = takeNumber(), seconds < 1 << 43 else { return nil }
        guard take(".") else { return seconds &* 1_000_000 }
        var unit: Int64 = 100_000
        var microseconds: Int64 = 0
        while start < end, case let digit = start.pointee &- UInt8(ascii: "0"), digit < 10 {
            microseconds &+= Int64(digit) &* unit
            unit /= 10
            start += 1
        }
        return seconds &* 1_000_000 &+ microseconds
    }
}

extension UnsafeRawBufferPointer {
    /// All of it as a decimal number of up to 18 digits.
    @inline(__always)
    var number: Int64? {
        guard !isEmpty, count <= 18 else { return nil }
        var number: Int64 = 0
        for byte in self {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number &* 10 &+ Int64(digit)
        }
        return number
    }

    func equals(_ word: StaticString) -> Bool {
        count == word.utf8CodeUnitCount && (isEmpty || memcmp(baseAddress!, word.utf8Start, count) == 0)
    }
}

/// The value of a hexadecimal digit, either case.
func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
