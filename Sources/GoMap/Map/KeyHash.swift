// A key's hash, computed before the operation that uses it.

/// The hash of a key, and the seed that it was computed with: a map that becomes empty takes a new seed,
/// and then hashes again by itself.
package struct KeyHash: Equatable {
    package let value: UInt64
    let seed: UInt64

    /// A hash that fits no map: what uninitialised room for hashes is filled with.
    package init() { self.init(value: 0, seed: 0) }

    /// A hash of which no more is kept, to prefetch with only.
    package init(forPrefetching value: UInt64) { self.init(value: value, seed: 0) }

    init(value: UInt64, seed: UInt64) {
        self.value = value
        self.seed = seed
    }
}
