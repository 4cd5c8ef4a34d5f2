// The parameters of a raw query, in order, without decoding or allocation.

/// One `name=value` of a query, as raw bytes. Valid as long as the request.
package struct QueryParameter {
    package var name: UnsafeRawBufferPointer
    /// nil when there is no `=`; empty when nothing follows it.
    package var value: UnsafeRawBufferPointer?

    /// Whether this is the parameter `text`: browsers and libraries escape some characters of names (`name%5B%5D`).
    package func isCalled(_ text: StaticString) -> Bool {
        guard let decoded = try? name.percentDecoded() else { return false }
        return decoded.elementsEqual(
            UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

/// Walks `a=1&b&c=`: three parameters, `b` without a value. Empty pieces (`a&&b`) are left out.
package struct QueryParameters: Sequence, IteratorProtocol {
    private var rest: UnsafeRawBufferPointer

    package init(_ query: UnsafeRawBufferPointer) { rest = query }

    package mutating func next() -> QueryParameter? {
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.count
            let piece = UnsafeRawBufferPointer(rebasing: rest[..<end])
            rest = UnsafeRawBufferPointer(rebasing: rest[Swift.min(end + 1, rest.count)...])
            if piece.isEmpty { continue }
            guard let equals = piece.firstIndex(of: UInt8(ascii: "=")) else {
                return QueryParameter(name: piece, value: nil)
            }
            return QueryParameter(
                name: UnsafeRawBufferPointer(rebasing: piece[..<equals]),
                value: UnsafeRawBufferPointer(rebasing: piece[(equals + 1)...]))
        }
        return nil
    }
}
