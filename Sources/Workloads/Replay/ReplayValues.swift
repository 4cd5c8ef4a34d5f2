// The values of a replay: of a stream, only their sizes are kept.

import GoMap
import HuskLab

final class ReplayValues {
    private enum Kind { case bytes, array(Int), integer, boolean, empty }

    private let kind: Kind
    // SAFETY: never written to after init, freed in deinit.
    private let memory: UnsafeMutableRawBufferPointer

    /// - Parameter type: of the map's values.
    init(_ type: GoType) {
        kind =
            switch type.pointee {
            case .string, .bytes, .pointer: .bytes
            case .array(let count): .array(count)
            case .bool: .boolean
            case .emptyStruct: .empty
            case .int, .int32, .int64, .uint32, .uint64, .uint8: .integer
            }
        memory = .allocate(byteCount: max(Self.memoryBytes, type.pointee.byteCount), alignment: 8)
        _ = memory.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "."))
    }

    deinit { memory.deallocate() }

    static let memoryBytes = EntryLimits.valueBytes

    /// A value of so many bytes; of a type that is a number, the number of them.
    func value(byteCount: Int) -> Datum {
        switch kind {
        case .bytes: Datum(bytes: memory.baseAddress, count: byteCount)
        case .array(let count): Datum(bytes: memory.baseAddress, count: count)
        case .integer: Datum(integer: byteCount)
        case .boolean: Datum(integer: 1)
        case .empty: .empty
        }
    }
}
