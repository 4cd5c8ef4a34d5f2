// /timeline: what was recorded, as JSON, CSV or a picture; /events: the same as it happens.

import GoMap
import HuskLab
import HuskSystem
import MicroHTTP

/// GET /timeline
@Sendable func getTimeline(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    try answerTimeline(service, request, as: TimelineFormat(AcceptHeader(of: request)))
}

/// GET /timeline.csv
@Sendable func getTimelineCSV(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    try answerTimeline(service, request, as: .csv)
}

/// GET /timeline.svg
@Sendable func getTimelineSVG(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    try answerTimeline(service, request, as: .svg)
}

/// On a thread of its own: an hour of all figures is a megabyte to write.
private func answerTimeline(
    _ service: Service, _ request: Request, as format: TimelineFormat
) throws(Problem) -> Outcome {
    let query = try TimelineQuery(request)
    let timeline = service.timeline
    return try service.offload(request, to: service.pictures) { _ in
        let extract = timeline.extract(query.times, fields: query.fields ?? format.usualFields)
        switch format {
        case .json:
            var json = JSONWriter()
            json.value(
                extract, period: service.timelinePeriodText, size: timeline.size,
                go: service.lab.settings.profile.rawValue)
            return json.response()
        case .csv: return Response(status: 200, contentType: .csv, text: extract.csv)
        case .svg: return Response(status: 200, contentType: .svg, text: extract.svg)
        }
    }
}

extension Service {
    /// As Go prints it.
    var timelinePeriodText: String { GoDuration(nanoseconds: Int64(recorder.periodNanoseconds)).description }
}

private enum TimelineFormat: CaseIterable {
    case json, csv, svg

    private var offer: MediaOffer {
        switch self {
        case .json: MediaOffer("application", "json")
        case .csv: MediaOffer("text", "csv")
        case .svg: MediaOffer("image", "svg+xml")
        }
    }

    /// What a client's Accept asks for; JSON for whoever takes none of these.
    init(_ accept: AcceptHeader) {
        let best = accept.best(of: Self.allCases.map(\.offer))
        self = Self.allCases.first { $0.offer == best } ?? .json
    }

    /// What it has when nobody says which.
    var usualFields: [Int] { self == .svg ? TimelineField.charted : Array(TimelineField.all.indices) }
}

// MARK: What is asked for

/// `from`, `to` and `fields`.
private struct TimelineQuery {
    /// In milliseconds since 1970.
    var times: ClosedRange<Int>
    /// As places in `TimelineField.all`, in the order in which they are asked for; nil for the usual ones.
    var fields: [Int]?

    init(_ request: Request) throws(Problem) {
        let now = wallClockMilliseconds()
        let from = try Self.time(request, "from", now) ?? 0
        let to = try Self.time(request, "to", now) ?? Int.max
        if from > to { throw Problem(.badRequest, "from is later than to", field: "from") }
        times = from...to
        guard let text = try queryText(request, "fields") else { return }
        var places: [Int] = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let place = TimelineField.place(of: String(name)) else {
                throw Problem(.badRequest, "'\(echoed(name))' is not a figure of the timeline", field: "fields")
            }
            if !places.contains(place) { places.append(place) }
        }
        fields = places
    }

    /// Milliseconds since 1970, or how long ago as in `-5m`.
    private static func time(_ request: Request, _ name: StaticString, _ now: Int) throws(Problem) -> Int? {
        guard let text = try queryText(request, name) else { return nil }
        if let milliseconds = decimal(text) { return milliseconds }
        if text.hasPrefix("-"), let duration = GoDuration(parsing: text) {
            return now + Int(duration.nanoseconds / 1_000_000)
        }
        throw Problem(
            .badRequest,
            "\(name) is '\(echoed(text))', expected milliseconds since 1970, or how long ago as in -5m",
            field: "\(name)")
    }
}

/// A query parameter's value, decoded; nil when it is not there.
private func queryText(_ request: Request, _ name: StaticString) throws(Problem) -> String? {
    guard let parameter = request.queryParameters.first(where: { $0.isCalled(name) }) else { return nil }
    do throws(PercentDecodingError) {
        let text = try (parameter.value ?? UnsafeRawBufferPointer(start: nil, count: 0)).percentDecoded()
        return String(decoding: text, as: UTF8.self)
    } catch {
        throw Problem(error)
    }
}

/// Digits alone, as an Int.
private func decimal(_ text: some StringProtocol) -> Int? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
}

// MARK: Events

/// GET /events
@Sendable func listen(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let last = try lastEvent(of: request)
    if service.isDraining { throw Problem.stopping }
    let stream = StreamingBody(bufferBytes: EventListener.bufferBytes, isLive: true)
    let headers = [("Cache-Control", "no-store"), ("X-Accel-Buffering", "no")]
    if request.method == .head {
        stream.finish()
        return .response(Response(status: 200, contentType: .events, headers: headers, stream: stream))
    }
    guard let lease = BufferLease(EventListener.countedBytes, of: service.budget) else {
        throw Problem.buffersFull
    }
    let timeline = service.timeline
    let (place, isWhole) = last.map { timeline.place(after: $0) } ?? (timeline.newestPlace, true)
    _ = stream.offer(EventFormatter.hello(service, isWhole: isWhole, lastNumber: timeline.lastNumber))
    let listener = EventListener(stream, lease, at: place, backlog: timeline.backlog(of: place))
    // Half of the connections stay for those who ask for something.
    let limit = min(Limits.listeners, request.connectionLimit / 2)
    guard service.recorder.add(listener, limit: limit) else { throw Problem.tooManyListeners }
    return .response(Response(status: 200, contentType: .events, headers: headers, stream: stream))
}

/// The number of the last event that a client has had: what a browser sends when it connects again, or `?after=`; nil for
/// one that has had none.
private func lastEvent(of request: Request) throws(Problem) -> Int? {
    let header = request.header("Last-Event-ID").map { String(decoding: $0, as: UTF8.self) }
    let parameter = try queryText(request, "after")
    if let parameter, decimal(parameter) == nil {
        throw Problem(.badRequest, "after is '\(echoed(parameter))', expected the id of an event", field: "after")
    }
    guard let header, !header.isEmpty else { return parameter.flatMap { decimal($0) } }
    guard let number = decimal(header) else {
        throw Problem(
            .badRequest, "Last-Event-ID is '\(echoed(header))', expected the id of an event", field: "Last-Event-ID")
    }
    return number
}

extension Problem {
    fileprivate static let tooManyListeners = Problem(
        .unavailable, "as many clients as there may be listen to events: try again later")
}

extension ContentType {
    static let svg = ContentType("image/svg+xml")
    static let csv = ContentType("text/csv; charset=utf-8")
    fileprivate static let events = ContentType("text/event-stream")
}
