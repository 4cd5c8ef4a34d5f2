// Makes the keys and values of a range: datums that point into memory of its own.

import GoMap

/// One key and one value at a time; each is good until the next of its kind in the same place.
struct EntryMaker: ~Copyable {
    private let key: GoType
    private let value: GoType
    private let keyStride: Int
    private let prefixBytes: Int
    private let valueBytes: Int
    /// `places` keys side by side, then one value.
    private let keyMemory: UnsafeMutableRawBufferPointer
    private let valueMemory: UnsafeMutableRawBufferPointer

    /// - Parameters:
    ///   - name: the map's type.
    ///   - range: whose prefix and value size to use.
    ///   - places: how many keys are wanted at a time.
    init(_ name: MapTypeName, _ range: KeyRange, places: Int) {
        key = name.key
        value = name.value
        var pointee = name.value
        if case .pointer(let target) = pointee { pointee = target }
        valueBytes = if case .array(let count) = pointee { count } else { range.valueBytes }
        prefixBytes = range.prefix.utf8.count
        var keyBytes = prefixBytes + 20
        if case .array(let count) = name.key { keyBytes = max(keyBytes, count) }
        keyStride = keyBytes
        keyMemory = .allocate(byteCount: keyStride * places, alignment: 8)
        _ = keyMemory.initializeMemory(as: UInt8.self, repeating: 0)
        for place in 0..<places {
            for (offset, byte) in range.prefix.utf8.enumerated() { keyMemory[place * keyStride + offset] = byte }
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
        if key.isInteger { return Datum(integer: number) }
        let start = keyMemory.baseAddress.unsafelyUnwrapped + place &* keyStride
        var byteCount = prefixBytes
        if number < 0 {
            start.storeBytes(of: UInt8(ascii: "-"), toByteOffset: byteCount, as: UInt8.self)
            byteCount &+= 1
        }
        byteCount &+= writeDecimal(UInt64(number.magnitude), at: start + byteCount)
        guard case .array(let count) = key else { return Datum(bytes: start, count: byteCount) }
        for offset in byteCount..<max(byteCount, count) { start.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self) }
        return Datum(bytes: start, count: count)
    }

    /// The value of a number: the number, cut to its type; or its decimal digits, padded with dots to the value's size.
    @inline(__always)
    func value(_ number: Int) -> Datum {
        var type = value
        if case .pointer(let pointee) = type { type = pointee }
        switch type {
        case .emptyStruct: return .empty
        case .bool: return Datum(integer: number & 1)
        case .string, .bytes, .array:
            let start = valueMemory.baseAddress.unsafelyUnwrapped
            // Longer digits of the value before are overwritten with dots.
            (start).storeBytes(of: 0x2E2E_2E2E_2E2E_2E2E, as: UInt64.self)
            (start + 8).storeBytes(of: 0x2E2E_2E2E_2E2E_2E2E, as: UInt64.self)
            (start + 16).storeBytes(of: 0x2E2E_2E2E, as: UInt32.self)
            _ = writeDecimal(UInt64(number.magnitude), at: start)
            return Datum(bytes: start, count: valueBytes)
        default: return Datum(integer: number)
        }
    }

    /// Why a range's keys do not all fit the key's type; nil when they do.
    static func misfit(_ name: MapTypeName, _ range: KeyRange) -> String? {
        guard let last = range.last else { return "the range's last number leaves 64 bits" }
        let low = min(range.from, last)
        let high = max(range.from, last)
        func outside(_ least: Int, _ greatest: UInt64) -> String? {
            if range.distribution == .uniform || range.count == 0 { return nil }
            if low >= least && (high < 0 || UInt64(high) <= greatest) { return nil }
            let wrong = low < least ? low : high
            return "the range's key \(wrong) is not a \(name.key): expected \(least) to \(greatest)"
        }
        switch name.key {
        case .int32: return outside(Int(Int32.min), UInt64(Int32.max))
        case .uint32: return outside(0, UInt64(UInt32.max))
        case .uint64: return outside(0, .max)
        case .array(let count):
            let digits = range.distribution == .uniform ? 20 : max("\(low)".utf8.count, "\(high)".utf8.count)
            return range.prefix.utf8.count + digits <= count
                ? nil : "the prefix and \(digits) digits do not fit into a \(name.key) key"
        default: return nil
        }
    }
}
