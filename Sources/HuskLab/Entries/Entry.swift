// What a client sends to be inserted.

import GoMap

/// A key or value on its way in from a structured format.
package enum EntryScalar {
    case integer(Int64)
    /// A number over `Int64.max`.
    case unsigned(UInt64)
    case boolean(Bool)
    /// Borrowed: whoever makes it keeps them until the entry is in the map.
    case bytes(UnsafeRawBufferPointer)
    /// `struct{}`.
    case empty
}

/// An entry on its way in.
package struct Entry {
    package var key: EntryScalar
    package var value: EntryScalar

    package init(key: EntryScalar, value: EntryScalar) {
        self.key = key
        self.value = value
    }
}

/// The longest key and value that go in and come out one by one, in bytes.
package enum EntryLimits {
    /// As long as the longest `[N]byte`.
    package static let keyBytes = GoType.arrayCountLimit
    package static let valueBytes = 1 << 20
}
