// One request as a handler sees it. There is one object a connection, used again for each request on it.
//
// Invariants: touched only by the pool thread that owns the connection, and only between complete headers and
// `completed`. Every buffer it hands out is valid until the answer is returned, or, for a suspended
// request, until it is resumed. Nothing on the way to an answer allocates once the buffers have grown.

import CMicroHTTPD
import HuskSystem

/// A request. Not Sendable: keep no reference to it after `respond(to:)` returns.
package final class Request {
    // PERF: one thread at a time touches this object, so the run-time checks of exclusive access (600 of a GET's
    // instructions for `route` and `contentLength` alone) are left out.

    // In other modules the attribute has no effect, hence the computed properties for what is read on the way to every answer.

    package internal(set) var method: Method {
        get { storedMethod }
        set { storedMethod = newValue }
    }
    @exclusivity(unchecked) private var storedMethod = Method.get
    @exclusivity(unchecked) package internal(set) var version = HTTPVersion.http11
    /// A small number of the handler's choice, handed to `completed`: which route this was.
    package var route: Int {
        get { storedRoute }
        set { storedRoute = newValue }
    }
    @exclusivity(unchecked) private var storedRoute = 0
    /// A word of the handler's choice, 0 when the request begins.
    package var note: UInt64 {
        get { storedNote }
        set { storedNote = newValue }
    }
    @exclusivity(unchecked) private var storedNote: UInt64 = 0
    /// Headers that every answer to this request gets beside its own, by whichever way it is answered.
    @exclusivity(unchecked) package var answerHeaders: [(String, String)] = []
    /// The declared length of the body in bytes; nil for none and for chunked bodies.
    @exclusivity(unchecked) package internal(set) var contentLength: Int?
    /// Which headers it has that few requests have.
    package internal(set) var notableHeaders: NotableHeaders {
        get { storedNotableHeaders }
        set { storedNotableHeaders = newValue }
    }
    @exclusivity(unchecked) private var storedNotableHeaders: NotableHeaders = []

    /// The target as it came: path, and `?query` if there is one, percent-encoded.
    @exclusivity(unchecked) private var target = ByteBuffer()
    /// Where the path begins and ends in the target; it begins later in `http://host/path`.
    @exclusivity(unchecked) private var pathStart = 0
    @exclusivity(unchecked) private var pathEnd = 0
    /// False when the target holds a byte that no target may hold.
    @exclusivity(unchecked) private(set) var targetIsClean = true
    @exclusivity(unchecked) private var scratch = ByteBuffer()
    @exclusivity(unchecked) var collectedBody: CollectedBody
    @exclusivity(unchecked) private var keptAnswer = KeptAnswer()
    /// Where a handler may put a small answer together.
    package let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 16)
    // SAFETY: the connection owns this object and sets itself here before the first request.
    unowned(unsafe) var connection: Connection!

    /// - Parameter budget: which bodies are taken from.
    init(budget: BufferBudget) { collectedBody = CollectedBody(budget: budget) }

    deinit { room.deallocate() }

    /// The path, percent-encoded as it came.
    package var path: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: target.bytes[pathStart..<pathEnd])
    }

    /// All of the target, as it came.
    package var wholeTarget: UnsafeRawBufferPointer { target.bytes }

    /// The query after the first `?`, as it came; nil when there is no `?`.
    package var query: UnsafeRawBufferPointer? {
        guard pathEnd < target.count else { return nil }
        return UnsafeRawBufferPointer(rebasing: target.bytes[(pathEnd + 1)...])
    }

    /// The query's parameters, raw and in order.
    package var queryParameters: QueryParameters {
        QueryParameters(query ?? UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// The collected body; empty for a request without one.
    package var body: UnsafeRawBufferPointer { collectedBody.bytes }

    /// The bytes of the first header called `name`, in any case of letters; nil when there is none.
    /// Not for suspended requests once resumed.
    package func header(_ name: StaticString) -> UnsafeRawBufferPointer? {
        var value: UnsafePointer<CChar>?
        var valueBytes = 0
        // SAFETY: the connection lives as long as the request; the library keeps its headers until completion.
        let found = UnsafeRawPointer(name.utf8Start).withMemoryRebound(
            to: CChar.self, capacity: name.utf8CodeUnitCount
        ) {
            cmhd_header(connection.handle, $0, name.utf8CodeUnitCount, &value, &valueBytes)
        }
        return found == .YES ? UnsafeRawBufferPointer(start: value, count: valueBytes).withoutSpaceAtEnd : nil
    }

    /// Decodes a piece of this request's path or query strictly; see `percentDecode(into:)`.
    /// - Returns: bytes valid until the next call, or `raw` itself when it holds no escape.
    /// - Throws: `PercentDecodingError` with the offset of the first broken escape in `raw`.
    package func percentDecoded(_ raw: UnsafeRawBufferPointer) throws(PercentDecodingError)
        -> UnsafeRawBufferPointer
    {
        // PERF: most keys hold no escape and are used where they lie.
        guard raw.contains(UInt8(ascii: "%")) else { return raw }
        scratch.removeAll(keepingBytes: .max)
        scratch.append(raw)
        let room = UnsafeMutableRawBufferPointer(mutating: scratch.bytes)
        let decodedBytes = try scratch.bytes.percentDecode(into: room)
        return UnsafeRawBufferPointer(rebasing: scratch.bytes[..<decodedBytes])
    }

    /// An answer to this request with status 200. Allocates nothing when the last one of its connection was as long.
    /// - Parameter body: copied; better not large, since the connection keeps as much memory.
    package func answer(_ contentType: ContentType, copying body: UnsafeRawBufferPointer) -> Response {
        guard answerHeaders.isEmpty else { return Response(status: 200, contentType: contentType, copying: body) }
        return keptAnswer.response(contentType, copying: body)
    }

    /// Takes the request off its pool thread: return `.suspended` from `respond(to:)` and answer from any thread.
    /// The request itself must not be used on that thread, so copy what is needed first.
    package func suspend() -> SuspendedRequest { connection.suspendRequest() }

    /// A stream of this request's body for another thread to read; return `.stream` with it from `bodyHandling`.
    /// - Parameters:
    ///   - limitBytes: a longer body ends the stream with `tooLarge`; nil for no limit.
    ///   - bufferBytes: how far the network may run ahead of the reader, roughly.
    package func makeBodyStream(limitBytes: Int? = nil, bufferBytes: Int = 256 << 10) -> BodyStream {
        BodyStream(connection: connection, limitBytes: limitBytes ?? .max, bufferBytes: bufferBytes)
    }

    // MARK: Filled by the connection

    /// Ends a request: what large ones needed is given back, so that an idle connection stays small.
    func end() {
        // PERF: up to these sizes the next request allocates nothing.
        collectedBody.removeAll(keepingBytes: 64 << 10)
        target.removeAll(keepingBytes: 4 << 10)
        scratch.removeAll(keepingBytes: 4 << 10)
    }

    /// Starts a request: copies the target, which the library is about to take apart in place.
    func begin(target text: UnsafePointer<CChar>) {
        collectedBody.removeAll(keepingBytes: .max)
        target.removeAll(keepingBytes: .max)
        var targetBytes = 0
        var firstQuestionMark = -1
        targetIsClean = true
        while text[targetBytes] != 0 {
            let byte = UInt8(bitPattern: text[targetBytes])
            if byte <= 0x20 || byte == 0x7f { targetIsClean = false }
            if byte == UInt8(ascii: "?"), firstQuestionMark < 0 { firstQuestionMark = targetBytes }
            targetBytes += 1
        }
        target.append(UnsafeRawBufferPointer(start: text, count: targetBytes))
        pathEnd = firstQuestionMark < 0 ? targetBytes : firstQuestionMark
        pathStart = 0
        if text[0] != CChar(UInt8(ascii: "/")) { findPathInOtherForms() }
        route = 0
        note = 0
        if !answerHeaders.isEmpty { answerHeaders = [] }
        contentLength = nil
    }

    /// The forms of RFC 9112, section 3.2, beside `/path`: `http://host/path`, which every server must take, and `*`.
    private func findPathInOtherForms() {
        let scheme: StaticString = "http://"
        let schemeBytes = scheme.utf8CodeUnitCount
        let text = UnsafeRawBufferPointer(rebasing: target.bytes[..<pathEnd])
        if text.count > schemeBytes,
            UnsafeRawBufferPointer(rebasing: text[..<schemeBytes]).equalsIgnoringCase(scheme)
        {
            pathStart = text[schemeBytes...].firstIndex(of: UInt8(ascii: "/")) ?? pathEnd
            let host = UnsafeRawBufferPointer(rebasing: text[schemeBytes..<pathStart])
            if host.isEmpty || !isHost(host) { targetIsClean = false }
        } else if !isForServer {
            targetIsClean = false
        }
    }

    /// The target is `*`: the server as a whole, for OPTIONS and no other method (RFC 9112, section 3.2.4).
    package var isForServer: Bool { target.count == 1 && target.bytes[0] == UInt8(ascii: "*") }

    /// Bytes of the whole target.
    var targetBytes: Int { target.count }
}

extension Method {
    /// The method spelled `text`, which is case-sensitive (RFC 9110, section 9.1).
    package init(_ text: UnsafePointer<CChar>) {
        // PERF: at most two candidates a first letter, instead of seven comparisons.
        self =
            switch UInt8(bitPattern: text[0]) {
            case UInt8(ascii: "G") where text.isEqual(to: "GET"): .get
            case UInt8(ascii: "P") where text.isEqual(to: "PUT"): .put
            case UInt8(ascii: "P") where text.isEqual(to: "POST"): .post
            case UInt8(ascii: "P") where text.isEqual(to: "PATCH"): .patch
            case UInt8(ascii: "D") where text.isEqual(to: "DELETE"): .delete
            case UInt8(ascii: "H") where text.isEqual(to: "HEAD"): .head
            case UInt8(ascii: "O") where text.isEqual(to: "OPTIONS"): .options
            default: .other
            }
    }
}

extension UnsafePointer<CChar> {
    fileprivate func isEqual(to text: StaticString) -> Bool {
        for index in 0..<text.utf8CodeUnitCount where self[index] != CChar(text.utf8Start[index]) {
            return false
        }
        return self[text.utf8CodeUnitCount] == 0
    }
}
