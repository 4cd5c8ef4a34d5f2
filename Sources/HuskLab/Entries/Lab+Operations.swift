// Batches of operations on keys, applied in slices: the inner loop of a workload.

import GoHeap
import GoMap
import HuskSystem

extension Lab {
    /// Applies operations one by one, in their order.
    ///
    /// PERF: as ranges do it (`runBatch`): keys are known ahead, so the buckets of twelve are fetched from memory at once.
    ///
    /// - Parameters:
    ///   - batch: which; keys and values are of the map's types.
    ///   - map: the map that they are meant for, which this must still be.
    ///   - tally: gets what they came to, and how long each took: a remedy, or others who had the lock, are in the time of the
    ///     operation that follows.
    /// - Throws: `LabError` at the first that cannot be done: `mapReplaced`, `mapIsNil`, `noRoom`. Those before it stay done.
    package func apply(_ batch: OperationBatch, to map: MapIdentity, _ tally: inout OperationTally) throws(LabError) {
        var index = 0
        while index < batch.count {
            lock.lock()
            defer {
                tally.peakHeapAllocBytes = max(tally.peakHeapAllocBytes, state.pointee.heap.allocatedBytes)
                unlock()
                lock.letOthersIn()
            }
            let sliceEnd = monotonicNanoseconds() + Self.sliceNanoseconds
            repeat {
                try makingRoom { () throws(LabError) in
                    try requireMap(map)
                    try applyFew(batch, from: &index, to: min(index + Self.batchKeys, batch.count), &tally)
                }
            } while index < batch.count && tally.lastNanoseconds < sliceEnd
        }
    }

    /// Applies the next few, with the lock held.
    ///
    /// - Parameters:
    ///   - index: of the first; moves on past each that is done.
    ///   - end: where to stop; at most `batchKeys` further on.
    private func applyFew(
        _ batch: OperationBatch, from index: inout Int, to end: Int, _ tally: inout OperationTally
    ) throws(LabError) {
        let map = state.pointee.map
        let start = index
        var hashes = BatchHashes(repeating: KeyHash())
        let isFetchedAhead = map.isWorthPrefetching
        if isFetchedAhead {
            for place in 0..<(end &- start) {
                hashes[place] = map.hash(batch.operations[start &+ place].key)
                map.prefetch(hash: hashes[place])
            }
        }
        while index < end {
            let operation = batch.operations[index]
            let hash = isFetchedAhead ? hashes[index &- start] : nil
            switch operation.kind {
            case .set:
                if try set(operation, hash: hash) { tally.counts.inserted &+= 1 } else { tally.counts.updated &+= 1 }
            case .delete:
                if state.pointee.delete(operation.key, hash: hash) {
                    tally.counts.deleted &+= 1
                } else {
                    tally.counts.absent &+= 1
                }
            case .get, .getOrLoad:
                let isThere = hasKey(operation.key, hash: hash)
                if !isThere, operation.kind == .getOrLoad {
                    _ = try set(operation, hash: hash)
                    tally.counts.loads &+= 1
                }
                tally.counts.reads &+= 1
                if !isThere { tally.counts.misses &+= 1 }
            }
            index &+= 1
            collectIfDue()
            let now = monotonicNanoseconds()
            tally.waits.record(nanoseconds: now &- tally.lastNanoseconds)
            tally.lastNanoseconds = now
        }
    }

    @inline(__always)
    private func hasKey(_ key: Datum, hash: KeyHash?) -> Bool {
        read(key, hash: hash) != nil
    }

    @inline(__always)
    private func set(_ operation: Operation, hash: KeyHash?) throws(LabError) -> Bool {
        if state.pointee.map.isNil { throw .mapIsNil }
        try requireRoom(for: operation.key, byteCount: operation.key.count &+ operation.value.count)
        return state.pointee.insert(operation.key, hash: hash, operation.value)
    }
}
