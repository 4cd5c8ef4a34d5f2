// The Go types that a key or a value of a map may have.
//
// A value of such a type in the heap is bytes laid out as Go's compiler lays them out on a 64-bit machine:
//
//     int int64 uint64   8 bytes        string     { data pointer, length }             16 bytes
//     int32 uint32       4 bytes        []byte     { data pointer, length, capacity }   24 bytes
//     uint8 bool         1 byte         *T         one pointer                           8 bytes
//     struct{}           nothing        [N]byte    N bytes

import GoHeap

/// A Go type of a key or of a value.
package enum GoType: Hashable, Sendable {
    case int, int32, int64, uint32, uint64, uint8, bool
    /// `struct{}`: takes no bytes.
    case emptyStruct
    case string
    /// `[]byte`.
    case bytes
    /// `[N]byte`, N from 0 to `GoType.arrayCountLimit`.
    case array(Int)
    /// `*T`; `T` is not itself a pointer.
    indirect case pointer(GoType)

    /// The largest N of `[N]byte`: far above what a map can hold inline (128), and small enough that one
    /// datum fits a request.
    package static let arrayCountLimit = 65_536

    /// Bytes that a value takes where it is stored (Go: `unsafe.Sizeof`).
    package var byteCount: Int {
        switch self {
        case .int, .int64, .uint64, .pointer: 8
        case .int32, .uint32: 4
        case .uint8, .bool: 1
        case .emptyStruct: 0
        case .string: 16
        case .bytes: 24
        case .array(let count): count
        }
    }

    /// The alignment in bytes of such a value (Go: `unsafe.Alignof`).
    package var alignment: Int {
        switch self {
        case .int, .int64, .uint64, .pointer, .string, .bytes: 8
        case .int32, .uint32: 4
        case .uint8, .bool, .emptyStruct, .array: 1
        }
    }

    /// Which 8-byte words of a value are pointers, ascending.
    package var pointerWords: [Int] {
        switch self {
        case .string, .bytes, .pointer: [0]
        default: []
        }
    }

    /// Whether a value holds a pointer, so that the collector must look at it.
    package var hasPointers: Bool { !pointerWords.isEmpty }

    /// The `T` of a `*T`; any other type itself.
    package var pointee: GoType {
        if case .pointer(let pointee) = self { pointee } else { self }
    }

    /// The heap's descriptor for a value of this type.
    package var objectType: ObjectTypeRef { .of(byteCount: byteCount, pointerWords: pointerWords) }

    /// Whether a map may have keys of this type (`*T`, `[]byte`, `bool`, `uint8` and `struct{}` may not:
    /// the first two have no equality that a remote client could use, the others too few values to be of
    /// use).
    package var isKey: Bool {
        switch self {
        case .int, .int32, .int64, .uint32, .uint64, .string, .array: true
        case .uint8, .bool, .emptyStruct, .bytes, .pointer: false
        }
    }

    /// Whether a datum of this type is written as an integer (`bool` counts as 0 or 1).
    package var isInteger: Bool {
        switch self {
        case .int, .int32, .int64, .uint32, .uint64, .uint8, .bool: true
        case .emptyStruct, .string, .bytes, .array, .pointer: false
        }
    }
}

extension ObjectTypeRef {
    /// The interned descriptor of a shape.
    static func of(byteCount: Int, pointerWords: [Int] = []) -> ObjectTypeRef {
        ObjectType.interned(byteCount: byteCount, pointerWords: pointerWords)
    }
}
