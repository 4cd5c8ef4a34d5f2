// What a layout owes: a third one conforms to `MapCode`, and stands in the one switch at the end of this file.
//
//     layout    code         outside the heap, of the map    of an iteration      of a reading       figures
//     bucket    BucketMap    BucketState                     BucketIteration      BucketRows         BucketStatistics
//     swiss     SwissMap     SwissState                      SwissIteration       SwissRows          SwissStatistics
//
// What the layouts share is in extensions of the protocol and in the codecs of keys and values. How they find, assign and
// delete is not shared: there the two are different designs.

import GoHeap

/// The code of one layout, on the state of one map. A view: copies mean the same map.
protocol MapCode {
    /// What the layout keeps of a map outside the heap, beside `MapState`.
    associatedtype Own: LayoutState
    associatedtype Iteration: MapIteration
    associatedtype Rows: RowReader where Rows.Code == Self

    init(_ state: UnsafeMutablePointer<MapState>)
    var state: UnsafeMutablePointer<MapState> { get }

    // MARK: Life

    /// `make(map[K]V, hint)` into the nil map of `state`.
    ///
    /// - Parameters:
    ///   - hint: for how many entries.
    ///   - hash0: what the seed of the hash is made of.
    func make(hint: Int, hash0: UInt32)

    /// Gives a map without entries another seed, in its header and in the state.
    ///
    /// - Parameter word: a random one to make it of.
    func setSeed(_ word: UInt64)

    // MARK: Operations

    /// `m[key]`: the address of the value; nil when the map does not have the key.
    func access(_ key: Datum, hash: UInt64, _ codec: KeyCodec) -> UnsafeMutableRawPointer?

    /// `m[key] = …`: finds the entry, or makes it.
    ///
    /// - Parameters:
    ///   - key: a string's bytes must be those of `Heap.makeString`: the map keeps the pointer (also when the key is there already,
    ///     as in Go, so that the older bytes can be collected).
    ///   - hash: of the key.
    /// - Returns: where the value is to be stored, and whether the entry is new; a new entry's value is zero.
    func assign(
        _ key: Datum, hash: UInt64, _ codec: KeyCodec
    ) -> (slot: UnsafeMutableRawPointer, inserted: Bool)

    /// `delete(m, key)`: whether the map had the key.
    func delete(_ key: Datum, hash: UInt64, _ codec: KeyCodec) -> Bool

    /// `clear(m)`.
    func clear()

    // MARK: Keys known ahead

    /// Whether the map is too large for the processor's nearer caches.
    var isLarge: Bool { get }

    /// Starts to bring in what an operation with this hash reads first.
    func prefetch(hash: UInt64)

    /// Starts to bring in what the slots of the entry with this hash lead to, wherever that is: once what `prefetch` asked for
    /// is there.
    func prefetchBytes(hash: UInt64)

    // MARK: Iteration

    /// Begins an iteration; one that stays as it is has no entries.
    ///
    /// - Parameter iteration: at its final address, its roots registered.
    func begin(_ iteration: UnsafeMutablePointer<Iteration>)

    // MARK: Figures

    /// An upper bound of the bytes that the map itself allocates in the next `assign`, whatever its key: not the bytes of
    /// a string key, nor what the value leads to. 0 for a nil map. O(1).
    func bytesNeededToInsert() -> Int

    /// What the map holds. O(1).
    func bytes() -> MapBytes

    /// What the layout is like at this moment; nil for a nil map. O(1).
    func layoutStatistics() -> LayoutStatistics?

    /// What a fresh map with hint = `count` holds once `count` entries are in it, as far as that does not depend on chance.
    /// O(1).
    static func freshBytes(count: Int, _ type: MapTypeRef, _ heap: Heap) -> MapBytes

    /// What a map takes that is made with a hint, has had `peak` entries, and has `kept` of them, and what it has allocated on its
    /// way. O(log `peak`).
    static func estimate(hint: Int, peak: Int, kept: Int, _ type: MapTypeRef, _ heap: Heap) -> MapEstimate

    /// Checks the whole map against its invariants, and traps when one does not hold.
    func checkInvariants()
}

/// What a layout keeps of a map outside the heap.
protocol LayoutState {
    /// Of a nil map.
    init(_ profile: GoProfile)
}

extension MapLayout {
    /// Calls `body` with the layout's code: the one place where a layout becomes it.
    ///
    /// PERF: compiled into the caller, and `body` once for each layout.
    @inline(__always)
    func withCode<Result>(_ body: (any MapCode.Type) -> Result) -> Result {
        switch self {
        case .bucket: body(BucketMap.self)
        case .swiss: body(SwissMap.self)
        }
    }
}
