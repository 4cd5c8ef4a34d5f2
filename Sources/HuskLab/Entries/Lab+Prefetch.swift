// What a request is going to look up is asked for from memory while the rest of the request is still read.
//
// In a map larger than the processor's caches a look-up waits three times in a row: for the bucket, for the bytes of the key in
// it, and for those of the value. Reading a request's headers takes longer than each.
//
// PERF: of a GET of one of 100,000 strings the look-up took 8%, nearly all of it waiting. Nobody waits for the lock here: when it
// is held, the look-up does without.

import GoMap

extension Lab {
    /// Longer keys are not worth hashing twice.
    private static let prefetchedKeyBytes = 64

    /// Starts to bring in the bucket or group of a key, if it may be far away.
    ///
    /// - Parameter key: as the wire has it. With percent escapes still in it, what comes in is not what is needed.
    /// - Returns: for `prefetchBytes`; 0 when there is nothing more to bring in.
    package func prefetch(_ key: UnsafeRawBufferPointer) -> UInt64 {
        guard key.count <= Self.prefetchedKeyBytes, lock.tryLock() else { return 0 }
        defer { lock.unlock() }
        let map = state.pointee.map
        guard map.isWorthPrefetching, let key = mapKey(from: key) else { return 0 }
        let hash = map.hash(key)
        map.prefetch(hash: hash)
        return map.type.pointee.bucketHasPointers ? hash.value : 0
    }

    /// Starts to bring in the bytes of the key and of the value.
    ///
    /// - Parameter hash: what `prefetch` answered for the key some hundred nanoseconds ago.
    package func prefetchBytes(_ hash: UInt64) {
        guard lock.tryLock() else { return }
        state.pointee.map.prefetchBytes(hash: KeyHash(forPrefetching: hash))
        lock.unlock()
    }
}
