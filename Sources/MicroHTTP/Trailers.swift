// The trailer lines behind a chunked body, which the library parses as it parses headers, leniently. Nobody here asks for
// them; a request whose trailer is malformed is refused all the same.

import CMicroHTTPD

/// Whether every trailer line of this request, whose body is complete, is NAME ':' VALUE without control characters and
/// lies where the line before it ends. On the connection's pool thread.
func trailersAreClean(_ connection: OpaquePointer) -> Bool {
    var check = TrailerCheck()
    _ = withUnsafeMutablePointer(to: &check) {
        MHD_get_connection_values_n(connection, .FOOTER_KIND, takeTrailer, $0)
    }
    return check.isClean
}

private struct TrailerCheck {
    var isClean = true
    var expectedStart: UnsafePointer<CChar>?
}

private func takeTrailer(
    context: UnsafeMutableRawPointer?, kind: MHD_ValueKind, name: UnsafePointer<CChar>?, nameBytes: Int,
    value: UnsafePointer<CChar>?, valueBytes: Int
) -> MHD_Result {
    guard let name, let value, let context else { return .NO }
    // SAFETY: the context is the check that `trailersAreClean` lends; the library guarantees the bytes at both pointers.
    let check = context.assumingMemoryBound(to: TrailerCheck.self)
    let isInPlace = check.pointee.expectedStart == nil || check.pointee.expectedStart == name
    check.pointee.expectedStart = value + valueBytes + 2
    check.pointee.isClean =
        isInPlace && nameBytes > 0
        && UnsafeRawBufferPointer(start: name, count: nameBytes).allSatisfy(isTokenCharacter)
        && UnsafeRawBufferPointer(start: value, count: valueBytes).allSatisfy(isValueCharacter)
    return check.pointee.isClean ? .YES : .NO
}
