// What was last seen of keys, in a table of fixed size: how large their values are, and how long they live.
//
// A line may leave out the size of a value: a get that misses, an INCR, a delete that is followed by a get. Then it is the
// size that was last seen of the key, or else the last that was seen of any. Two keys that share a place share what is
// remembered; 1,048,576 places of 8 bytes are few for a stream of ten million keys, and right for those that come often.

import HuskSystem

/// A key as 64 bits: two of ten million keys are the same with a probability of 3 in a million.
struct KeyFingerprint: Hashable {
    let bits: UInt64

    init(bits: UInt64) { self.bits = bits }

    init(_ key: UnsafeRawBufferPointer) {
        var bits = UInt64(key.count)
        var offset = 0
        while offset &+ 8 <= key.count {
            bits = mix(bits ^ key.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        var rest: UInt64 = 0
        while offset < key.count {
            rest = rest &<< 8 | UInt64(key[offset])
            offset &+= 1
        }
        self.bits = mix(bits &+ 0x9E37_79B9_7F4A_7C15 ^ rest)
    }
}

final class KeyMemory {
    static let placeCount = 1 << 20
    static let memoryBytes = placeCount * MemoryLayout<Place>.stride

    private struct Place {
        /// The size and one, so that 0 is none.
        var sizeAndOne: UInt32
        /// 0 for ever.
        var lifetimeSeconds: UInt32
    }

    // SAFETY: `placeCount` zeroed places, freed in deinit.
    private let places = UnsafeMutablePointer<Place>.allocate(capacity: KeyMemory.placeCount)
    private var lastBytes = 16

    init() { places.initialize(repeating: Place(sizeAndOne: 0, lifetimeSeconds: 0), count: Self.placeCount) }

    deinit { places.deallocate() }

    private func place(_ key: KeyFingerprint) -> UnsafeMutablePointer<Place> {
        places + Int(key.bits & UInt64(Self.placeCount - 1))
    }

    /// The size of a key's value, in bytes.
    func valueBytes(_ key: KeyFingerprint) -> Int {
        let known = Int(place(key).pointee.sizeAndOne)
        return known > 0 ? known - 1 : lastBytes
    }

    /// The size of a key's value if it was seen.
    func knownValueBytes(_ key: KeyFingerprint) -> Int? {
        let known = Int(place(key).pointee.sizeAndOne)
        return known > 0 ? known - 1 : nil
    }

    func remember(_ key: KeyFingerprint, valueBytes: Int) {
        lastBytes = valueBytes
        place(key).pointee.sizeAndOne = UInt32(valueBytes + 1)
    }

    /// How long the key lived when it was last written, in seconds; 0 for ever.
    func lifetimeSeconds(_ key: KeyFingerprint) -> Int64 { Int64(place(key).pointee.lifetimeSeconds) }

    func remember(_ key: KeyFingerprint, lifetimeSeconds: Int64) {
        place(key).pointee.lifetimeSeconds = UInt32(clamping: lifetimeSeconds)
    }
}
