// Counting where every byte is, in slices, while other clients go on.
//
// First the rows of the map, for what the entries lead to; then everything that the collector's roots lead to, with marks of
// its own (`HeapSurvey`), which tells garbage that no cycle has found; then all pages. What is written meanwhile is counted as it
// was or as it is. A map that gets other arrays while its rows are read is begun again.

import GoHeap
import GoMap
import HuskSystem

extension Lab {
    /// Where every byte of the heap and of the process is, and what remedies would change. Changes nothing.
    ///
    /// - Parameter isCancelled: asked between slices.
    /// - Throws: `LabError.cancelled`; `LabError.noHeap` when the kernel refuses address space for its marks. They take up to
    ///   1/60 of what is in use, as the heap's own records do: also a full heap can be looked at.
    /// - Complexity: O(slots + objects + pages) time, in slices of 0.2 ms under the lock.
    package func account(isCancelled: () -> Bool = { false }) throws(LabError) -> MemoryAccount {
        for _ in 1..<Self.lookLimit {
            if let account = try look(isLast: false, isCancelled) { return account }
        }
        return try look(isLast: true, isCancelled)!
    }

    /// How often the count begins again when the map gets other arrays, or the lab another heap, meanwhile.
    private static let lookLimit = 4
    private static let rowsAtOnce = 32

    /// - Returns: nil when it is to begin again; never when it is the last.
    private func look(isLast: Bool, _ isCancelled: () -> Bool) throws(LabError) -> MemoryAccount? {
        lock.lock()
        let owned = state.pointee.ownedHeap
        let changeCount = state.pointee.changeCount
        var survey = HeapSurvey(owned.heap)
        lock.unlock()
        defer { withExtendedLifetime(owned) {} }
        guard let look = survey else { throw .noHeap(.cannotReserve(byteCount: reservedBytes / 64)) }

        var reader = ShardedMapReader()
        var rows = ReadingProgress.more
        try inSlices(isCancelled) { deadline in
            guard state.pointee.ownedHeap === owned else {
                rows = .changed
                return false
            }
            repeat {
                rows = reader.read(state.pointee.map, rowLimit: Self.rowsAtOnce) { _, row in
                    row.forEachLead { look.note($0, isShared: $1) }
                }
            } while rows == .more && monotonicNanoseconds() < deadline
            return rows == .more
        }
        let isAnotherMap = rows == .changed
        if isAnotherMap && !isLast { return nil }

        var hasBegun = false
        try inSlices(isCancelled) { deadline in
            if !hasBegun { look.startTracing() }
            hasBegun = true
            return look.trace(until: deadline)
        }
        try inSlices(isCancelled) { look.readPages(until: $0) }
        let census = look.finished()
        // Its marks are not to be a part of the process's memory.
        survey = nil
        return account(of: census, owned, changeCount: isAnotherMap ? nil : changeCount, isLast: isLast)
    }

    private func account(
        of census: HeapCensus, _ owned: OwnedHeap, changeCount: UInt64?, isLast: Bool
    ) -> MemoryAccount? {
        lock.lock()
        if state.pointee.ownedHeap !== owned && !isLast {
            lock.unlock()
            return nil
        }
        let heap = state.pointee.heap
        let stats = heap.readMemStats()
        let report = state.pointee.report()
        let isExact = state.pointee.changeCount == changeCount
        let advice = state.pointee.settings.runtime.madvise
        let roomBytes = state.pointee.heapLimitBytes - heap.inUseBytes
        var account = MemoryAccount(
            stats, report.statistics, census, isCollecting: heap.hasCollectionWork)
        let forecaster = Forecaster(
            map: state.pointee.map, report: report, census: census, heap: heap, isResidentReleased: advice == .dontneed)
        lock.unlock()
        account.isExact = isExact
        account.resident = ProcessMemory.residentBytes
        account.lazyFree = advice == .free ? ProcessMemory.lazyFreeBytes : nil
        account.forecasts = forecaster.forecasts(account)
        account.advice = Advice(account, roomBytes: roomBytes, rebuildsShards: report.shards == Remedy(.shards).shards)
        return account
    }

    /// Calls `step` with the lock held, a slice at a time, until it answers that there is no more to do.
    private func inSlices(
        _ isCancelled: () -> Bool, _ step: (_ deadline: UInt64) -> Bool
    ) throws(LabError) {
        while true {
            lock.lock()
            let hasMore = step(monotonicNanoseconds() + Self.sliceNanoseconds)
            lock.unlock()
            if isCancelled() { throw .cancelled }
            if !hasMore { return }
            lock.letOthersIn()
        }
    }
}
