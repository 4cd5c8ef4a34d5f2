// What a remedy would change, without doing it.
//
// HeapAlloc after it: what stays live is known object by object (`HeapCensus`), and what a fresh map takes by arithmetic. All
// remedies but free-memory end with a collection (Lab+Remedies.swift), so no garbage is left.
//
// The peak: a fresh map beside all that is there, but for what sweeping makes room of. Its arrays are made at once; keys and values of
// more than 128 bytes follow one by one, and if a cycle ends meanwhile, the peak is less by the garbage that it frees.

import GoHeap
import GoMap

/// Bytes, but for the flags.
package struct Forecast: Equatable, Sendable {
    package var remedy: Remedy.Kind
    /// Why it cannot be told; nil when it can. The figures are then those of a collection alone.
    package var obstacle: String?
    /// HeapAlloc afterwards, and HeapInuse.
    package var heapAlloc = 0
    package var heapInuse = 0
    /// The most that HeapAlloc is on the way.
    package var peakHeapAlloc = 0
    /// By how much HeapAlloc falls; negative when it rises.
    package var frees = 0
    /// RSS once idle pages have gone back to the kernel as well (`free-memory`); nil when that would not make it fall.
    package var residentAfterRelease: Int?
    /// Whether entries go.
    package var losesEntries = false
}

/// What forecasts are made of.
struct Forecaster {
    private let statistics: MapStatistics
    private let shards: Int
    private let isGenerational: Bool
    private let census: HeapCensus
    private let isResidentReleased: Bool
    /// A map for as many entries as there are: of the same kind, in the swiss layout, in as many shards as `Remedy` has, and in two
    /// generations.
    private let fresh: MapBytes
    private let swiss: MapBytes
    private let sharded: MapBytes
    private let generational: MapBytes
    /// What a map holds that has no entries and is made as this was.
    private let emptyBytes: Int
    /// What the map holds once each shard that retains something has been rebuilt for its own entries.
    private let rebuiltBytes: Int

    /// Called with the lock held.
    init(map: ShardedMap, report: MapReport, census: HeapCensus, heap: Heap, isResidentReleased: Bool) {
        let statistics = report.statistics
        let isGenerational = report.generations > 1
        self.statistics = statistics
        self.isGenerational = isGenerational
        shards = report.shards
        self.census = census
        self.isResidentReleased = isResidentReleased
        let type = MapType.interned(statistics.type)
        func fresh(_ layout: MapLayout, shards: Int, isGenerational: Bool) -> MapBytes {
            ShardedMap.freshBytes(
                type, count: statistics.count, heap: heap, layout: layout, shardCount: shards,
                isGenerational: isGenerational)
        }
        self.fresh = fresh(statistics.layout, shards: report.shards, isGenerational: isGenerational)
        swiss = fresh(.swiss, shards: report.shards, isGenerational: isGenerational)
        sharded = fresh(statistics.layout, shards: Remedy(.shards).shards, isGenerational: false)
        generational = fresh(statistics.layout, shards: 1, isGenerational: true)
        emptyBytes = ShardedMap.emptyBytes(
            type, hint: report.hint, heap: heap, layout: statistics.layout, shardCount: report.shards,
            isGenerational: isGenerational)
        let retained = isGenerational ? [] : (0..<report.shards).map { map.weight(ofShard: $0) }
        rebuiltBytes = statistics.bytes.total - retained.reduce(0) { $0 + max(0, $1.bytes - $1.freshBytes) }
    }

    /// One for each remedy that does something.
    func forecasts(_ account: MemoryAccount) -> [Forecast] {
        Remedy.Kind.allCases.filter { $0 != .none }.map { kind in
            var forecast = forecast(kind, account)
            forecast.frees = account.heapAlloc - forecast.heapAlloc
            return forecast
        }
    }

    private func forecast(_ kind: Remedy.Kind, _ account: MemoryAccount) -> Forecast {
        if statistics.isNil { return collection(kind, account) }
        switch kind {
        case .none, .gc, .freeMemory: return collection(kind, account)
        case .clear: return clear(account)
        case .replace: return replace(account)
        case .copy, .incrementalCopy:
            return statistics.retainedBytes > 0 ? copy(kind, to: fresh.total, account) : collection(kind, account)
        case .swiss:
            return statistics.layout != .swiss ? copy(kind, to: swiss.total, account) : collection(kind, account)
        case .shards: return copyOfShards(account)
        case .twoGenerations: return generations(account)
        }
    }

    /// A collection only.
    private func collection(_ kind: Remedy.Kind, _ account: MemoryAccount) -> Forecast {
        Forecast(
            remedy: kind, heapAlloc: account.heapAlloc - account.garbage, heapInuse: census.live.bytes,
            peakHeapAlloc: account.heapAlloc,
            residentAfterRelease: resident(account, kept: census.live, moreBytes: 0))
    }

    /// The arrays stay; what hangs on them goes.
    private func clear(_ account: MemoryAccount) -> Forecast {
        var forecast = collection(.clear, account)
        forecast.losesEntries = statistics.count > 0
        if statistics.count == 0 { return forecast }
        let bytes = statistics.bytes
        let goneBytes = bytes.overflow + bytes.oldBuckets
        forecast.heapAlloc = bytes.total - bytes.indirect - goneBytes + account.otherLive
        forecast.heapInuse = max(forecast.heapAlloc, census.withOther.bytes - goneBytes)
        forecast.residentAfterRelease = resident(account, kept: census.withOther, moreBytes: -goneBytes)
        return forecast
    }

    private func replace(_ account: MemoryAccount) -> Forecast {
        var forecast = Forecast(remedy: .replace, heapAlloc: emptyBytes + account.otherLive)
        forecast.losesEntries = statistics.count > 0
        forecast.heapInuse = Self.pages(forecast.heapAlloc)
        forecast.peakHeapAlloc = account.heapAlloc + emptyBytes
        forecast.residentAfterRelease = resident(account, kept: .init(), moreBytes: forecast.heapInuse)
        return forecast
    }

    /// What the entries lead to stays where it is.
    private func copy(_ kind: Remedy.Kind, to freshBytes: Int, _ account: MemoryAccount) -> Forecast {
        var forecast = Forecast(
            remedy: kind, heapAlloc: freshBytes + account.keysAndValues + account.otherLive)
        forecast.heapInuse = census.withShared.bytes + Self.pages(freshBytes)
        forecast.peakHeapAlloc = peak(account, freshBytes: freshBytes)
        forecast.residentAfterRelease = resident(account, kept: census.withShared, moreBytes: freshBytes)
        return forecast
    }

    /// A map of other shards is copied whole the first time; then each shard that retains something is, and they are collected as
    /// they add up (Lab+Shards.swift).
    private func copyOfShards(_ account: MemoryAccount) -> Forecast {
        if shards != Remedy(.shards).shards { return copy(.shards, to: sharded.total, account) }
        if rebuiltBytes == statistics.bytes.total { return collection(.shards, account) }
        var forecast = copy(.shards, to: rebuiltBytes, account)
        let freshBytes = rebuiltBytes / shards
        let limitBytes = statistics.bytes.total / Lab.shareOfGarbage
        let copiesAtOnce = 1 + max(0, limitBytes - freshBytes) / max(1, statistics.bytes.total / shards)
        forecast.peakHeapAlloc = account.heapAlloc + min(shards, copiesAtOnce) * freshBytes
        return forecast
    }

    /// The first time all entries become young; then the old ones go, however many these are.
    private func generations(_ account: MemoryAccount) -> Forecast {
        if shards > 1 {
            var forecast = collection(.twoGenerations, account)
            forecast.obstacle = "the map has shards: those have no generations"
            return forecast
        }
        guard isGenerational else { return copy(.twoGenerations, to: generational.total, account) }
        var forecast = collection(.twoGenerations, account)
        forecast.obstacle = "the old generation goes, and what its entries lead to is not counted apart"
        forecast.losesEntries = statistics.count > 0
        return forecast
    }

    /// The most that HeapAlloc is while a map is made and filled beside the old one.
    private func peak(_ account: MemoryAccount, freshBytes: Int) -> Int {
        max(account.heapAlloc, account.heapAlloc - account.unsweptGarbage + freshBytes)
    }

    /// RSS when of the heap only so much is left.
    private func resident(_ account: MemoryAccount, kept: HeapCensus.Pages, moreBytes: Int) -> Int? {
        guard isResidentReleased else { return nil }
        let gone = account.residentInSpans + account.residentIdle
        return account.resident - gone + max(0, kept.residentBytes + moreBytes)
    }

    private static func pages(_ bytes: Int) -> Int { (bytes + 8191) & ~8191 }
}
