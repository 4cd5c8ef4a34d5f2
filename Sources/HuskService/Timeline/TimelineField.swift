// The figures of a sample: every number of GET /memstats and of GET /map, by the names that they have there, and the process's
// memory. A part of an object has its name before it, as in `bytes.total`.
//
// A sample is a row of 64-bit words, one for each of these.

import GoMap
import HuskLab

struct TimelineField: Sendable {
    /// What a word of the row is.
    enum Kind: Sendable {
        case integer, number, flag
        /// An integer, or `absent`.
        case optionalInteger
    }

    /// What it counts: figures of one unit can be drawn on one axis.
    enum Unit: String, Sendable { case bytes, count, nanoseconds, share, flag }

    let name: StaticString
    let unit: Unit
    let kind: Kind
    private let read: @Sendable (LabReading) -> UInt64

    /// The word of a figure that there is not at the moment.
    static let absent = UInt64.max

    private init(
        _ name: StaticString, _ unit: Unit, _ kind: Kind, _ read: @escaping @Sendable (LabReading) -> UInt64
    ) {
        self.name = name
        self.unit = unit
        self.kind = kind
        self.read = read
    }

    func word(of reading: LabReading) -> UInt64 { read(reading) }

    /// A word as a number to draw; nil when there is none.
    func number(_ word: UInt64) -> Double? {
        switch kind {
        case .integer, .flag: Double(word)
        case .number: Double(bitPattern: word)
        case .optionalInteger: word == Self.absent ? nil : Double(word)
        }
    }

    /// All, in the order that they are written in.
    static let all: [TimelineField] = memStats + process + map + layouts

    /// Places in `all` of the figures that a chart shows when nobody says which.
    static let charted: [Int] = places([
        "RSS", "HeapAlloc", "HeapInuse", "HeapIdle", "HeapReleased", "memoryLimit", "goal", "retainedBytes", "len",
        "slots",
    ])

    /// The place of a figure in `all`; nil for a name that none has.
    static func place(of name: String) -> Int? { placesByName[name] }

    private static let placesByName = Dictionary(
        uniqueKeysWithValues: all.enumerated().map { ("\($0.element.name)", $0.offset) })

    private static func places(_ names: [String]) -> [Int] { names.map { placesByName[$0]! } }

    // MARK: The fields

    private static func bytes(_ name: StaticString, _ read: @escaping @Sendable (LabReading) -> UInt64) -> Self {
        Self(name, .bytes, .integer, read)
    }

    private static func bytes(_ name: StaticString, _ read: @escaping @Sendable (LabReading) -> Int) -> Self {
        Self(name, .bytes, .integer) { UInt64(read($0)) }
    }

    private static func count(_ name: StaticString, _ read: @escaping @Sendable (LabReading) -> UInt64) -> Self {
        Self(name, .count, .integer, read)
    }

    private static func count(_ name: StaticString, _ read: @escaping @Sendable (LabReading) -> Int) -> Self {
        Self(name, .count, .integer) { UInt64(read($0)) }
    }

    private static func flag(_ name: StaticString, _ read: @escaping @Sendable (LabReading) -> Bool) -> Self {
        Self(name, .flag, .flag) { read($0) ? 1 : 0 }
    }

    private static func nanoseconds(
        _ name: StaticString, _ read: @escaping @Sendable (LabReading) -> UInt64
    ) -> Self { Self(name, .nanoseconds, .integer, read) }

    private static func share(_ name: StaticString, _ read: @escaping @Sendable (LabReading) -> Double) -> Self {
        Self(name, .share, .number) { read($0).bitPattern }
    }

    /// In MemStats' order, without its arrays.
    private static let memStats: [TimelineField] = [
        bytes("Alloc") { $0.memStats.alloc },
        bytes("TotalAlloc") { $0.memStats.totalAlloc },
        bytes("Sys") { $0.memStats.sys },
        count("Lookups") { $0.memStats.lookups },
        count("Mallocs") { $0.memStats.mallocs },
        count("Frees") { $0.memStats.frees },
        bytes("HeapAlloc") { $0.memStats.heapAlloc },
        bytes("HeapSys") { $0.memStats.heapSys },
        bytes("HeapIdle") { $0.memStats.heapIdle },
        bytes("HeapInuse") { $0.memStats.heapInuse },
        bytes("HeapReleased") { $0.memStats.heapReleased },
        count("HeapObjects") { $0.memStats.heapObjects },
        bytes("StackInuse") { $0.memStats.stackInuse },
        bytes("StackSys") { $0.memStats.stackSys },
        bytes("MSpanInuse") { $0.memStats.mspanInuse },
        bytes("MSpanSys") { $0.memStats.mspanSys },
        bytes("MCacheInuse") { $0.memStats.mcacheInuse },
        bytes("MCacheSys") { $0.memStats.mcacheSys },
        bytes("BuckHashSys") { $0.memStats.buckHashSys },
        bytes("GCSys") { $0.memStats.gcSys },
        bytes("OtherSys") { $0.memStats.otherSys },
        bytes("NextGC") { $0.memStats.nextGC },
        nanoseconds("LastGC") { $0.memStats.lastGC },
        nanoseconds("PauseTotalNs") { $0.memStats.pauseTotalNs },
        count("NumGC") { UInt64($0.memStats.numGC) },
        count("NumForcedGC") { UInt64($0.memStats.numForcedGC) },
        share("GCCPUFraction") { $0.memStats.gcCPUFraction },
        flag("EnableGC") { $0.memStats.enableGC },
        flag("DebugGC") { $0.memStats.debugGC },
    ]

    private static let process: [TimelineField] = [
        bytes("RSS") { $0.residentBytes },
        Self("memoryLimit", .bytes, .optionalInteger) { $0.memoryLimitBytes.map { UInt64($0) } ?? absent },
        // With GOGC off and no limit, NextGC is that of a limit of 2^63 − 1 bytes: no goal that anything is compared with.
        Self("goal", .bytes, .optionalInteger) { $0.memStats.nextGC < 1 << 62 ? $0.memStats.nextGC : absent },
    ]

    private static let map: [TimelineField] = [
        flag("nil") { $0.map.statistics.isNil },
        count("shards") { $0.map.shards },
        count("generations") { $0.map.generations },
        count("hint") { $0.map.hint },
        count("len") { $0.map.statistics.count },
        count("slots") { $0.map.statistics.slots },
        share("loadFactor") { $0.map.statistics.loadFactor },
        bytes("bytes.header") { $0.map.statistics.bytes.header },
        bytes("bytes.buckets") { $0.map.statistics.bytes.buckets },
        bytes("bytes.overflow") { $0.map.statistics.bytes.overflow },
        bytes("bytes.oldBuckets") { $0.map.statistics.bytes.oldBuckets },
        bytes("bytes.directory") { $0.map.statistics.bytes.directory },
        bytes("bytes.indirect") { $0.map.statistics.bytes.indirect },
        bytes("bytes.total") { $0.map.statistics.bytes.total },
        bytes("retainedBytes") { $0.map.statistics.retainedBytes },
    ]

    /// Those of one layout; absent while the map is of the other.
    private static let layouts: [TimelineField] = [
        bucket("bucket.B") { $0.B },
        bucket("bucket.buckets") { $0.chains },
        bucket("bucket.overflowBuckets") { $0.overflowBuckets },
        bucket("bucket.evacuated") { $0.evacuated },
        bucket("bucket.longestChain") { $0.longestChain },
        swiss("swiss.globalDepth") { $0.globalDepth },
        swiss("swiss.tables") { $0.tables },
        swiss("swiss.groups") { $0.groups },
        swiss("swiss.tombstones") { $0.tombstones },
        swiss("swiss.growthLeft") { $0.growthLeft },
    ]

    private static func bucket(_ name: StaticString, _ read: @escaping @Sendable (BucketStatistics) -> Int) -> Self {
        Self(name, .count, .optionalInteger) { $0.map.statistics.bucket.map { UInt64(read($0)) } ?? absent }
    }

    private static func swiss(_ name: StaticString, _ read: @escaping @Sendable (SwissStatistics) -> Int) -> Self {
        Self(name, .count, .optionalInteger) { $0.map.statistics.swiss.map { UInt64(read($0)) } ?? absent }
    }
}
