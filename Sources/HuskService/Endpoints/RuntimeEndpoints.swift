// /runtime: the runtime's settings, read and changed; /gctrace: what the runtime would have printed.

import GoHeap
import GoMap
import HuskLab
import MicroHTTP

/// GET /runtime
@Sendable func getRuntime(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    .response(service.lab.runtimeReport().response())
}

/// PATCH /runtime
@Sendable func changeRuntime(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let change = try SettingsChange(body: request.body)
    let lab = service.lab
    let logger = service.logger
    return try service.offload(request, to: service.commands) { (_) throws(Problem) in
        let settings: LabSettings
        do throws(LabError) {
            settings = try lab.change(change)
        } catch {
            throw Problem(error)
        }
        if change.profile != nil { logger.info("behaves as Go \(settings.profile.rawValue)") }
        return lab.runtimeReport(settings).response()
    }
}

/// GET /gctrace
@Sendable func getTrace(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let lines = service.lab.traceLines().map { $0 + "\n" }.joined()
    return .response(Response(status: 200, contentType: .plainText, text: lines))
}

// MARK: Bodies

extension SettingsChange {
    /// A merge: what is left out stays as it is.
    init(body: UnsafeRawBufferPointer) throws(Problem) {
        var fields = try BodyFields(body)
        self.init()
        profile = try fields.setting("go", SettingText.profile)
        gcPercent = try fields.integer("gogc", in: SettingText.gcPercentRange, orText: "off").map {
            switch $0 {
            case .integer(let percent): .percent(percent)
            case .text: .off
            }
        }
        memoryLimit =
            fields.takeNull("memoryLimit")
            ? MemoryLimit.none : try fields.integer("memoryLimit", in: 0...Int.max).map { .bytes($0) }
        maxProcs = try fields.integer("maxProcs", in: SettingText.maxProcsRange)
        forceGCPeriodNanoseconds = try fields.setting("forceGCPeriod", SettingText.period)
        scavenger = try fields.setting("scavenger", SettingText.scavenger)
        scavengePeriodNanoseconds = try fields.setting("scavengePeriod", SettingText.period)
        madvise = try fields.setting("madvise", SettingText.madvise)
        printsTrace = try fields.boolean("gctrace")
        if var watchdog = try fields.object("watchdog") {
            self.watchdog.remedy = try watchdog.boolean("enabled").map { $0 ? .freeMemory : .none }
            self.watchdog.periodNanoseconds = try watchdog.setting("period", SettingText.period)
            self.watchdog.limitBytes = try watchdog.integer("idleBytes", in: 0...Int.max)
            try watchdog.refuseRest()
        }
        if var remedy = try fields.object("remedy") {
            self.remedy.remedy = try remedy.setting("kind", SettingText.remedy)
            self.remedy.periodNanoseconds = try remedy.setting("period", SettingText.period)
            self.remedy.limitBytes = try remedy.integer("retainedBytes", in: 0...Int.max)
            try remedy.refuseRest()
        }
        try fields.refuseRest()
    }
}

extension BodyFields {
    /// A string field that is read as a setting.
    mutating func setting<Value>(
        _ name: String, _ parse: (String) throws(SettingError) -> Value
    ) throws(Problem) -> Value? {
        guard let text = try string(name) else { return nil }
        do throws(SettingError) {
            return try parse(text)
        } catch {
            throw wrong(name, "is '\(echoed(text))', \(error.expected)")
        }
    }
}

// MARK: Answers

extension RuntimeReport {
    /// The answer of /runtime.
    func response() -> Response {
        let runtime = settings.runtime
        var json = JSONWriter()
        json.beginObject()
        json.field("go", settings.profile.rawValue)
        if let percent = runtime.gcPercent { json.field("gogc", percent) } else { json.field("gogc", "off") }
        if let limit = runtime.memoryLimitBytes {
            json.field("memoryLimit", limit)
        } else {
            json.nullField("memoryLimit")
        }
        json.field("maxProcs", runtime.maxProcs)
        json.period("forceGCPeriod", runtime.forceGCPeriodNanoseconds)
        json.field("scavenger", runtime.scavenger.rawValue)
        json.period("scavengePeriod", runtime.scavengePeriodNanoseconds)
        json.field("madvise", runtime.madvise.rawValue)
        json.field("gctrace", settings.printsTrace)
        json.name("watchdog")
        json.beginObject()
        json.field("enabled", settings.watchdog.remedy != .none)
        json.period("period", settings.watchdog.periodNanoseconds)
        json.field("idleBytes", settings.watchdog.limitBytes)
        json.endObject()
        json.name("remedy")
        json.beginObject()
        json.field("kind", settings.remedy.remedy.rawValue)
        json.period("period", settings.remedy.periodNanoseconds)
        json.field("retainedBytes", settings.remedy.limitBytes)
        json.endObject()
        json.name("timeScale")
        json.value(timeScale)
        json.name("notes")
        json.beginArray()
        for note in notes { json.value(note) }
        json.endArray()
        json.endObject()
        return json.response()
    }
}

extension JSONWriter {
    fileprivate mutating func period(_ name: StaticString, _ nanoseconds: UInt64) {
        field(name, GoDuration(nanoseconds: Int64(nanoseconds)).description)
    }
}
