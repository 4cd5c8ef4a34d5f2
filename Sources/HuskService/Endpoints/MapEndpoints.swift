// The map as a whole: GET /map, and the POSTs that fill, empty and exchange it.

import GoHeap
import GoMap
import HuskLab
import MicroHTTP

/// GET /map
@Sendable func getMap(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    var json = JSONWriter()
    json.value(service.lab.report())
    return .response(json.response())
}

/// GET /map/layout.svg
@Sendable func getPicture(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let lab = service.lab
    return try service.offload(request, to: service.pictures, as: .picture) { (client) throws(Problem) in
        do throws(LabError) {
            return MapDrawing.response(try lab.picture(isCancelled: { client.isOver }))
        } catch {
            throw Problem(error)
        }
    }
}

/// POST /map/insert
@Sendable func insertRange(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    try changeRange(service, request, as: .insert, markedAs: .insert) { (lab, range, client) throws(RangeFailure) in
        try lab.insert(range, isCancelled: { client.isOver }, progress: { client.progress($0, of: range.count) })
    } fields: { result, json in
        json.field("inserted", result.inserted)
        json.field("updated", result.updated)
    }
}

/// POST /map/delete
@Sendable func deleteRange(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    try changeRange(service, request, as: .delete, markedAs: .delete) { (lab, range, client) throws(RangeFailure) in
        try lab.delete(range, isCancelled: { client.isOver }, progress: { client.progress($0, of: range.count) })
    } fields: { result, json in
        json.field("deleted", result.deleted)
        json.field("missing", result.missing)
    }
}

private func changeRange(
    _ service: Service, _ request: Request, as kind: Job.Kind, markedAs markKind: Timeline.Mark.Kind,
    _ change: @escaping @Sendable (Lab, KeyRange, ClientWatch) throws(RangeFailure) -> Measured<RangeResult>,
    fields: @escaping @Sendable (RangeResult, inout JSONWriter) -> Void
) throws(Problem) -> Outcome {
    let range = try KeyRange(body: request.body)
    let lab = service.lab
    let mark = service.marker(for: request)
    return try service.offload(request, to: service.longWork, as: kind) { (client) throws(Problem) in
        let measured: Measured<RangeResult>
        do throws(RangeFailure) {
            measured = try change(lab, range, client)
        } catch {
            throw Problem(error)
        }
        mark(markKind, "\(range.count) keys, len \(measured.result.count), \(measured.brief)")
        return measured.response { result, json in
            fields(result, &json)
            json.field("len", result.count)
        }
    }
}

/// POST /map/clear
@Sendable func clearMap(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    try BodyFields.requireNone(request.body)
    let lab = service.lab
    let mark = service.marker(for: request)
    return try service.offload(request, to: service.commands) { _ in
        let measured = lab.clear()
        mark(.clear, "\(measured.result) entries, \(measured.brief)")
        return measured.response { deleted, json in
            json.field("deleted", deleted)
            json.field("len", 0)
        }
    }
}

/// POST /map/replace-with-fresh
@Sendable func replaceMap(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let replacement = try Replacement(body: request.body)
    let lab = service.lab
    let mark = service.marker(for: request)
    let (pool, kind) = replacement.copy ? (service.longWork, Job.Kind.replace) : (service.commands, nil)
    return try service.offload(request, to: pool, as: kind) { (client) throws(Problem) in
        let measured: Measured<ReplaceResult>
        let total = kind == nil ? 0 : lab.report().statistics.count
        do throws(LabError) {
            measured = try lab.replace(
                with: replacement, isCancelled: { client.isOver }, progress: { client.progress($0, of: total) })
        } catch {
            throw Problem(error)
        }
        mark(.replace, "\(measured.result.report.statistics.type), \(measured.result.copied) copied, \(measured.brief)")
        return measured.response { result, json in
            json.field("type", "\(result.report.statistics.type)")
            json.field("layout", result.report.statistics.layout.rawValue)
            json.field("shards", result.report.shards)
            json.field("generations", result.report.generations)
            json.field("hint", result.report.hint)
            json.field("copied", result.copied)
            json.field("len", result.report.statistics.count)
        }
    }
}

/// POST /map/nil
@Sendable func setMapToNil(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    try BodyFields.requireNone(request.body)
    let lab = service.lab
    let mark = service.marker(for: request)
    return try service.offload(request, to: service.commands) { _ in
        let measured = lab.setNil()
        mark(.nil, measured.brief)
        return measured.response { _, json in json.field("len", 0) }
    }
}

// MARK: Bodies

extension KeyRange {
    /// A range body; what is left out has the contract's default.
    init(body: UnsafeRawBufferPointer) throws(Problem) {
        var fields = try BodyFields(body)
        self.init()
        from = try fields.integer("from", in: Int128(Int.min)...Int128(UInt64.max)) ?? 0
        count = try fields.integer("count", in: 0...Self.countLimit) ?? 8192
        step = try fields.integer("step", in: Int.min...Int.max) ?? 1
        seed = UInt64(try fields.integer("seed", in: 0...Int.max) ?? 1)
        form.valueBytes = try fields.integer("valueBytes", in: 0...EntryLimits.valueBytes) ?? 16
        form.prefix = try fields.string("prefix") ?? "k"
        form.keyDigits = try fields.integer("keyDigits", in: EntryForm.keyDigitsRange) ?? 0
        share = try fields.number("share") ?? 1
        if !(0...1).contains(share) { throw fields.wrong("share", "is \(share), expected a number from 0 to 1") }
        let distribution = try fields.string("distribution") ?? "sequential"
        try fields.refuseRest()
        if step == 0 { throw Problem(.badRequest, "step must not be 0", field: "step") }
        if form.prefix.unicodeScalars.count > EntryForm.prefixCharactersLimit {
            throw Problem(
                .badRequest, "prefix is longer than \(EntryForm.prefixCharactersLimit) characters",
                field: "prefix")
        }
        guard let known = Distribution(rawValue: distribution) else {
            throw Problem(
                .badRequest, "distribution is none of sequential, shuffled and uniform", field: "distribution"
            )
        }
        self.distribution = known
    }
}

extension Replacement {
    /// The greatest `hint`.
    static let hintLimit = 1_000_000_000

    /// A replacement body; what is left out stays as it is.
    init(body: UnsafeRawBufferPointer) throws(Problem) {
        var fields = try BodyFields(body)
        self.init()
        let typeText = try fields.string("type")
        hint = try fields.integer("hint", in: 0...Self.hintLimit)
        layout = try fields.setting("layout", SettingText.layout)
        shards = try fields.integer("shards", in: ShardedMap.countRange)
        isGenerational = try fields.integer("generations", in: 1...2).map { $0 == 2 }
        copy = try fields.boolean("copy") ?? false
        try fields.refuseRest()
        if let shards, !ShardedMap.isCount(shards) {
            throw Problem(.badRequest, "shards is \(shards), \(SettingText.expectedShards)", field: "shards")
        }
        if let typeText {
            do throws(GoMapError) {
                type = try MapTypeName(parsing: typeText)
            } catch {
                throw Problem(.badRequest, error.description, field: "type")
            }
        }
    }
}

// MARK: Answers

extension JSONWriter {
    /// The body of GET /map.
    fileprivate mutating func value(_ report: MapReport) {
        let statistics = report.statistics
        beginObject()
        field("type", "\(statistics.type)")
        field("layout", statistics.layout.rawValue)
        field("nil", statistics.isNil)
        field("shards", report.shards)
        field("generations", report.generations)
        field("hint", report.hint)
        field("len", statistics.count)
        field("slots", statistics.slots)
        name("loadFactor")
        value(statistics.loadFactor)
        name("bytes")
        beginObject()
        field("header", statistics.bytes.header)
        field("buckets", statistics.bytes.buckets)
        field("overflow", statistics.bytes.overflow)
        field("oldBuckets", statistics.bytes.oldBuckets)
        field("directory", statistics.bytes.directory)
        field("indirect", statistics.bytes.indirect)
        field("total", statistics.bytes.total)
        endObject()
        field("retainedBytes", statistics.retainedBytes)
        // A nil map has the layout's part too, all zeros.
        switch statistics.layout {
        case .bucket: value(statistics.bucket ?? .none)
        case .swiss: value(statistics.swiss ?? .none)
        }
        endObject()
    }

    private mutating func value(_ bucket: BucketStatistics) {
        name("bucket")
        beginObject()
        field("B", bucket.B)
        field("buckets", bucket.chains)
        field("overflowBuckets", bucket.overflowBuckets)
        field("growing", bucket.growing)
        field("sameSizeGrow", bucket.sameSizeGrow)
        field("evacuated", bucket.evacuated)
        field("longestChain", bucket.longestChain)
        endObject()
    }

    private mutating func value(_ swiss: SwissStatistics) {
        name("swiss")
        beginObject()
        field("globalDepth", swiss.globalDepth)
        field("tables", swiss.tables)
        field("groups", swiss.groups)
        field("tombstones", swiss.tombstones)
        field("growthLeft", swiss.growthLeft)
        endObject()
    }
}
