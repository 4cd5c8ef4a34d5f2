// Ranges of keys, inserted or deleted one by one, in slices of bounded time.

import GoHeap
import GoMap
import HuskSystem

/// What a range did.
package struct RangeResult: Equatable, Sendable {
    package var inserted = 0
    package var updated = 0
    package var deleted = 0
    package var missing = 0
    /// `len(m)` at the end.
    package var count = 0

    package init() {}
}

/// A range that could not be finished: what stopped it, and what was done by then. That stays done.
package struct RangeFailure: Error, Sendable {
    package var error: LabError
    package var result: RangeResult
}

extension Lab {
    private enum RangeKind { case insert, delete }

    /// `m[k] = v` for each key of a range, keys and values made by the server.
    ///
    /// - Parameters:
    ///   - range: which keys.
    ///   - isCancelled: asked between slices; the range stops when it answers true.
    ///   - progress: told between slices how many keys are done.
    /// - Throws: `RangeFailure`; with `mapIsNil` or `doesNotFit` nothing was done. `mapReplaced` when another client sets
    ///   the map to nil or replaces it meanwhile; a copy with its entries is the same map, and so is one that is cleared.
    package func insert(
        _ range: KeyRange, isCancelled: () -> Bool = { false }, progress: (Int) -> Void = { _ in }
    ) throws(RangeFailure) -> Measured<RangeResult> {
        try run(.insert, range, isCancelled: isCancelled, progress: progress)
    }

    /// `delete(m, k)` for each key of a range.
    ///
    /// - Parameters: as for `insert`.
    /// - Throws: as for `insert`; a nil map has none of the keys and is no error.
    package func delete(
        _ range: KeyRange, isCancelled: () -> Bool = { false }, progress: (Int) -> Void = { _ in }
    ) throws(RangeFailure) -> Measured<RangeResult> {
        try run(.delete, range, isCancelled: isCancelled, progress: progress)
    }

    private func run(
        _ kind: RangeKind, _ range: KeyRange, isCancelled: () -> Bool, progress: (Int) -> Void
    ) throws(RangeFailure) -> Measured<RangeResult> {
        let start = monotonicNanoseconds()
        let sequence = KeySequence(range)
        var result = RangeResult()
        lock.lock()
        let before = MemorySample(state.pointee.heap.readMemStats())
        let type = state.pointee.map.type
        let identity = mapIdentity
        if let misfit = EntryMaker.misfit(type.name, range) {
            lock.unlock()
            throw RangeFailure(error: .doesNotFit(misfit), result: result)
        }
        // An empty range into a nil map is no assignment, and so no panic.
        if kind == .insert, range.count > 0, state.pointee.map.isNil {
            lock.unlock()
            throw RangeFailure(error: .mapIsNil, result: result)
        }
        let maker = EntryMaker(
            type, range.form, isUnsigned: range.isUnsigned, places: (keys: Self.batchKeys, values: 1))
        var index = 0
        var failure: LabError?
        while index < range.count && failure == nil {
            // The lock is held here.
            let sliceEnd = monotonicNanoseconds() + Self.sliceNanoseconds
            repeat {
                do throws(LabError) {
                    try makingRoom(isCancelled: isCancelled) { () throws(LabError) in
                        try requireMap(identity)
                        try runBatch(
                            inserts: kind == .insert, sequence, maker, from: &index,
                            to: min(index + Self.batchKeys, range.count), &result)
                    }
                } catch {
                    failure = error
                }
            } while failure == nil && index < range.count && monotonicNanoseconds() < sliceEnd
            unlock()
            progress(index)
            if failure == nil && index < range.count && isCancelled() { failure = .cancelled }
            lock.letOthersIn()
            lock.lock()
        }
        result.count = state.pointee.map.count
        let after = MemorySample(state.pointee.heap.readMemStats())
        unlock()
        if let failure { throw RangeFailure(error: failure, result: result) }
        return Measured(
            result: result, before: before, after: after,
            elapsedNanoseconds: monotonicNanoseconds() - start)
    }

    /// Keys whose buckets are fetched ahead of time, together. PERF: of 8 to 24, 12 did best for integers.
    static let batchKeys = BatchHashes.count
    typealias BatchHashes = InlineArray<12, KeyHash>

    /// Inserts or deletes a few keys, with the lock held.
    ///
    /// PERF: a range knows its keys ahead, so all buckets of a batch are fetched from memory at once, before the first
    /// is used. A small map is in the caches already: there each operation hashes its key itself.
    ///
    /// - Parameters:
    ///   - index: of the first key; moves on past each that is done.
    ///   - end: where to stop; at most `batchKeys` further on.
    private func runBatch(
        inserts: Bool, _ sequence: KeySequence, _ maker: borrowing EntryMaker, from index: inout Int, to end: Int,
        _ result: inout RangeResult
    ) throws(LabError) {
        let map = state.pointee.map
        let start = index
        var hashes = BatchHashes(repeating: KeyHash())
        let isFetchedAhead = map.isWorthPrefetching
        if isFetchedAhead {
            for place in 0..<(end &- start) {
                if sequence.isPartial, !sequence.includes(start &+ place) { continue }
                hashes[place] = map.hash(maker.key(sequence.number(at: start &+ place), place: place))
                map.prefetch(hash: hashes[place])
            }
        }
        while index < end {
            if sequence.isPartial, !sequence.includes(index) {
                index &+= 1
                continue
            }
            let number = sequence.number(at: index)
            let place = index &- start
            let key = maker.key(number, place: place)
            let hash = isFetchedAhead ? hashes[place] : nil
            if inserts {
                let value = maker.value(number)
                try requireRoom(for: key, byteCount: key.count &+ value.count)
                if state.pointee.insert(key, hash: hash, value) {
                    result.inserted &+= 1
                } else {
                    result.updated &+= 1
                }
            } else if state.pointee.delete(key, hash: hash) {
                result.deleted &+= 1
            } else {
                result.missing &+= 1
            }
            index &+= 1
            collectIfDue()
        }
    }
}
