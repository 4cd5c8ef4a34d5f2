// MemStats as Go's encoding/json prints `runtime.MemStats`: the same names, in the same order.

import GoHeap
import GoMap
import MicroHTTP

/// The fields, in Go's order.
enum MemStatsField: String, CaseIterable, Sendable {
    case Alloc, TotalAlloc, Sys, Lookups, Mallocs, Frees
    case HeapAlloc, HeapSys, HeapIdle, HeapInuse, HeapReleased, HeapObjects
    case StackInuse, StackSys, MSpanInuse, MSpanSys, MCacheInuse, MCacheSys, BuckHashSys, GCSys, OtherSys
    case NextGC, LastGC, PauseTotalNs, PauseNs, PauseEnd, NumGC, NumForcedGC, GCCPUFraction, EnableGC,
        DebugGC, BySize

    /// What `?fields=Alloc,Sys` asks for; everything without it.
    static func selection(of request: Request) throws(Problem) -> Set<MemStatsField> {
        guard let parameter = request.queryParameters.first(where: { $0.isCalled("fields") }) else {
            return Set(allCases)
        }
        let text: [UInt8]
        do throws(PercentDecodingError) {
            text = try (parameter.value ?? UnsafeRawBufferPointer(start: nil, count: 0)).percentDecoded()
        } catch {
            throw Problem(error)
        }
        var selection: Set<MemStatsField> = []
        for name in String(decoding: text, as: UTF8.self).split(
            separator: ",", omittingEmptySubsequences: false)
        {
            guard let field = MemStatsField(rawValue: String(name)) else {
                throw Problem(.badRequest, "'\(echoed(name))' is not a field of runtime.MemStats", field: "fields")
            }
            selection.insert(field)
        }
        return selection
    }
}

extension JSONWriter {
    mutating func value(_ stats: MemStats, only selection: Set<MemStatsField>) {
        beginObject()
        for field in MemStatsField.allCases where selection.contains(field) { write(field, of: stats) }
        endObject()
    }

    private mutating func write(_ field: MemStatsField, of stats: MemStats) {
        switch field {
        case .Alloc: self.field("Alloc", stats.alloc)
        case .TotalAlloc: self.field("TotalAlloc", stats.totalAlloc)
        case .Sys: self.field("Sys", stats.sys)
        case .Lookups: self.field("Lookups", stats.lookups)
        case .Mallocs: self.field("Mallocs", stats.mallocs)
        case .Frees: self.field("Frees", stats.frees)
        case .HeapAlloc: self.field("HeapAlloc", stats.heapAlloc)
        case .HeapSys: self.field("HeapSys", stats.heapSys)
        case .HeapIdle: self.field("HeapIdle", stats.heapIdle)
        case .HeapInuse: self.field("HeapInuse", stats.heapInuse)
        case .HeapReleased: self.field("HeapReleased", stats.heapReleased)
        case .HeapObjects: self.field("HeapObjects", stats.heapObjects)
        case .StackInuse: self.field("StackInuse", stats.stackInuse)
        case .StackSys: self.field("StackSys", stats.stackSys)
        case .MSpanInuse: self.field("MSpanInuse", stats.mspanInuse)
        case .MSpanSys: self.field("MSpanSys", stats.mspanSys)
        case .MCacheInuse: self.field("MCacheInuse", stats.mcacheInuse)
        case .MCacheSys: self.field("MCacheSys", stats.mcacheSys)
        case .BuckHashSys: self.field("BuckHashSys", stats.buckHashSys)
        case .GCSys: self.field("GCSys", stats.gcSys)
        case .OtherSys: self.field("OtherSys", stats.otherSys)
        case .NextGC: self.field("NextGC", stats.nextGC)
        case .LastGC: self.field("LastGC", stats.lastGC)
        case .PauseTotalNs: self.field("PauseTotalNs", stats.pauseTotalNs)
        case .PauseNs: self.field("PauseNs", stats.pauseNs)
        case .PauseEnd: self.field("PauseEnd", stats.pauseEnd)
        case .NumGC: self.field("NumGC", UInt64(stats.numGC))
        case .NumForcedGC: self.field("NumForcedGC", UInt64(stats.numForcedGC))
        case .GCCPUFraction:
            name("GCCPUFraction")
            value(stats.gcCPUFraction)
        case .EnableGC: self.field("EnableGC", stats.enableGC)
        case .DebugGC: self.field("DebugGC", stats.debugGC)
        case .BySize: write(stats.bySize)
        }
    }

    private mutating func field(_ name: StaticString, _ numbers: [UInt64]) {
        self.name(name)
        beginArray()
        for number in numbers { value(number) }
        endArray()
    }

    private mutating func write(_ bySize: [MemStats.SizeStatistics]) {
        name("BySize")
        beginArray()
        for sizeClass in bySize {
            beginObject()
            field("Size", UInt64(sizeClass.size))
            field("Mallocs", sizeClass.mallocs)
            field("Frees", sizeClass.frees)
            endObject()
        }
        endArray()
    }
}
