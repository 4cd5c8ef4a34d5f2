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
    let mark = service.marker(for: request)
    let asked = String(decoding: request.body, as: UTF8.self)
    return try service.offload(request, to: service.commands) { (_) throws(Problem) in
        let settings: LabSettings
        let before = lab.settings.profile
        do throws(LabError) {
            settings = try lab.change(change)
        } catch {
            throw Problem(error)
        }
        if change.profile != nil { logger.info("behaves as Go \(settings.profile.rawValue)") }
        if settings.profile != before {
            mark(.go, "\(before.rawValue) -> \(settings.profile.rawValue)")
        } else if !asked.isEmpty {
            mark(.settings, asked)
        }
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
        if var check = try fields.object("watchdog") {
            watchdog.does = try check.boolean("enabled").map { Remedy($0 ? .freeMemory : .none) }
            watchdog.when = try check.takeConditions([.idleBytes])
            watchdog.periodNanoseconds = try check.setting("period", SettingText.period)
            try check.refuseRest()
        }
        if var check = try fields.object("remedy") {
            remedy.does = try check.setting("kind", SettingText.remedyKind).map { Remedy($0) }
            remedy.when = try check.takeConditions([.retainedBytes])
            remedy.periodNanoseconds = try check.setting("period", SettingText.period)
            try check.refuseRest()
        }
        furtherChecks = try fields.checks()
        try fields.refuseRest()
    }
}

extension BodyFields {
    /// `checks`: `{when: {…}, do: {kind, …}, period}` each; named by their place, from 1.
    fileprivate mutating func checks() throws(Problem) -> [Check]? {
        guard let elements = try objects("checks") else { return nil }
        if elements.count > Check.furtherLimit {
            throw wrong("checks", "has \(elements.count) elements, expected at most \(Check.furtherLimit)")
        }
        var checks: [Check] = []
        for var fields in elements {
            var check = Check("\(checks.count + 1)", when: Conditions())
            check.policy = try fields.remedyPolicy(hasRounds: false)
            if check.policy.when == Conditions() {
                let known = Conditions.Name.allCases.filter { $0 != .everyRounds }.map(\.rawValue)
                throw fields.wrong(
                    "when", "names no condition, expected one or several of \(known.joined(separator: ", "))")
            }
            if let period = try fields.setting("period", SettingText.period) { check.periodNanoseconds = period }
            try fields.refuseRest()
            checks.append(check)
        }
        return checks
    }

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
        json.field("memoryLimit", runtime.memoryLimitBytes)
        json.field("maxProcs", runtime.maxProcs)
        json.period("forceGCPeriod", runtime.forceGCPeriodNanoseconds)
        json.field("scavenger", runtime.scavenger.rawValue)
        json.period("scavengePeriod", runtime.scavengePeriodNanoseconds)
        json.field("madvise", runtime.madvise.rawValue)
        json.field("gctrace", settings.printsTrace)
        json.name("watchdog")
        json.beginObject()
        json.field("enabled", settings.watchdog.isOn)
        json.period("period", settings.watchdog.periodNanoseconds)
        json.fields(settings.watchdog.policy.when)
        json.endObject()
        json.name("remedy")
        json.beginObject()
        json.field("kind", settings.remedy.policy.does.kind.rawValue)
        json.period("period", settings.remedy.periodNanoseconds)
        json.fields(settings.remedy.policy.when)
        json.endObject()
        json.name("checks")
        json.beginArray()
        for check in settings.furtherChecks { json.value(check) }
        json.endArray()
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
    fileprivate mutating func value(_ check: Check) {
        beginObject()
        fields(check.policy)
        period("period", check.periodNanoseconds)
        endObject()
    }

    fileprivate mutating func period(_ name: StaticString, _ nanoseconds: UInt64) {
        field(name, GoDuration(nanoseconds: Int64(nanoseconds)).description)
    }
}
