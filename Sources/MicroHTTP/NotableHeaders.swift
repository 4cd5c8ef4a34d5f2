// Headers that few requests have and that change what is to be done. The one pass over the headers (RequestHead.swift) sets
// a bit for them, so that no other request is searched for them.

/// Which kinds of them a request has.
package struct NotableHeaders: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `If-Match`, `If-None-Match` (RFC 9110, section 13.1).
    package static let precondition = NotableHeaders(rawValue: 1)
    /// `Content-Encoding`, `Content-Range` (RFC 9110, sections 8.4 and 14.4).
    package static let content = NotableHeaders(rawValue: 2)
}
