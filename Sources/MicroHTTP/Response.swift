// Responses: fixed ones shared by all threads, one-off ones from bytes, and streams.
//
// A Response owns one reference to libmicrohttpd's response and gives it up when it is dropped; queueing
// takes its own reference. A SharedResponse keeps its reference for the life of the process, so the
// Responses made from it own nothing and cost nothing; nor does one that its connection keeps (KeptAnswer.swift).

import CMicroHTTPD

/// One answer, moved into the connection that it is for. Usable from any thread, by one at a time.
package struct Response: ~Copyable, @unchecked Sendable {
    let handle: OpaquePointer
    package let status: Int
    /// Bytes of body; 0 for a stream, which counts its own.
    let bodyBytes: Int
    let pipe: OutgoingPipe?
    private let ownsHandle: Bool
    /// What a shared answer was made from, to make it anew with further headers.
    private let ingredients: Unmanaged<SharedResponse.Ingredients>?

    /// Bytes of a large body of its own, to be counted; 0 for small, shared and streamed ones.
    var largeBytes: Int { ownsHandle && bodyBytes > 16 << 10 ? bodyBytes : 0 }

    /// An answer built from `body`, which is copied.
    /// - Parameters:
    ///   - status: the HTTP status, 200 to 599.
    ///   - contentType: its Content-Type; nil for an answer without one (204, say).
    ///   - headers: further headers, names and values as they go over the wire.
    package init(
        status: Int, contentType: ContentType?, headers: [(String, String)] = [],
        copying body: UnsafeRawBufferPointer
    ) {
        // PERF: MUST_COPY is one malloc and one memcpy; for the values of a map it beats keeping an array alive.
        let handle = MHD_create_response_from_buffer(
            body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_MUST_COPY)
        self.init(handle, status: status, bodyBytes: body.count, pipe: nil, contentType, headers)
    }

    /// An answer built from `body`, which is copied.
    package init(status: Int, contentType: ContentType?, headers: [(String, String)] = [], body: [UInt8]) {
        let handle = body.withUnsafeBytes {
            MHD_create_response_from_buffer(
                $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
        }
        self.init(handle, status: status, bodyBytes: body.count, pipe: nil, contentType, headers)
    }

    /// An answer that takes over `body`, which must come from `malloc`, and frees it when it has been sent.
    package init(
        status: Int, contentType: ContentType?, headers: [(String, String)] = [],
        adopting body: UnsafeMutableRawBufferPointer
    ) {
        let handle = MHD_create_response_from_buffer(body.count, body.baseAddress, .RESPMEM_MUST_FREE)
        self.init(handle, status: status, bodyBytes: body.count, pipe: nil, contentType, headers)
    }

    /// A text answer.
    package init(status: Int, contentType: ContentType?, headers: [(String, String)] = [], text: String) {
        self.init(status: status, contentType: contentType, headers: headers, body: Array(text.utf8))
    }

    /// An answer whose body another thread writes to `stream`: chunked, or ended by closing for HTTP/1.0.
    package init(
        status: Int, contentType: ContentType?, headers: [(String, String)] = [], stream: StreamingBody
    ) {
        self.init(
            stream.pipe.makeHandle(), status: status, bodyBytes: 0, pipe: stream.pipe, contentType, headers)
    }

    /// One use of a shared answer.
    package init(_ shared: SharedResponse) {
        handle = shared.handle
        status = shared.status
        bodyBytes = shared.bodyBytes
        pipe = nil
        ownsHandle = false
        ingredients = shared.ingredients
    }

    /// An answer that its connection keeps.
    init(kept handle: OpaquePointer, bodyBytes: Int) {
        self.handle = handle
        status = 200
        self.bodyBytes = bodyBytes
        pipe = nil
        ownsHandle = false
        ingredients = nil
    }

    /// This answer with further headers. Not for one that its connection keeps.
    consuming func with(_ headers: [(String, String)]) -> Response {
        if let ingredients {
            let made = ingredients.takeUnretainedValue()
            return Response(
                status: status, contentType: made.contentType, headers: made.headers + headers,
                body: made.body)
        }
        _ = Self.makeHandle(handle, nil, headers)
        return self
    }

    init(_ refusal: Refusal) {
        self.init(
            status: refusal.status, contentType: ContentType(refusal.contentType),
            headers: [("Connection", "close")] + refusal.retryHeaders, body: refusal.body)
    }

    private init(
        _ handle: OpaquePointer?, status: Int, bodyBytes: Int, pipe: OutgoingPipe?,
        _ contentType: ContentType?, _ headers: [(String, String)]
    ) {
        precondition((200...599).contains(status), "A response's status is 200 to 599, not \(status).")
        self.handle = Response.makeHandle(handle, contentType, headers)
        self.status = status
        self.bodyBytes = bodyBytes
        self.pipe = pipe
        ownsHandle = true
        ingredients = nil
    }

    /// Adds the headers to `handle`, which must exist.
    static func makeHandle(
        _ handle: OpaquePointer?, _ contentType: ContentType?, _ headers: [(String, String)]
    ) -> OpaquePointer {
        guard let handle else { fatalError("libmicrohttpd has no memory for a response.") }
        if let contentType { _ = MHD_add_response_header(handle, "Content-Type", contentType.cString) }
        for (name, value) in headers {
            let added = MHD_add_response_header(handle, name, value)
            precondition(added == .YES, "Not a header that HTTP allows: \(name): \(value)")
        }
        return handle
    }

    deinit {
        if ownsHandle { MHD_destroy_response(handle) }
    }
}

/// An answer built once and shared by all threads; it is never freed. For 204, 404, 405 and their like.
package struct SharedResponse: @unchecked Sendable {
    // SAFETY: libmicrohttpd counts references under the response's own mutex.
    fileprivate let handle: OpaquePointer
    package let status: Int
    fileprivate let bodyBytes: Int
    fileprivate let ingredients: Unmanaged<Ingredients>

    fileprivate final class Ingredients: Sendable {
        let contentType: ContentType?
        let headers: [(String, String)]
        let body: [UInt8]

        init(_ contentType: ContentType?, _ headers: [(String, String)], _ body: [UInt8]) {
            self.contentType = contentType
            self.headers = headers
            self.body = body
        }
    }

    package init(
        status: Int, contentType: ContentType? = nil, headers: [(String, String)] = [], text: String = ""
    ) {
        self.init(status: status, contentType: contentType, headers: headers, body: Array(text.utf8))
    }

    package init(status: Int, contentType: ContentType?, headers: [(String, String)], body: [UInt8]) {
        self.status = status
        bodyBytes = body.count
        // Never released, as the handle is never freed.
        ingredients = .passRetained(Ingredients(contentType, headers, body))
        handle = Response.makeHandle(
            body.withUnsafeBytes {
                MHD_create_response_from_buffer(
                    $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
            }, contentType, headers)
    }
}

/// A media type, as a static C string.
package struct ContentType: Sendable {
    private let text: StaticString

    package init(_ text: StaticString) { self.text = text }

    // SAFETY: static strings end in NUL and live for ever.
    var cString: UnsafePointer<CChar> { UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self) }

    package static let octetStream = ContentType("application/octet-stream")
    package static let plainText = ContentType("text/plain; charset=utf-8")
    package static let json = ContentType("application/json")
    package static let problem = ContentType("application/problem+json")
    package static let ndjson = ContentType("application/x-ndjson")
}
