// The keys of a run, the same as in ../go/keys.go: key i is mix(i).

import GoMap
import HuskSystem

/// Keys in one memory, side by side.
protocol KeyList {
    /// - Parameter numbers: key i is made of number i.
    init(_ numbers: some Collection<UInt64>)
    var count: Int { get }
    func key(_ index: Int) -> Datum
}

struct IntegerKeys: KeyList {
    private let keys: UnsafeMutablePointer<UInt64>
    let count: Int

    init(_ numbers: some Collection<UInt64>) {
        count = numbers.count
        keys = .allocate(capacity: count)
        for (index, number) in numbers.enumerated() { (keys + index).initialize(to: mix(number)) }
    }

    @inline(__always) func key(_ index: Int) -> Datum { Datum(integer: keys[index]) }
}

/// Keys of 16 bytes: a request's bytes, which no map has made a string of yet.
struct TextKeys: KeyList {
    private let bytes: UnsafeMutableRawPointer
    let count: Int

    static let keyBytes = 16

    init(_ numbers: some Collection<UInt64>) {
        count = numbers.count
        bytes = .allocate(byteCount: count * Self.keyBytes, alignment: 8)
        let digits = Array("0123456789abcdef".utf8)
        for (index, number) in numbers.enumerated() {
            for place in 0..<Self.keyBytes {
                let digit = digits[Int(truncatingIfNeeded: mix(number) &>> UInt64(60 - 4 * place) & 15)]
                bytes.storeBytes(of: digit, toByteOffset: index * Self.keyBytes + place, as: UInt8.self)
            }
        }
    }

    @inline(__always)
    func key(_ index: Int) -> Datum { Datum(bytes: bytes + index &* Self.keyBytes, count: Self.keyBytes) }
}

/// The keys in the order of inserting, in another order, and as many that are not in the map.
struct KeySet<Keys: KeyList> {
    let inserted: Keys
    let used: Keys
    let missing: Keys

    init(count: Int) {
        var order = (0..<UInt64(count)).map { $0 }
        for index in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(index, Int(mix(UInt64(index)) % UInt64(index + 1)))
        }
        inserted = Keys(0..<UInt64(count))
        used = Keys(order)
        missing = Keys(UInt64(count)..<UInt64(2 * count))
    }
}
