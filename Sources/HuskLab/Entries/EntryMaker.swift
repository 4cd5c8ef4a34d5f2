// Makes the keys and values of a range: datums that point into memory of its own.

import GoMap
import HuskSystem

/// One key and one value at a time; each is good until the next of its kind in the same place.
struct EntryMaker: ~Copyable {
    private let key: TextCodec
    private let value: TextCodec
    private let keyStride: Int
    private let prefixBytes: Int
    private let valueBytes: Int
    private let isUnsigned: Bool
    /// `places` keys side by side, then one value.
    private let keyMemory: UnsafeMutableRawBufferPointer
    private let valueMemory: UnsafeMutableRawBufferPointer

    /// - Parameters:
    ///   - type: the map's.
    ///   - range: whose prefix and value size to use.
    ///   - places: how many keys are wanted at a time.
    init(_ type: MapTypeRef, _ range: KeyRange, places: Int) {
        key = type.pointee.keyText
        value = type.pointee.valueText
        valueBytes = value.isPadded ? value.byteCount : range.valueBytes
        prefixBytes = range.prefix.utf8.count
        isUnsigned = range.isUnsigned
        keyStride = max(prefixBytes + 20, key.isPadded ? key.byteCount : 0)
        keyMemory = .allocate(byteCount: keyStride * places, alignment: 8)
        _ = keyMemory.initializeMemory(as: UInt8.self, repeating: 0)
        for place in 0..<places {
            for (offset, byte) in range.prefix.utf8.enumerated() {
                keyMemory[place * keyStride + offset] = byte
            }
        }
        valueMemory = .allocate(byteCount: max(valueBytes, 20), alignment: 8)
        _ = valueMemory.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "."))
    }

    deinit {
        keyMemory.deallocate()
        valueMemory.deallocate()
    }

    /// The key of a number: the number, or the prefix and the number in decimal; `[N]byte` is padded with zeros.
    @inline(__always)
    func key(_ number: Int, place: Int) -> Datum {
        if key.isText { return Datum(integer: number) }
        let start = keyMemory.baseAddress.unsafelyUnwrapped + place &* keyStride
        var byteCount = prefixBytes
        if number < 0 && !isUnsigned {
            start.storeBytes(of: UInt8(ascii: "-"), toByteOffset: byteCount, as: UInt8.self)
            byteCount &+= 1
        }
        byteCount &+= writeDecimal(magnitude(number), at: start + byteCount)
        guard key.isPadded else { return Datum(bytes: start, count: byteCount) }
        for offset in byteCount..<max(byteCount, key.byteCount) {
            start.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
        }
        return Datum(bytes: start, count: key.byteCount)
    }

    /// The value of a number: the number, cut to its type; or its decimal digits, padded with dots to the value's size.
    @inline(__always)
    func value(_ number: Int) -> Datum {
        switch value.kind {
        case .signed, .unsigned: return Datum(integer: number)
        case .empty: return .empty
        case .boolean: return Datum(integer: number & 1)
        case .bytes, .array:
            let start = valueMemory.baseAddress.unsafelyUnwrapped
            // Longer digits of the value before are overwritten with dots.
            (start).storeBytes(of: 0x2E2E_2E2E_2E2E_2E2E, as: UInt64.self)
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
        guard case .array(let count) = name.key else { return nil }
        let digits =
            isSequence ? max("\(bounds.lowerBound)".utf8.count, "\(bounds.upperBound)".utf8.count) : 20
        return range.prefix.utf8.count + digits <= count
            ? nil : "the prefix and \(digits) digits do not fit into a \(name.key) key"
    }
}
