// Makes keys and values from numbers: datums that point into memory of its own.

import GoMap
import HuskSystem

/// What keys and values that are made from numbers look like.
package struct EntryForm: Equatable, Sendable {
    /// Stands before the number in a `string` or `[N]byte` key.
    package var prefix = "k"
    /// Digits that the number in such a key has at least: zeros stand before it.
    package var keyDigits = 0
    /// Bytes of each `string` or `[]byte` value.
    package var valueBytes = 16

    /// The longest number has 20 digits; more of them are the prefix's business.
    package static let keyDigitsRange = 0...40
    package static let prefixCharactersLimit = 256

    package init() {}
}

/// Some keys and values at a time; each is good until the next of its kind in the same place.
package struct EntryMaker: ~Copyable {
    private let key: TextCodec
    private let value: TextCodec
    private let keyStride: Int
    private let valueStride: Int
    private let prefixBytes: Int
    private let keyDigits: Int
    private let valueBytes: Int
    private let isUnsigned: Bool
    /// Up to this number there may be something before the digits. PERF: one comparison for sign and zeros.
    private let greatestWithHead: Int
    /// Places side by side.
    private let keyMemory: UnsafeMutableRawBufferPointer
    private let valueMemory: UnsafeMutableRawBufferPointer

    /// - Parameters:
    ///   - type: the map's.
    ///   - form: what the entries look like.
    ///   - isUnsigned: whether the numbers are.
    ///   - places: how many keys, and how many values, are wanted at a time.
    package init(
        _ type: MapTypeRef, _ form: EntryForm, isUnsigned: Bool = false, places: (keys: Int, values: Int)
    ) {
        key = type.pointee.keyText
        value = type.pointee.valueText
        valueBytes = value.isPadded ? value.byteCount : form.valueBytes
        prefixBytes = form.prefix.utf8.count
        keyDigits = form.keyDigits
        self.isUnsigned = isUnsigned
        greatestWithHead = form.keyDigits > 1 ? .max : isUnsigned ? .min : -1
        (keyStride, valueStride) = Self.strides(type, form)
        keyMemory = .allocate(byteCount: keyStride * places.keys, alignment: 8)
        _ = keyMemory.initializeMemory(as: UInt8.self, repeating: 0)
        for place in 0..<places.keys {
            for (offset, byte) in form.prefix.utf8.enumerated() {
                keyMemory[place * keyStride + offset] = byte
            }
        }
        valueMemory = .allocate(byteCount: valueStride * places.values, alignment: 8)
        _ = valueMemory.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "."))
    }

    private static func strides(_ type: MapTypeRef, _ form: EntryForm) -> (key: Int, value: Int) {
        let (key, value) = (type.pointee.keyText, type.pointee.valueText)
        // Behind the prefix a sign and digits.
        let written = form.prefix.utf8.count + max(20, form.keyDigits) + 1
        return (
            max(written, key.isPadded ? key.byteCount : 0),
            max(value.isPadded ? value.byteCount : form.valueBytes, 20)
        )
    }

    /// Memory that a key and a value take, in bytes.
    package static func bytesPerPlace(_ type: MapTypeRef, _ form: EntryForm) -> Int {
        let strides = strides(type, form)
        return strides.key + strides.value
    }

    deinit {
        keyMemory.deallocate()
        valueMemory.deallocate()
    }

    /// The key of a number: the number, or the prefix and the number in decimal; `[N]byte` is padded with zeros.
    @inline(__always)
    package func key(_ number: Int, place: Int) -> Datum {
        if key.isText { return Datum(integer: number) }
        let start = keyMemory.baseAddress.unsafelyUnwrapped + place &* keyStride
        var byteCount = prefixBytes
        if number <= greatestWithHead { byteCount &+= writeHead(of: number, at: start + byteCount) }
        byteCount &+= writeDecimal(magnitude(number), at: start + byteCount)
        guard key.isPadded else { return Datum(bytes: start, count: byteCount) }
        for offset in byteCount..<max(byteCount, key.byteCount) {
            start.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
        }
        return Datum(bytes: start, count: key.byteCount)
    }

    /// Writes what stands before a number's digits, a sign and zeros; returns how many bytes.
    @inline(never)
    private func writeHead(of number: Int, at start: UnsafeMutableRawPointer) -> Int {
        let hasSign = number < 0 && !isUnsigned
        if hasSign { start.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self) }
        var digits = 1
        var rest = magnitude(number) / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        let zeros = max(0, keyDigits - digits)
        (start + (hasSign ? 1 : 0)).initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "0"), count: zeros)
        return zeros + (hasSign ? 1 : 0)
    }

    /// The value of a number: the number, cut to its type; or its decimal digits, padded with dots to the value's size.
    @inline(__always)
    package func value(_ number: Int, place: Int = 0) -> Datum {
        switch value.kind {
        case .signed, .unsigned: return Datum(integer: number)
        case .empty: return .empty
        case .boolean: return Datum(integer: number & 1)
        case .bytes, .array:
            let start = valueMemory.baseAddress.unsafelyUnwrapped + place &* valueStride
            // Longer digits of the value before are overwritten with dots.
            start.storeBytes(of: 0x2E2E_2E2E_2E2E_2E2E, as: UInt64.self)
            (start + 8).storeBytes(of: 0x2E2E_2E2E_2E2E_2E2E, as: UInt64.self)
            (start + 16).storeBytes(of: 0x2E2E_2E2E, as: UInt32.self)
            _ = writeDecimal(magnitude(number), at: start)
            return Datum(bytes: start, count: valueBytes)
        }
    }

    @inline(__always)
    private func magnitude(_ number: Int) -> UInt64 {
        isUnsigned ? UInt64(bitPattern: Int64(number)) : UInt64(number.magnitude)
    }

    /// Why a range's keys do not all fit the key's type; nil when they do.
    static func misfit(_ name: MapTypeName, _ range: KeyRange) -> String? {
        let bounds = range.bounds
        let isSequence = range.distribution != .uniform && range.count > 0
        func outside(_ least: Int128, _ greatest: Int128) -> String? {
            if !isSequence || bounds.lowerBound >= least && bounds.upperBound <= greatest { return nil }
            let wrong = bounds.lowerBound < least ? bounds.lowerBound : bounds.upperBound
            return "the range's key \(wrong) is not \(name.key.withArticle): expected \(least) to \(greatest)"
        }
        func outside<Number: FixedWidthInteger>(_: Number.Type) -> String? {
            outside(Int128(Number.min), Int128(Number.max))
        }
        switch name.key {
        case .int, .int64: return outside(Int64.self)
        case .int32: return outside(Int32.self)
        case .uint32: return outside(UInt32.self)
        case .uint64: return outside(UInt64.self)
        default: break
        }
        // Decimal digits after a prefix: any 64 bits, signed or unsigned.
        let least: Int128 = bounds.upperBound > Int.max ? 0 : Int128(Int.min)
        if outside(least, Int128(UInt64.max)) != nil {
            return "the range's numbers leave 64 bits: \(bounds.lowerBound) to \(bounds.upperBound)"
        }
        let digits =
            isSequence ? max("\(bounds.lowerBound)".utf8.count, "\(bounds.upperBound)".utf8.count) : 20
        return Self.misfit(name.key, range.form, digits: digits)
    }

    /// Why numbers of so many digits, a sign included, do not fit a key; nil when they do.
    package static func misfit(_ key: GoType, _ form: EntryForm, digits: Int) -> String? {
        guard case .array(let count) = key else { return nil }
        let digits = max(digits, form.keyDigits)
        return form.prefix.utf8.count + digits <= count
            ? nil : "the prefix and \(digits) digits do not fit into a \(key) key"
    }
}
