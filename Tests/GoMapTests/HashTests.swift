import GoMap
import MapSamples
import Testing

@Suite struct HashTests {
    /// Pearson's chi-square of `values` over `cells` cells, in standard deviations from its expectation.
    private func deviation(_ values: [UInt64], cells: Int) -> Double {
        var counts = Array(repeating: 0, count: cells)
        for value in values { counts[Int(value)] += 1 }
        let expected = Double(values.count) / Double(cells)
        let chiSquare = counts.reduce(0.0) {
            $0 + (Double($1) - expected) * (Double($1) - expected) / expected
        }
        let freedom = Double(cells - 1)
        return (chiSquare - freedom) / (2 * freedom).squareRoot()
    }

    /// As good as random: neither clumped nor more even than chance.
    private func expectRandom(_ hashes: [UInt64], _ what: String) {
        for bits in [4, 8, 11] {
            let low = deviation(hashes.map { $0 & ((1 << UInt64(bits)) - 1) }, cells: 1 << bits)
            #expect(abs(low) < 5, "low \(bits) bits of \(what): \(low)")
        }
        let top = deviation(hashes.map { $0 >> 56 }, cells: 256)
        #expect(abs(top) < 5, "top bits of \(what): \(top)")
        // Of the entries of one chain, the tophashes too.
        let both = deviation(hashes.map { ($0 >> 61) << 6 | $0 & 63 }, cells: 512)
        #expect(abs(both) < 5, "top and low bits of \(what): \(both)")
    }

    @Test("Hashes of integers are as good as random, whatever the keys' step and the seed")
    func integers() {
        for hash0: UInt32 in [0, 1, 2, 0x8000_0000, 0xFFFF_FFFF, 12_345] {
            let seed = Hash.seed(from: hash0)
            for step: UInt64 in [1, 2, 8, 1000, 1 << 16, 1 << 32, 1 << 44, 0x9E37_79B9] {
                let hashes = (0..<20_000).map { Hash.integer(UInt64($0) &* step, seed: seed) }
                expectRandom(hashes, "\(step)i under \(hash0)")
            }
        }
    }

    @Test("Hashes of strings are as good as random, at every length")
    func strings() {
        let seed = Hash.seed(from: 77)
        for length in [2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 31, 32, 33, 48, 49, 64, 97, 200] {
            for place in Set([0, min(length / 2, length - 2), length - 2]) {
                var bytes = Array(repeating: UInt8(ascii: "k"), count: length)
                let hashes = (0..<20_000).map { number in
                    bytes[place] = UInt8(truncatingIfNeeded: number)
                    bytes[place + 1] = UInt8(truncatingIfNeeded: number >> 8)
                    return bytes.withUnsafeBytes { Hash.bytes($0.baseAddress, count: length, seed: seed) }
                }
                #expect(Set(hashes).count == 20_000)
                expectRandom(hashes, "\(length) bytes, changed at \(place)")
            }
        }
    }

    @Test("The length and the seed count, also without any byte")
    func lengths() {
        var hashes: Set<UInt64> = []
        let zeros = Array(repeating: UInt8(0), count: 300)
        for hash0 in 0..<20 {
            for count in 0...300 {
                hashes.insert(
                    zeros.withUnsafeBytes {
                        Hash.bytes($0.baseAddress, count: count, seed: Hash.seed(from: UInt32(hash0)))
                    })
            }
        }
        #expect(hashes.count == 20 * 301)
    }

    @Test("One bit of the key changes half of the hash")
    func avalanche() {
        let seed = Hash.seed(from: 4)
        var flips = Array(repeating: 0, count: 64)
        let keys = 4000
        for bit in 0..<64 {
            for key in 0..<keys {
                let word = UInt64(key) &* 0x1_0000_0001
                let change =
                    Hash.integer(word, seed: seed) ^ Hash.integer(word ^ 1 << UInt64(bit), seed: seed)
                for place in 0..<64 where change >> UInt64(place) & 1 != 0 { flips[place] += 1 }
            }
        }
        for (place, count) in flips.enumerated() {
            let share = Double(count) / Double(64 * keys)
            #expect(abs(share - 0.5) < 0.01, "bit \(place): \(share)")
        }
    }

    @Test("A hash that was made before the map took a new seed still leads to its key")
    func staleHashes() throws {
        for type in [
            "map[int]int", "map[int32]int", "map[string]int", "map[[20]byte]int", "map[[200]byte]int",
        ] {
            try withMap(type) { map in
                let key = map.type.name.key
                Sample(7, of: key).withDatum { datum in
                    let hash = map.hash(datum)
                    for _ in 0..<3 {
                        #expect(map.insert(datum, hash: hash, Datum(integer: 1)))
                        #expect(map.access(datum) != nil)
                        map.checkInvariants()
                        #expect(map.delete(datum, hash: hash), "and the map takes a new seed")
                    }
                }
            }
        }
    }
}
