// Bytes of keys: compared, and copied into slots.

/// Comparing bytes.
enum Bytes {
    /// Whether `count` bytes at two addresses are equal.
    ///
    /// PERF: keys of 4 to 16 bytes, the usual ones, without a call: two loads each that overlap.
    @inline(__always)
    static func equal(_ a: UnsafeRawPointer?, _ b: UnsafeRawPointer?, count: Int) -> Bool {
        // SAFETY: addresses are nil only when there are no bytes; every load lies within `count` bytes.
        if UInt(bitPattern: count &- 4) > 12 { return shortOrLongEqual(a, b, count: count) }
        let a = a.unsafelyUnwrapped
        let b = b.unsafelyUnwrapped
        if count >= 8 {
            let last = count &- 8
            return (a.loadUnaligned(as: UInt64.self) ^ b.loadUnaligned(as: UInt64.self))
                | ((a + last).loadUnaligned(as: UInt64.self) ^ (b + last).loadUnaligned(as: UInt64.self))
                == 0
        }
        let last = count &- 4
        return (a.loadUnaligned(as: UInt32.self) ^ b.loadUnaligned(as: UInt32.self))
            | ((a + last).loadUnaligned(as: UInt32.self) ^ (b + last).loadUnaligned(as: UInt32.self)) == 0
    }

    @inline(never)
    private static func shortOrLongEqual(_ a: UnsafeRawPointer?, _ b: UnsafeRawPointer?, count: Int) -> Bool {
        guard count > 0 else { return true }
        let a = a.unsafelyUnwrapped
        let b = b.unsafelyUnwrapped
        if count > 16 { return longEqual(a, b, count: count) }
        let last = count &- 1
        let middle = count &>> 1
        return (a.load(as: UInt8.self) ^ b.load(as: UInt8.self))
            | ((a + middle).load(as: UInt8.self) ^ (b + middle).load(as: UInt8.self))
            | ((a + last).load(as: UInt8.self) ^ (b + last).load(as: UInt8.self)) == 0
    }

    private static func longEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, count: Int) -> Bool {
        var offset = 0
        let last = count &- 8
        while offset < last {
            let left = (a + offset).loadUnaligned(as: UInt64.self)
            guard left == (b + offset).loadUnaligned(as: UInt64.self) else { return false }
            offset &+= 8
        }
        return (a + last).loadUnaligned(as: UInt64.self) == (b + last).loadUnaligned(as: UInt64.self)
    }
}

extension UnsafeMutableRawPointer {
    /// Copies a key's bytes here.
    @inline(__always)
    func copyBytes(from key: Datum, count: Int) {
        guard count > 0 else { return }
        // SAFETY: a `[N]byte` datum has N bytes, the slot has room for N, and the two are different memory.
        copyMemory(from: key.address.unsafelyUnwrapped, byteCount: count)
    }
}
