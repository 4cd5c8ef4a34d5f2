// The small answer that a connection gave last, to be given again with other bytes.
//
// PERF: an answer of its own costs five allocations, a copy of its header's name and value, and as many frees. Clients
// often ask for one value of the same length after the other over one connection; then only the bytes are exchanged. The
// library is done with an answer before it reads the next request of a connection.

import CMicroHTTPD
import Glibc

struct KeptAnswer: ~Copyable {
    private var handle: OpaquePointer?
    private var body: UnsafeMutableRawPointer?
    private var byteCount = 0
    private var contentType: UnsafePointer<CChar>?

    /// The answer with status 200 and these bytes, which are copied.
    mutating func response(_ contentType: ContentType, copying bytes: UnsafeRawBufferPointer) -> Response {
        if handle == nil || bytes.count != byteCount || contentType.cString != self.contentType {
            make(contentType, byteCount: bytes.count)
        }
        if let source = bytes.baseAddress, let body { memcpy(body, source, bytes.count) }
        return Response(kept: handle!, bodyBytes: byteCount)
    }

    private mutating func make(_ contentType: ContentType, byteCount: Int) {
        if let handle { MHD_destroy_response(handle) }
        body = malloc(max(1, byteCount))
        self.byteCount = byteCount
        self.contentType = contentType.cString
        handle = Response.makeHandle(
            MHD_create_response_from_buffer(byteCount, body, .RESPMEM_MUST_FREE), contentType, [])
    }

    deinit { if let handle { MHD_destroy_response(handle) } }
}
