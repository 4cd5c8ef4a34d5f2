// Headers that may come on several lines, each with a list: Accept and its kin.

import CMicroHTTPD

extension Request {
    /// The values of all header lines called `name`, in their order and joined by commas, which is what they mean
    /// (RFC 9110, section 5.3); nil when there is none. Not for suspended requests once resumed.
    /// - Parameter name: in lower case; it is found in any case of letters.
    package func fieldValue(_ name: StaticString) -> [UInt8]? {
        var search = FieldSearch(name: name)
        _ = withUnsafeMutablePointer(to: &search) {
            MHD_get_connection_values_n(connection.handle, .HEADER_KIND, takeLine, $0)
        }
        return search.value
    }
}

private struct FieldSearch {
    let name: StaticString
    var value: [UInt8]?
}

/// libmicrohttpd's iterator: adds the line's value to the `FieldSearch` behind `context`.
private func takeLine(
    context: UnsafeMutableRawPointer?, kind: MHD_ValueKind, name: UnsafePointer<CChar>?, nameBytes: Int,
    value: UnsafePointer<CChar>?, valueBytes: Int
) -> MHD_Result {
    guard let name, let context else { return .NO }
    // SAFETY: the context is the FieldSearch that `fieldValue` lends for the length of the iteration, and the library
    // guarantees `nameBytes` and `valueBytes` bytes at the two pointers.
    let search = context.assumingMemoryBound(to: FieldSearch.self)
    if UnsafeRawBufferPointer(start: name, count: nameBytes).equalsIgnoringCase(search.pointee.name) {
        let line = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueBytes)
        search.pointee.value = search.pointee.value.map { $0 + [UInt8(ascii: ",")] + line } ?? Array(line)
    }
    return .YES
}
