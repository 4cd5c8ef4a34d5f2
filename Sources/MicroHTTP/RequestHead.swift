// The one pass over a request's line and headers that refuses what libmicrohttpd 0.9.75 lets through:
// duplicate or conflicting Content-Length, Content-Length beside Transfer-Encoding, any encoding but chunked,
// a missing, second or impossible Host, a method that is no token, more than one space in the request line, names with
// spaces, folded lines, NUL, bare CR and bare LF. Runs once a request on its pool thread, when the headers are complete.
//
// libmicrohttpd parses in place: it overwrites each ':' and line end with NUL and keeps pointers.
//
//   GET\0/path\0HTTP/1.1\0\0Host\0 x\0\0Accept\0 */*\0\0\0\0body...
//                        ▲ first header = version + 8 + 2         ▲ method + header bytes
//
// So the target must begin one byte after the end of the method, the version one after the end of the target, every header
// exactly two bytes after the end of the one before, and the block must end four bytes after the last value. A NUL inside a value (cut short there by the library), a bare LF (one
// byte instead of two) and a folded line (moved elsewhere) all break that sum, and nothing else does. NUL in place of a CR
// does not: `cmhd_head_has_nul` tells.

import CMicroHTTPD

/// What the headers say about the framing of a request, and the first thing that is wrong with them.
struct RequestHead {
    private(set) var violation: ProtocolViolation?
    /// nil without Content-Length.
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var httpVersion = HTTPVersion.http11
    /// The client wants the connection closed, or does not know better (HTTP/1.0).
    private(set) var asksToClose = false
    /// A browser sent this on behalf of a web page: it has an Origin or a Sec-Fetch-Site.
    private(set) var comesFromPage = false
    private(set) var notableHeaders: NotableHeaders = []
    private var hosts = 0
    private var lines = 0
    private let limitBytes: Int
    private let lineLimit: Int
    private var expectedStart: UnsafePointer<CChar>

    var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

    /// Checks the request of `connection`.
    /// - Parameters:
    ///   - target: the request target as the library handed it out, in its own buffer.
    ///   - targetBytes: its length up to the first NUL.
    ///   - limitBytes: more than this, request line included, is `headersTooLarge`.
    ///   - lineLimit: so are more header lines than this.
    init(
        _ connection: OpaquePointer, method: UnsafePointer<CChar>, target: UnsafePointer<CChar>,
        targetBytes: Int,
        version: UnsafePointer<CChar>, limitBytes: Int, lineLimit: Int
    ) {
        self.limitBytes = limitBytes
        self.lineLimit = lineLimit
        expectedStart = version + 10  // "HTTP/1.1" CR LF
        // SAFETY: the library gives a version of exactly eight characters, or has refused the request.
        // A later minor version speaks 1.1 to those who do not know it (RFC 9110, section 2.5).
        switch (version[0] != 0 && version[5] == 0x31, version[0] != 0 ? version[7] : 0) {
        case (true, 0x31...0x39): httpVersion = .http11
        case (true, 0x30):
            httpVersion = .http10
            asksToClose = true
        default: violation = .unsupportedVersion
        }
        var methodBytes = 0
        while isTokenCharacter(UInt8(bitPattern: method[methodBytes])) { methodBytes += 1 }
        if method[methodBytes] != 0 || target != method + methodBytes + 1
            || version != target + targetBytes + 1
        {
            violation = violation ?? .malformedRequestLine
        }
        let headerBytes = cmhd_header_bytes(connection)
        if headerBytes > limitBytes { violation = tooLarge }
        guard violation == nil else { return }

        _ = withUnsafeMutablePointer(to: &self) {
            MHD_get_connection_values_n(connection, .HEADER_KIND, takeHeader, $0)
        }
        guard violation == nil else { return }
        if expectedStart + 2 != method + headerBytes {
            violation = .malformedHeader
        } else if hosts == 0, httpVersion == .http11 {
            violation = .missingHost
        } else if isChunked, contentLength != nil {
            violation = .contentLengthWithTransferEncoding
        } else if isChunked, httpVersion == .http10 {
            violation = .unsupportedTransferEncoding
        }
    }

    /// Takes one header; answers false to stop at a violation.
    fileprivate mutating func take(
        name: UnsafePointer<CChar>, nameBytes: Int, value: UnsafePointer<CChar>, valueBytes: Int
    ) -> Bool {
        lines &+= 1
        if lines > lineLimit { return refuse(tooLarge) }
        if name != expectedStart || nameBytes == 0 { return refuse(.malformedHeader) }
        expectedStart = value + valueBytes + 2
        // SAFETY: the library guarantees `nameBytes` and `valueBytes` bytes at the two pointers.
        let nameText = UnsafeRawBufferPointer(start: name, count: nameBytes)
        let valueText = UnsafeRawBufferPointer(start: value, count: valueBytes)
        for byte in nameText where !isTokenCharacter(byte) { return refuse(.malformedHeader) }
        for byte in valueText where !isValueCharacter(byte) { return refuse(.malformedHeader) }
        // PERF: only the lengths of the names that matter reach a comparison of text.
        switch nameBytes {
        case 4 where nameText.equalsIgnoringCase("host"):
            hosts += 1
            if hosts > 1 { return refuse(.duplicateHost) }
            if !isHost(valueText.withoutSpaceAtEnd) { return refuse(.malformedHost) }
        case 6 where nameText.equalsIgnoringCase("origin"): comesFromPage = true
        case 10 where nameText.equalsIgnoringCase("connection"):
            asksToClose = asksToClose || valueText.listContains("close")
        case 14 where nameText.equalsIgnoringCase("content-length"):
            if contentLength != nil { return refuse(.duplicateContentLength) }
            guard let number = decimalNumber(valueText.withoutSpaceAtEnd) else {
                return refuse(.malformedContentLength)
            }
            contentLength = number
        case 14 where nameText.equalsIgnoringCase("sec-fetch-site"): comesFromPage = true
        case 17 where nameText.equalsIgnoringCase("transfer-encoding"):
            guard !isChunked, valueText.withoutSpaceAtEnd.equalsIgnoringCase("chunked") else {
                return refuse(.unsupportedTransferEncoding)
            }
            isChunked = true
        case 8 where nameText.equalsIgnoringCase("if-match"),
            13 where nameText.equalsIgnoringCase("if-none-match"):
            notableHeaders.insert(.precondition)
        case 13 where nameText.equalsIgnoringCase("content-range"),
            16 where nameText.equalsIgnoringCase("content-encoding"):
            notableHeaders.insert(.content)
        default: break
        }
        return true
    }

    private var tooLarge: ProtocolViolation { .headersTooLarge(limitBytes: limitBytes, lineLimit: lineLimit) }

    private mutating func refuse(_ reason: ProtocolViolation) -> Bool {
        violation = reason
        return false
    }
}

/// libmicrohttpd's iterator: forwards to the `RequestHead` behind `context`.
private func takeHeader(
    context: UnsafeMutableRawPointer?, kind: MHD_ValueKind, name: UnsafePointer<CChar>?, nameBytes: Int,
    value: UnsafePointer<CChar>?, valueBytes: Int
) -> MHD_Result {
    guard let name, let value, let context else { return .NO }
    // SAFETY: the context is the RequestHead that RequestHead.init lends for the length of the iteration.
    let goesOn = context.assumingMemoryBound(to: RequestHead.self).pointee
        .take(name: name, nameBytes: nameBytes, value: value, valueBytes: valueBytes)
    return goesOn ? .YES : .NO
}

/// A non-negative number of decimal digits and nothing else; nil otherwise, and beyond `Int.max`.
private func decimalNumber(_ text: UnsafeRawBufferPointer) -> Int? {
    guard !text.isEmpty else { return nil }
    var number = 0
    for byte in text {
        guard (0x30...0x39).contains(byte) else { return nil }
        let (product, overflowed) = number.multipliedReportingOverflow(by: 10)
        let (sum, carried) = product.addingReportingOverflow(Int(byte - 0x30))
        if overflowed || carried { return nil }
        number = sum
    }
    return number
}

/// RFC 9110, section 5.6.2: the characters of a token, as a method and a header's name are.
@inline(__always)
package func isTokenCharacter(_ byte: UInt8) -> Bool {
    // PERF: one shift in a 128-bit set; bit n stands for character n.
    let low: UInt64 = 0x03ff_6cfa_0000_0000  // 0-9 and !#$%&'*+-.
    let high: UInt64 = 0x57ff_ffff_c7ff_fffe  // letters and ^_`|~
    return byte < 64 ? low >> byte & 1 == 1 : byte < 128 && high >> (byte - 64) & 1 == 1
}

/// RFC 9110, section 5.5: the characters of a header's value.
@inline(__always)
func isValueCharacter(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f || byte == 0x09 }
