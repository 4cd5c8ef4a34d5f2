// Keys and values of a map's type, made from numbers: different keys for different numbers.
//
//     integers         the number, cut to the type
//     string keys      "k" and the number
//     [N]byte keys     the number, then zeros
//     string, []byte   16 bytes that begin with the number; [N]byte, N
//     *T               as T

import GoMap

/// One key and one value at a time; each is good until the next of its kind.
final class EntrySource {
    /// `[N]byte` keys must hold a number.
    static let leastKeyBytes = 8
    private static let valueBytes = 16

    private let key: GoType
    private let value: GoType
    private let keyMemory: UnsafeMutableRawBufferPointer
    private let valueMemory: UnsafeMutableRawBufferPointer

    init(_ type: MapTypeName) {
        key = type.key
        value = type.value.pointee
        keyMemory = Self.zeros(byteCount(of: key))
        valueMemory = Self.zeros(byteCount(of: value))
        func byteCount(of type: GoType) -> Int {
            if case .array(let count) = type { max(count, 32) } else { 32 }
        }
    }

    deinit {
        keyMemory.deallocate()
        valueMemory.deallocate()
    }

    private static func zeros(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        return memory
    }

    /// - Parameter number: 0 or more.
    func key(_ number: Int) -> Datum {
        switch key {
        case .string: return Datum(bytes: keyMemory.baseAddress, count: writeName(number))
        case .array(let count):
            keyMemory.storeBytes(of: number, as: Int.self)
            return Datum(bytes: keyMemory.baseAddress, count: count)
        default: return Datum(integer: number)
        }
    }

    /// - Parameter number: 0 or more.
    func value(_ number: Int) -> Datum {
        switch value {
        case .emptyStruct: return .empty
        case .bool: return Datum(integer: number & 1)
        case .string, .bytes, .array:
            valueMemory.storeBytes(of: number, as: Int.self)
            let count = if case .array(let count) = value { count } else { Self.valueBytes }
            return Datum(bytes: valueMemory.baseAddress, count: count)
        default: return Datum(integer: number)
        }
    }

    /// Writes "k" and the number in decimal; answers how many bytes that took.
    private func writeName(_ number: Int) -> Int {
        var digitCount = 1
        var rest = number / 10
        while rest > 0 {
            digitCount += 1
            rest /= 10
        }
        keyMemory[0] = UInt8(ascii: "k")
        rest = number
        for index in stride(from: digitCount, to: 0, by: -1) {
            keyMemory[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        return digitCount + 1
    }
}
