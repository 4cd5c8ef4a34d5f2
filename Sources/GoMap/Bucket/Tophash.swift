// What a bucket says of each of its slots, in a byte.

/// What a slot's tophash says when it is less than `Tophash.minimum`.
enum Tophash {
    /// This slot is empty, and so are all after it in the bucket and in the rest of the chain.
    static let emptyRest: UInt8 = 0
    /// This slot is empty.
    static let emptyOne: UInt8 = 1
    /// Evacuated to the chain of the same number, or to the one 2^(B-1) above it.
    static let evacuatedX: UInt8 = 2
    static let evacuatedY: UInt8 = 3
    /// Was empty when its bucket was evacuated.
    static let evacuatedEmpty: UInt8 = 4
    /// The least tophash of an entry: a lesser one of a hash is raised by this much.
    static let minimum: UInt8 = 5

    /// The tophash of an entry with a given hash.
    @inline(__always)
    static func of(_ hash: UInt64) -> UInt8 {
        let top = UInt8(truncatingIfNeeded: hash >> 56)
        return top < minimum ? top &+ minimum : top
    }
}
