// The reasons for which a request is refused before a handler sees it, and the form of a refusal.

import CMicroHTTPD

/// Why a request was refused. The connection is closed after each of them, since where the next request
/// would begin is no longer certain (RFC 9112, sections 2.2, 3.2, 5.1, 6.1 to 6.3 and 11.2).
package enum ProtocolViolation: Error, Equatable, Sendable {
    case malformedRequestLine
    case unsupportedVersion
    case malformedHeader
    case missingHost
    case duplicateHost
    case malformedHost
    case malformedContentLength
    case duplicateContentLength
    case contentLengthWithTransferEncoding
    case unsupportedTransferEncoding
    case malformedChunk
    case malformedTrailer
    case targetTooLong(limitBytes: Int)
    case headersTooLarge(limitBytes: Int, lineLimit: Int)
    case bodyTooLarge(limitBytes: Int)
    /// The server is at its limit of connections and none of them is idle.
    case tooManyConnections(limit: Int)
    /// The budget of buffers has nothing left for the body, or for the answer.
    case buffersFull
    /// The head did not come whole in time.
    case headTimedOut(seconds: Int)
    /// The body did not come whole in time.
    case requestTimedOut(seconds: Int)
    /// A streamed body moved less than it must.
    case tooSlow(bytesPerSecond: Int)
    /// Nothing came for so long.
    case silent(seconds: Int)
    case serverStopping
    /// The handler took the request and let go of it without an answer, or memory ran out.
    case internalError

    /// The HTTP status of the refusal.
    package var status: Int {
        switch self {
        case .targetTooLong: 414
        case .headersTooLarge: 431
        case .bodyTooLarge: 413
        case .headTimedOut, .requestTimedOut, .tooSlow, .silent: 408
        case .tooManyConnections, .buffersFull, .serverStopping: 503
        case .internalError: 500
        default: 400
        }
    }

    /// What was wrong and what was expected, as a sentence for the client.
    package var detail: String {
        switch self {
        case .malformedRequestLine:
            "The request line is malformed: expected METHOD SP TARGET SP HTTP/1.1 without control characters."
        case .unsupportedVersion: "Only HTTP/1.x is spoken here."
        case .malformedHeader:
            "A header line is malformed: expected NAME ':' VALUE CRLF without control characters or folding."
        case .missingHost: "An HTTP/1.1 request needs a Host header."
        case .duplicateHost: "A request may have only one Host header."
        case .malformedHost: "Host must be a name or an address (IPv6 in brackets), and perhaps a port."
        case .malformedContentLength: "Content-Length must be one decimal number."
        case .duplicateContentLength: "A request may have only one Content-Length header."
        case .contentLengthWithTransferEncoding:
            "A request may not have both Content-Length and Transfer-Encoding."
        case .unsupportedTransferEncoding:
            "The only Transfer-Encoding of a request is chunked, once, on HTTP/1.1."
        case .malformedChunk: "The chunked body is malformed."
        case .malformedTrailer:
            "A trailer line is malformed: expected NAME ':' VALUE CRLF without control characters or folding."
        case .targetTooLong(let limitBytes): "The request target is longer than \(limitBytes) bytes."
        case .headersTooLarge(let limitBytes, let lineLimit):
            "Request line and headers are longer than \(limitBytes) bytes or have more than \(lineLimit) lines."
        case .bodyTooLarge(let limitBytes): "The body is larger than \(limitBytes) bytes."
        case .tooManyConnections(let limit): "All \(limit) connections are busy."
        case .buffersFull: "The memory that requests may buffer is used up: try again in a moment."
        case .headTimedOut(let seconds): "The head of the request did not come whole within \(seconds) s."
        case .requestTimedOut(let seconds): "The body did not come whole within \(seconds) s."
        case .tooSlow(let rate): "The body came too slowly: expected at least \(rate) bytes a second."
        case .silent(let seconds): "The request was not whole, and nothing came for \(seconds) s."
        case .serverStopping: "The server is stopping."
        case .internalError: "The request was not answered."
        }
    }
}

/// A refusal's whole answer, as bytes: it is also written to sockets that libmicrohttpd does not own.
package struct Refusal: Sendable {
    package var status: Int
    package var contentType: StaticString
    package var body: [UInt8]

    package init(status: Int, contentType: StaticString, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// "Not now" is worth another try in a second.
    var retryHeaders: [(String, String)] { status == 503 ? [("Retry-After", "1")] : [] }

    /// The answer as it goes over the wire, closing the connection.
    func wireBytes() -> [UInt8] {
        let reason = String(cString: MHD_get_reason_phrase_for(UInt32(status)))
        let head =
            "HTTP/1.1 \(status) \(reason)\r\nConnection: close\r\n"
            + retryHeaders.map { "\($0): \($1)\r\n" }.joined()
            + "Content-Type: \(contentType)\r\nContent-Length: \(body.count)\r\n\r\n"
        return Array(head.utf8) + body
    }
}
