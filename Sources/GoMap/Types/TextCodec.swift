// How keys and values go over the wire: chosen when a map's type is made, so that a request asks no `GoType`.
//
// What reads and writes the text is the lab's.

/// How the keys or values of a type go over the wire; of a `*T`, the `T`s.
package struct TextCodec: Sendable {
    package enum Kind: UInt8, Sendable {
        /// A decimal number; without a sign if unsigned.
        case signed, unsigned
        /// `true` or `false`.
        case boolean
        /// No bytes: `struct{}`.
        case empty
        /// Raw bytes, any number of them.
        case bytes
        /// Raw bytes, at most so many as the type has.
        case array
    }

    package let kind: Kind
    // PERF: stored, because what another room asks of a computed property is a call.
    /// Whether it is text (numbers, `true` and `false`) rather than raw bytes.
    package let isText: Bool
    /// Whether a key's missing bytes are zero: `[N]byte`.
    package let isPadded: Bool
    /// Bytes that a value takes where it is stored.
    package let byteCount: Int

    package init(_ type: GoType) {
        let type = type.pointee
        kind =
            switch type {
            case .int, .int64, .int32: .signed
            case .uint64, .uint32, .uint8: .unsigned
            case .bool: .boolean
            case .emptyStruct: .empty
            case .string, .bytes, .pointer: .bytes
            case .array: .array
            }
        isText = type.isInteger
        isPadded = kind == .array
        byteCount = type.byteCount
    }
}
