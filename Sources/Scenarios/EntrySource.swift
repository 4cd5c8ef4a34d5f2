// Keys and values of a map's type, made from numbers: different keys for different numbers.
//
//     integers         the number, cut to the type
//     string keys      a prefix and the number
//     [N]byte keys     the number, then zeros
//     string, []byte   bytes that begin with the number; [N]byte, N
//     *T               as T

import GoMap
import HuskSystem

/// What is left open by the types.
struct EntryShape {
    /// Of string keys; 16 bytes at most.
    var prefix = "k"
    /// Of `string` and `[]byte` values.
    var valueBytes = 16
}

/// Which numbers the entries 0, 1, 2, … of a scenario have.
enum Numbering {
    case plain
    /// The first has one number, each other so many more.
    case strided(from: Int, by: Int)
    /// 63 random bits, the same for the same seed.
    case random(seed: Int)

    @inline(__always)
    func number(_ index: Int) -> Int {
        switch self {
        case .plain: index
        case .strided(let from, let step): from + index * step
        case .random(let seed): Int(truncatingIfNeeded: mix(UInt64(seed) << 32 &+ UInt64(index)) >> 1)
        }
    }
}

/// One key and one value at a time; each is good until the next of its kind.
final class EntrySource {
    /// `[N]byte` keys must hold a number.
    static let leastKeyBytes = 8
    private let key: GoType
    private let value: GoType
    private let prefix: [UInt8]
    private let valueBytes: Int
    private let keyMemory: UnsafeMutableRawBufferPointer
    private let valueMemory: UnsafeMutableRawBufferPointer

    init(_ type: MapTypeName, shape: EntryShape = EntryShape()) {
        precondition(shape.prefix.utf8.count <= 16, "a prefix has at most 16 bytes")
        key = type.key
        value = type.value.pointee
        prefix = Array(shape.prefix.utf8)
        valueBytes = shape.valueBytes
        keyMemory = Self.zeros(byteCount(of: key))
        valueMemory = Self.zeros(max(byteCount(of: value), valueBytes))
        for (index, byte) in prefix.enumerated() { keyMemory[index] = byte }
        // A prefix and the longest number, or the bytes of an array.
        func byteCount(of type: GoType) -> Int {
            if case .array(let count) = type { max(count, 40) } else { 40 }
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
            let count = if case .array(let count) = value { count } else { valueBytes }
            return Datum(bytes: valueMemory.baseAddress, count: count)
        default: return Datum(integer: number)
        }
    }

    /// Writes the number in decimal after the prefix; answers how many bytes that makes.
    private func writeName(_ number: Int) -> Int {
        var digitCount = 1
        var rest = number / 10
        while rest > 0 {
            digitCount += 1
            rest /= 10
        }
        rest = number
        for index in stride(from: prefix.count + digitCount - 1, through: prefix.count, by: -1) {
            keyMemory[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        return prefix.count + digitCount
    }
}
