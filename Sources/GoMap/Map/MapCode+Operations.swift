// The operations on one key, with the code for its class of keys chosen.
//
// PERF: one function for each class of keys, so that the compiler keeps their registers apart, and what is called for one
// saves only the registers that it uses. A loop over a large map waits for memory, and for as much of it at once as
// fits into the few hundred instructions that the processor looks ahead: fewer instructions for each entry are more
// entries at once. Hits in 1M integers took 67 ns with 137 instructions each, and 56 with 103.

extension MapCode {
    /// - Parameter hash: of the key; nil when it is still to be computed.
    @inline(__always)
    func access(_ key: Datum, hash: UInt64?) -> UnsafeMutableRawPointer? {
        type.pointee.keyCodec.withKind { access(key, hash, $0) }
    }

    /// - Parameter hash: of the key; nil when it is still to be computed.
    @inline(__always)
    func assign(_ key: Datum, hash: UInt64?) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        type.pointee.keyCodec.withKind { assign(key, hash, $0) }
    }

    /// - Parameter hash: of the key; nil when it is still to be computed.
    @inline(__always)
    func delete(_ key: Datum, hash: UInt64?) -> Bool {
        type.pointee.keyCodec.withKind { delete(key, hash, $0) }
    }

    @inline(never)
    private func access<Kind: KeyKind>(_ key: Datum, _ hash: UInt64?, _: Kind.Type)
        -> UnsafeMutableRawPointer?
    {
        let key = Kind.codec.relevant(key)
        return access(key, hash: hash ?? self.hash(key, Kind.codec), Kind.codec)
    }

    @inline(never)
    private func assign<Kind: KeyKind>(
        _ key: Datum, _ hash: UInt64?, _: Kind.Type
    ) -> (slot: UnsafeMutableRawPointer, inserted: Bool) {
        let key = Kind.codec.relevant(key)
        return assign(key, hash: hash ?? self.hash(key, Kind.codec), Kind.codec)
    }

    @inline(never)
    private func delete<Kind: KeyKind>(_ key: Datum, _ hash: UInt64?, _: Kind.Type) -> Bool {
        let key = Kind.codec.relevant(key)
        return delete(key, hash: hash ?? self.hash(key, Kind.codec), Kind.codec)
    }

    @inline(__always)
    private func hash(_ key: Datum, _ codec: KeyCodec) -> UInt64 {
        codec.hash(key, type, seed: state.pointee.seed)
    }
}
