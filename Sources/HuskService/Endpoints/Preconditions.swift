// If-Match and If-None-Match (RFC 9110, section 13), and the headers that say that a body is not the whole content.
//
// Husk gives out no entity tags: to compute one would cost every GET. So `*` asks whether the key is there, and a tag, which
// cannot be one of Husk's, matches nothing: If-Match with it fails, If-None-Match with it always holds.

import GoMap
import HuskLab
import MicroHTTP

/// What a request's If-Match and If-None-Match ask for.
struct Preconditions: Equatable {
    /// What one of the two headers holds.
    enum Match: Equatable { case absent, anything, tags }

    let ifMatch: Match
    let ifNoneMatch: Match

    /// - Throws: 400 when either is neither `*` nor a list of entity tags.
    init(of request: Request) throws(Problem) {
        ifMatch = try Self.match(request.fieldValue("if-match"), of: "If-Match")
        ifNoneMatch = try Self.match(request.fieldValue("if-none-match"), of: "If-None-Match")
    }

    /// What they mean for a PUT or DELETE.
    var keyCondition: Lab.KeyCondition {
        switch (ifMatch, ifNoneMatch) {
        case (.absent, .absent), (.absent, .tags): .always
        case (.anything, .absent), (.anything, .tags): .ifPresent
        case (.absent, .anything): .ifAbsent
        case (.anything, .anything), (.tags, _): .never
        }
    }

    enum ReadOutcome { case goesOn, notModified, fails }

    /// What they mean for a GET of a key that is there.
    var outcomeOfRead: ReadOutcome {
        if ifMatch == .tags { return .fails }
        return ifNoneMatch == .anything ? .notModified : .goesOn
    }

    private static func match(_ value: [UInt8]?, of name: String) throws(Problem) -> Match {
        guard let value else { return .absent }
        var list = EntityTagList(value[...])
        if list.isWildcard { return .anything }
        guard list.takeAll() else {
            throw Problem(.badRequest, "\(name) must be * or a list of entity tags, as in \"a\", W/\"b\"")
        }
        return .tags
    }
}

/// `#entity-tag` of RFC 9110: `"a", W/"b"`, with at least one.
private struct EntityTagList {
    private var rest: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) {
        rest = text
        skipSpace()
        while let last = rest.last, last == 0x20 || last == 0x09 { rest.removeLast() }
    }

    var isWildcard: Bool { rest.elementsEqual([UInt8(ascii: "*")]) }

    /// Whether all of it is a list of tags.
    mutating func takeAll() -> Bool {
        var hasTag = false
        while !rest.isEmpty {
            // A list may have empty elements (RFC 9110, section 5.6.1.2).
            if rest.first != UInt8(ascii: ",") {
                guard takeTag() else { return false }
                hasTag = true
                skipSpace()
                guard rest.isEmpty || rest.first == UInt8(ascii: ",") else { return false }
            }
            rest = rest.dropFirst()
            skipSpace()
        }
        return hasTag
    }

    private mutating func takeTag() -> Bool {
        if rest.starts(with: "W/".utf8) { rest = rest.dropFirst(2) }
        guard rest.first == UInt8(ascii: "\"") else { return false }
        let tag = rest.dropFirst().prefix { $0 == 0x21 || (0x23...0x7E).contains($0) || $0 >= 0x80 }
        rest = rest[tag.endIndex...]
        guard rest.first == UInt8(ascii: "\"") else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func skipSpace() {
        while let first = rest.first, first == 0x20 || first == 0x09 { rest.removeFirst() }
    }
}

extension Service {
    /// Refuses bodies that are not the content as it is: encoded ones, and a PUT of a part.
    func requireWholeContent(_ request: Request) throws(Problem) {
        guard request.notableHeaders.contains(.content) else { return }
        switch request.method {
        case .put, .post, .patch: break
        case .get, .head, .delete, .options, .other: return
        }
        for coding in (request.fieldValue("content-encoding") ?? []).split(separator: UInt8(ascii: ",")) {
            let name = coding.filter { $0 != 0x20 && $0 != 0x09 }
            let text = String(decoding: name, as: UTF8.self)
            if text.lowercased() == "identity" || text.isEmpty { continue }
            throw Problem(
                .unsupportedMediaType, "Content-Encoding \(echoed(text)) is not supported: send the body as it is")
        }
        if request.method == .put, request.header("Content-Range") != nil {
            throw Problem(.badRequest, "a PUT replaces the whole value: Content-Range is not supported")
        }
    }
}
