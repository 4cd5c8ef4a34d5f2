// /memory: where every byte is, and what each remedy would change.

import GoHeap
import HuskLab
import MicroHTTP

/// GET /memory
@Sendable func getMemory(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let lab = service.lab
    return try service.offload(request, to: service.pictures, as: .memory) { (client) throws(Problem) in
        do throws(LabError) {
            var json = JSONWriter()
            json.value(try lab.account(isCancelled: { client.isOver }))
            return json.response()
        } catch {
            throw Problem(error)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ account: MemoryAccount) {
        beginObject()
        heap(account)
        residentSet(account)
        field("exact", account.isExact)
        field("collecting", account.isCollecting)
        name("forecasts")
        beginArray()
        for forecast in account.forecasts { value(forecast, of: account) }
        endArray()
        name("advice")
        beginObject()
        field("remedy", account.advice.remedy.rawValue)
        field("text", account.advice.text)
        endObject()
        endObject()
    }

    /// The parts of HeapSys.
    private mutating func heap(_ account: MemoryAccount) {
        name("heap")
        beginObject()
        field("HeapSys", account.heapSys)
        name("entries")
        beginObject()
        field("map", account.map)
        field("keysAndValues", account.keysAndValues)
        endObject()
        field("retained", account.retained)
        field("otherLive", account.otherLive)
        name("garbage")
        beginObject()
        field("unswept", account.unsweptGarbage)
        field("unmarked", account.unmarkedGarbage)
        endObject()
        name("waste")
        beginObject()
        field("freeSlots", account.freeSlots)
        field("spanTails", account.tails)
        endObject()
        field("idle", account.idle)
        field("released", account.released)
        endObject()
        name("sparse")
        beginObject()
        let sparse = account.sparse
        field("spans", sparse.spans)
        field("spanBytes", sparse.bytes)
        field("waste", sparse.waste)
        endObject()
        name("sizeClasses")
        beginArray()
        for ofClass in account.classes { value(ofClass) }
        endArray()
    }

    private mutating func value(_ ofClass: HeapCensus.OfClass) {
        beginObject()
        field("objectBytes", ofClass.objectBytes)
        field("spans", ofClass.spanCount)
        field("spanBytes", ofClass.spanBytes)
        field("allocated", ofClass.allocatedBytes)
        field("sparseSpans", ofClass.sparseSpanCount)
        field("sparseSpanBytes", ofClass.sparseSpanBytes)
        field("sparseWaste", ofClass.sparseSpanBytes - ofClass.sparseAllocatedBytes)
        endObject()
    }

    /// The parts of RSS.
    private mutating func residentSet(_ account: MemoryAccount) {
        name("rss")
        beginObject()
        field("RSS", account.resident)
        name("heap")
        beginObject()
        field("inSpans", account.residentInSpans)
        field("idle", account.residentIdle)
        field("released", account.residentReleased)
        endObject()
        name("tables")
        beginObject()
        field("MSpanSys", account.tables.mspan)
        field("MCacheSys", account.tables.mcache)
        field("GCSys", account.tables.gc)
        field("OtherSys", account.tables.other)
        endObject()
        field("restOfProcess", account.restOfProcess)
        field("LazyFree", account.lazyFree)
        endObject()
    }

    private mutating func value(_ forecast: Forecast, of account: MemoryAccount) {
        beginObject()
        field("remedy", forecast.remedy.rawValue)
        field("obstacle", forecast.obstacle)
        field("frees", forecast.frees)
        field("HeapAlloc", forecast.heapAlloc)
        field("HeapInuse", forecast.heapInuse)
        field("peakHeapAlloc", forecast.peakHeapAlloc)
        field("needs", forecast.peakHeapAlloc - account.heapAlloc)
        field("RSSAfterFreeMemory", forecast.residentAfterRelease)
        field("losesEntries", forecast.losesEntries)
        endObject()
    }
}
