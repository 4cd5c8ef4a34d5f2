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
        if var check = try fields.object("watchdog") {
            watchdog.does = try check.boolean("enabled").map { $0 ? .freeMemory : .none }
            try watchdog.take(from: &check, figures: [.idleBytes])
            try check.refuseRest()
        }
        if var check = try fields.object("remedy") {
            remedy.does = try check.setting("kind", SettingText.remedy)
            try remedy.take(from: &check, figures: [.retainedBytes])
            try check.refuseRest()
        }
        furtherChecks = try fields.checks()
        try fields.refuseRest()
    }
}

extension Optional {
    /// The value of a field that must be there.
    fileprivate func required(_ name: String, in fields: BodyFields) throws(Problem) -> Wrapped {
        guard let self else { throw fields.wrong(name, "is missing") }
        return self
    }
}

extension CheckChange {
    /// What all checks have: limits of figures, and the period.
    fileprivate mutating func take(from fields: inout BodyFields, figures: [CheckedFigure]) throws(Problem) {
        periodNanoseconds = try fields.setting("period", SettingText.period)
        for figure in figures { when[figure] = try fields.integer(figure.rawValue, in: 0...Int.max) }
    }
}

extension BodyFields {
    /// `checks`: `{when: {figure: limit, …}, do: {kind}, period}` each; named by their place, from 1.
    fileprivate mutating func checks() throws(Problem) -> [Check]? {
        guard let elements = try objects("checks") else { return nil }
        if elements.count > Check.furtherLimit {
            throw wrong("checks", "has \(elements.count) elements, expected at most \(Check.furtherLimit)")
        }
        var checks: [Check] = []
        for var fields in elements {
            var change = CheckChange()
            var when = try fields.object("when").required("when", in: fields)
            for figure in CheckedFigure.allCases {
                change.when[figure] = try when.integer(figure.rawValue, in: 0...Int.max)
            }
            try when.refuseRest()
            if change.when.isEmpty {
                let known = CheckedFigure.allCases.map(\.rawValue).joined(separator: ", ")
                throw fields.wrong("when", "names no figure, expected one or several of \(known)")
            }
            var remedy = try fields.object("do").required("do", in: fields)
            change.does = try remedy.setting("kind", SettingText.remedy).required("kind", in: remedy)
            try remedy.refuseRest()
            change.periodNanoseconds = try fields.setting("period", SettingText.period)
            try fields.refuseRest()
            checks.append(change.applied(to: Check("\(checks.count + 1)", when: [:])))
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
        json.field("enabled", settings.watchdog.does != .none)
        json.period("period", settings.watchdog.periodNanoseconds)
        json.limits(settings.watchdog)
        json.endObject()
        json.name("remedy")
        json.beginObject()
        json.field("kind", settings.remedy.does.rawValue)
        json.period("period", settings.remedy.periodNanoseconds)
        json.limits(settings.remedy)
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
        name("when")
        beginObject()
        limits(check)
        endObject()
        name("do")
        beginObject()
        field("kind", check.does.rawValue)
        endObject()
        period("period", check.periodNanoseconds)
        endObject()
    }

    /// The limits of a check's figures, a member each.
    fileprivate mutating func limits(_ check: Check) {
        for figure in CheckedFigure.allCases {
            guard let limitBytes = check.when[figure] else { continue }
            name(text: figure.rawValue)
            value(limitBytes)
        }
    }

    fileprivate mutating func period(_ name: StaticString, _ nanoseconds: UInt64) {
        field(name, GoDuration(nanoseconds: Int64(nanoseconds)).description)
    }
}
