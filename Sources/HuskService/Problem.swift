// Every error as a client sees it: RFC 9457 problem details. The one place where errors become answers.

import GoMap
import HuskLab
import MicroHTTP
import Scenarios

/// An error on its way to a client.
struct Problem: Error, Equatable, Sendable {
    var status: Status
    /// What was wrong, and what was expected.
    var detail: String
    /// The body's field or the query parameter that is wrong.
    var field: String?
    /// The line of an import that is wrong, counted from 1.
    var line: Int?
    /// The workload that is in the way.
    var id: Int?
    /// What an operation that stopped half-way had done by then.
    var inserted: Int?
    var updated: Int?
    var deleted: Int?
    var missing: Int?

    init(_ status: Status, _ detail: String, field: String? = nil) {
        self.status = status
        self.detail = detail
        self.field = field
    }

    /// The statuses that are used here. Their titles are RFC 9110's reason phrases, as its section 3 asks of a
    /// problem whose type is `about:blank`.
    enum Status: Int, Sendable, CaseIterable {
        case badRequest = 400
        case forbidden = 403
        case notFound = 404
        case methodNotAllowed = 405
        case requestTimeout = 408
        case conflict = 409
        case preconditionFailed = 412
        case contentTooLarge = 413
        case uriTooLong = 414
        case unsupportedMediaType = 415
        case unprocessableContent = 422
        case headersTooLarge = 431
        case internalError = 500
        case unavailable = 503
        case insufficientStorage = 507

        var title: String {
            switch self {
            case .badRequest: "Bad Request"
            case .forbidden: "Forbidden"
            case .notFound: "Not Found"
            case .methodNotAllowed: "Method Not Allowed"
            case .requestTimeout: "Request Timeout"
            case .conflict: "Conflict"
            case .preconditionFailed: "Precondition Failed"
            case .contentTooLarge: "Content Too Large"
            case .uriTooLong: "URI Too Long"
            case .unsupportedMediaType: "Unsupported Media Type"
            case .unprocessableContent: "Unprocessable Content"
            case .headersTooLarge: "Request Header Fields Too Large"
            case .internalError: "Internal Server Error"
            case .unavailable: "Service Unavailable"
            case .insufficientStorage: "Insufficient Storage"
            }
        }
    }

    // MARK: As an answer

    /// The answer, with the headers that go with its status.
    func response() -> Response {
        Response(status: status.rawValue, contentType: .problem, headers: headers, body: body)
    }

    /// The same as an answer that is built once.
    func shared(allow: String? = nil) -> SharedResponse {
        SharedResponse(
            status: status.rawValue, contentType: .problem,
            headers: headers + (allow.map { [("Allow", $0)] } ?? []),
            text: String(decoding: body, as: UTF8.self))
    }

    /// Everything that is "not now" is worth another try in a second.
    private var headers: [(String, String)] {
        switch status {
        case .unavailable: [("Retry-After", "1")]
        // Which would be taken (RFC 9110, section 12.5.3).
        case .unsupportedMediaType: [("Accept-Encoding", "identity")]
        default: []
        }
    }

    var body: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("type", "about:blank")
        json.field("title", status.title)
        json.field("status", status.rawValue)
        json.field("detail", detail)
        if let field { json.field("field", field) }
        if let line { json.field("line", line) }
        if let id { json.field("id", id) }
        if let inserted { json.field("inserted", inserted) }
        if let updated { json.field("updated", updated) }
        if let deleted { json.field("deleted", deleted) }
        if let missing { json.field("missing", missing) }
        json.endObject()
        return json.bytes() + [UInt8(ascii: "\n")]
    }
}

// MARK: From errors

extension Problem {
    init(_ error: JSONError) {
        let name = error.duplicateName.map { echoed($0) }
        let what = name.map { "\($0): \(error.reason)" } ?? error.reason
        self.init(.badRequest, "the body is not JSON: at byte \(error.offset): \(what)", field: name)
    }

    init(_ error: PercentDecodingError) {
        self.init(
            .badRequest,
            "broken percent escape at byte \(error.offset): expected % and two hexadecimal digits")
    }

    init(_ error: LabError) {
        switch error {
        case .mapIsNil, .mapReplaced: self.init(.conflict, error.description)
        case .doesNotFit: self.init(.unprocessableContent, error.description)
        case .shardsHaveNoGenerations: self.init(.unprocessableContent, error.description, field: "generations")
        case .copyNeedsSameTypes: self.init(.unprocessableContent, error.description, field: "copy")
        case .noRoom(let needed, let inUse, let limit):
            self.init(
                .insufficientStorage,
                "this may need \(needed) bytes more, the heap has \(inUse) in use, and --max-memory leaves it \(limit)")
        case .noHeap: self.init(.unavailable, error.description)
        // Or the client is gone, and nobody reads it.
        case .cancelled: self = .stopping
        }
    }

    init(_ error: ScenarioError) {
        switch error {
        case .badParameter(let name, _): self.init(.badRequest, error.description, field: name)
        case .noRoom, .noHeap: self.init(.insufficientStorage, error.description)
        // Nobody is there to read it.
        case .cancelled: self.init(.unavailable, error.description)
        }
    }

    /// A range that stopped: what it had done stays done.
    init(_ failure: RangeFailure) {
        self.init(failure.error)
        if failure.result.inserted > 0 || failure.result.updated > 0 {
            inserted = failure.result.inserted
            updated = failure.result.updated
        }
        if failure.result.deleted > 0 || failure.result.missing > 0 {
            deleted = failure.result.deleted
            missing = failure.result.missing
        }
    }

    init(_ error: BodyStreamError) {
        switch error {
        case .tooLarge(let limitBytes):
            self.init(.contentTooLarge, "the body is larger than \(limitBytes) bytes")
        // Nobody is there to read these.
        case .clientGone: self.init(.badRequest, "the body ended early")
        case .tooSlow(let bytesPerSecond):
            self.init(ProtocolViolation.tooSlow(bytesPerSecond: bytesPerSecond))
        case .placeNeeded:
            self.init(.unavailable, "others needed this connection's place: the body came too slowly")
        case .serverStopping: self = .stopping
        case .cancelled: self = .cancelled
        }
    }

    /// The answer to a request whose body will not be read to its end.
    var refusal: Refusal {
        Refusal(status: status.rawValue, contentType: "application/problem+json", body: body)
    }

    init(_ violation: ProtocolViolation) {
        self.init(Status(rawValue: violation.status) ?? .badRequest, violation.detail)
        if case .targetTooLong = violation { detail += " POST /map/entries takes longer keys." }
    }

    /// The same of work that stopped because its job was cancelled: no fault of the server's, and no reason to try again.
    var afterCancelling: Problem {
        guard status == .unavailable else { return self }
        var problem = self
        problem.status = Self.cancelled.status
        problem.detail = Self.cancelled.detail
        return problem
    }

    static let cancelled = Problem(.conflict, "another client has cancelled this job")
    static let stopping = Problem(.unavailable, "the server is stopping")
    static let busy = Problem(.unavailable, "too many long operations are under way: try again in a moment")
    static let buffersFull = Problem(.buffersFull)
    static let crossOrigin = Problem(
        .forbidden, "a web page of another origin may not change anything here; --cors-origin admits one")
    static let noSuchPath = Problem(
        .notFound, "there is no such path; /openapi.yaml lists those that there are")
    static let noSuchWorkload = Problem(
        .notFound, "there is no workload of this number, or no more; GET /workloads lists them")
    static let noSuchKey = Problem(.notFound, "the map does not hold this key")
}
