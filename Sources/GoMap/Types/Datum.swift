// A key or a value on its way into or out of the map.

/// An integer by value, or bytes by address: two words, no ownership.
///
/// | type | `word` | `count` |
/// |---|---|---|
/// | `int` … `uint8`, `bool` | the value; signed ones sign-extended or not, the upper bits do not count | 0 |
/// | `string`, `[]byte`, `[N]byte` | the address of the first byte, 0 for none | how many bytes |
/// | `struct{}` | 0 | 0 |
/// | `*T` | as `T` | as `T` |
///
/// As a key, a `[N]byte` must have exactly N bytes.
///
/// Bytes are borrowed: whoever makes a datum keeps them alive and unchanged for as long as it is used.
public struct Datum: Equatable {
    public var word: UInt64
    public var count: Int

    /// A datum of an integer type; of a signed one, the bit pattern.
    @inlinable public init(integer: UInt64) {
        word = integer
        count = 0
    }

    /// A datum of an integer type.
    @inlinable public init(integer: Int) { self.init(integer: UInt64(bitPattern: Int64(integer))) }

    /// A datum of a type that is bytes.
    @inlinable public init(bytes: UnsafeRawPointer?, count: Int) {
        word = UInt64(UInt(bitPattern: bytes))
        self.count = count
    }

    /// The one value of `struct{}`; the empty string.
    @inlinable public static var empty: Datum { Datum(integer: UInt64(0)) }

    /// The address of the bytes; nil when there are none.
    @inlinable public var address: UnsafeRawPointer? {
        UnsafeRawPointer(bitPattern: UInt(word))
    }

    /// The bytes of a `string`, `[]byte` or `[N]byte`.
    @inlinable public var bytes: UnsafeRawBufferPointer { .init(start: address, count: count) }
}
