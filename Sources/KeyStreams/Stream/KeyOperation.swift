// What a line of a stream asks of a cache.

/// One operation on one key, or on all of them.
package struct KeyOperation {
    package enum Kind: UInt8, Sendable {
        case get
        /// Whatever is written: set, add, replace, cas …
        case set
        /// A write that adds `valueBytes` to what is there.
        case append
        case delete
        /// Only the lifetime changes.
        case touch
        /// Every key goes.
        case clear
    }

    /// How long an entry lives from now on.
    package enum Lifetime: Equatable, Sendable {
        case unchanged, unlimited
        case milliseconds(Int64)
    }

    package var kind: Kind
    /// Its bytes, borrowed from the stream until the next operations are read; empty for `clear`.
    package var key: UnsafeRawBufferPointer
    /// Bytes of the value; nil when the line does not tell.
    package var valueBytes: Int?
    package var lifetime: Lifetime
    /// The stream's clock, from whenever it counts; nil when the line does not tell.
    package var microseconds: Int64?
}
