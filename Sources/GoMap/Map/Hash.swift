// The hash of keys: seeded, of full quality in every bit, and fast.
//
// The bucket map takes the bucket from the low bits and the tophash from the top eight, a doubling splits
// on the next bit, and how many overflow buckets a map grows follows from the spread; so all bits must be
// as good as random, also for keys 0, 1, 2, …
//
// The idea is the folded multiply: multiply two 64-bit words to 128 bits and xor the halves, so that every
// bit of the result depends on every bit of both. Wang Yi's wyhash (https://github.com/wangyi-fudan/wyhash)
// built a hash from it, Go's own runtime/hash64.go is of that family, rapidhash
// (https://github.com/Nicoshev/rapidhash) is its successor. The constants here are the first digits of pi
// after the point, in hexadecimal: nothing up the sleeve, and odd where they multiply.

/// Hashing of integers and bytes with a 64-bit seed.
package enum Hash {
    static let k0: UInt64 = 0x243F_6A88_85A3_08D3
    static let k1: UInt64 = 0x1319_8A2E_0370_7345
    static let k2: UInt64 = 0xA409_3822_299F_31D1
    static let k3: UInt64 = 0x082E_FA98_EC4E_6C89

    /// The 128-bit product of two words, its halves folded into one.
    @inline(__always)
    static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    /// The seed for the hashing functions, from the 32 bits that a map's header has room for.
    package static func seed(from hash0: UInt32) -> UInt64 {
        var mixed = UInt64(hash0) &+ k0
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The hash of an integer.
    ///
    /// PERF: two multiplies in a row, about 10 cycles; with one, 4 cycles less, but products of small
    /// consecutive integers are evenly spaced, and a map of them would have fewer overflow buckets than Go's.
    @inline(__always)
    package static func integer(_ word: UInt64, seed: UInt64) -> UInt64 {
        fold(fold(word ^ seed, k1) ^ seed, k2)
    }

    /// The hash of bytes.
    ///
    /// - Parameters:
    ///   - address: of the first byte; may be nil when there are none.
    ///   - count: how many bytes.
    ///   - seed: from `seed(from:)`.
    /// - Complexity: O(`count`), 48 bytes a round.
    @inline(__always)
    package static func bytes(_ address: UnsafeRawPointer?, count: Int, seed: UInt64) -> UInt64 {
        var state = seed ^ k0
        var a: UInt64 = 0
        var b: UInt64 = 0
        // SAFETY: every load lies within the `count` bytes at `start`; short keys are read as two loads
        // that overlap.
        if UInt(bitPattern: count &- 8) <= 8 {
            let start = address.unsafelyUnwrapped
            a = load64(start)
            b = load64(start + (count &- 8))
        } else if count > 0 {
            let start = address.unsafelyUnwrapped
            if count > 16 {
                state = longPrefix(start, count: count, seed: seed)
                a = load64(start + (count &- 16))
                b = load64(start + (count &- 8))
            } else if count >= 4 {
                a = load32(start)
                b = load32(start + (count &- 4))
            } else {
                let first = UInt64(start.load(as: UInt8.self))
                let middle = UInt64(start.load(fromByteOffset: count >> 1, as: UInt8.self))
                let last = UInt64(start.load(fromByteOffset: count &- 1, as: UInt8.self))
                a = first << 16 | middle << 8 | last
            }
        }
        let product = (a ^ seed ^ k1).multipliedFullWidth(by: b ^ state)
        return fold(product.low ^ state ^ UInt64(truncatingIfNeeded: count), product.high ^ k2)
    }

    /// The state after all but the last 1 to 16 bytes of a key of more than 16.
    @inline(never)
    private static func longPrefix(_ start: UnsafeRawPointer, count: Int, seed: UInt64) -> UInt64 {
        // Both factors of every product depend on the seed: with a constant in one, whoever knows it could
        // send keys that make the product 0 whatever the rest of the key is.
        var state = seed ^ k0
        let (mask1, mask2, mask3) = (seed ^ k1, seed ^ k2, seed ^ k3)
        var cursor = start
        var left = count
        if left > 48 {
            // Three lanes, so that three multiplies are under way at once.
            var second = state
            var third = state
            repeat {
                state = fold(load64(cursor) ^ mask1, load64(cursor + 8) ^ state)
                second = fold(load64(cursor + 16) ^ mask2, load64(cursor + 24) ^ second)
                third = fold(load64(cursor + 32) ^ mask3, load64(cursor + 40) ^ third)
                cursor += 48
                left &-= 48
            } while left > 48
            state ^= second ^ third
        }
        while left > 16 {
            state = fold(load64(cursor) ^ mask1, load64(cursor + 8) ^ state)
            cursor += 16
            left &-= 16
        }
        return state
    }

    @inline(__always)
    private static func load64(_ address: UnsafeRawPointer) -> UInt64 {
        address.loadUnaligned(as: UInt64.self)
    }

    @inline(__always)
    private static func load32(_ address: UnsafeRawPointer) -> UInt64 {
        UInt64(address.loadUnaligned(as: UInt32.self))
    }
}
