// What a client takes, as its Accept header says, and which form of an answer suits it best.
// (RFC 9110, sections 5.6 for the grammar, 12.4.2 for weights and 12.5.1 for Accept)
//
//   let accept = AcceptHeader(of: request)
//   let offer = accept.best(of: [.json, .csv])      // nil: it takes none of them

import MicroHTTP

/// A form that an answer can have.
package struct MediaOffer: Equatable, Sendable {
    /// In lower case, as in `text` and `plain`.
    package let type: String
    package let subtype: String
    /// What tells it from other offers of that type, as in `version`; names in lower case.
    package let parameters: [String: String]

    package init(_ type: String, _ subtype: String, _ parameters: [String: String] = [:]) {
        self.type = type
        self.subtype = subtype
        self.parameters = parameters
    }
}

package struct AcceptHeader: Equatable, Sendable {
    /// One element of the list: a type, either part of which may be `*`, and how much it is wanted.
    private struct Range: Equatable {
        var type: String
        var subtype: String
        var parameters: [(name: String, value: String)]
        /// 0 (not at all) to 1000.
        var weight: Int

        static func == (left: Self, right: Self) -> Bool {
            left.type == right.type && left.subtype == right.subtype && left.weight == right.weight
                && left.parameters.elementsEqual(right.parameters, by: ==)
        }

        /// How exactly this names the offer; nil when it does not mean it. A parameter that the offer does not have
        /// (a charset, an escaping) is not held against it.
        func exactness(for offer: MediaOffer) -> Int? {
            guard type == "*" || type == offer.type, subtype == "*" || subtype == offer.subtype else {
                return nil
            }
            var exactness = (type == "*" ? 0 : 100) + (subtype == "*" ? 0 : 100)
            for (name, value) in parameters {
                guard let offered = offer.parameters[name] else { continue }
                if offered.lowercased() != value.lowercased() { return nil }
                exactness += 1
            }
            return exactness
        }
    }

    private var ranges: [Range] = []

    /// The header of a request, all of its lines; without one, everything is taken.
    package init(of request: Request) { self.init(request.fieldValue("accept") ?? []) }

    /// A header's value. Elements that are none by the grammar are passed over; where nothing is left, everything is taken.
    package init(_ value: some Sequence<UInt8>) {
        var reader = FieldReader(value)
        repeat {
            if let range = Self.range(&reader) { ranges.append(range) }
        } while reader.skipToNextElement()
        if ranges.isEmpty { ranges = [Range(type: "*", subtype: "*", parameters: [], weight: 1000)] }
    }

    /// The offer that the client wants most; nil when it takes none.
    ///
    /// The most exact range that means an offer gives it its weight. Of offers that weigh the same, the one that is named
    /// more exactly comes first, then the one that is named earlier, then the order of `offers`.
    package func best(of offers: [MediaOffer]) -> MediaOffer? {
        var best: (offer: MediaOffer, rank: (Int, Int, Int))?
        for offer in offers {
            guard let rank = rank(of: offer) else { continue }
            if best == nil || rank > best!.rank { best = (offer, rank) }
        }
        return best?.offer
    }

    private func rank(of offer: MediaOffer) -> (weight: Int, exactness: Int, order: Int)? {
        var found: (weight: Int, exactness: Int, order: Int)?
        for (index, range) in ranges.enumerated() {
            guard let exactness = range.exactness(for: offer), exactness > found?.exactness ?? -1 else {
                continue
            }
            found = (range.weight, exactness, -index)
        }
        return found.flatMap { $0.weight > 0 ? $0 : nil }
    }

    // MARK: The grammar

    /// `type/subtype;name=value;q=0.5`; nil for anything else.
    private static func range(_ reader: inout FieldReader) -> Range? {
        reader.skipSpace()
        guard let type = reader.token(), reader.skip("/"), let subtype = reader.token(),
            type != "*" || subtype == "*"
        else { return nil }
        var range = Range(
            type: type.lowercased(), subtype: subtype.lowercased(), parameters: [], weight: 1000)
        var hasWeight = false
        while true {
            reader.skipSpace()
            guard reader.skip(";") else { break }
            reader.skipSpace()
            if reader.isAtEndOfElement || reader.next == UInt8(ascii: ";") { continue }
            guard let name = reader.token(), reader.skip("="), let value = reader.tokenOrQuoted() else {
                return nil
            }
            if hasWeight { continue }  // RFC 7231 had extensions behind the weight.
            if name.lowercased() == "q" {
                guard let weight = weight(value) else { return nil }
                range.weight = weight
                hasWeight = true
            } else {
                range.parameters.append((name.lowercased(), value))
            }
        }
        return reader.isAtEndOfElement ? range : nil
    }

    /// `0`, `1`, and up to three decimals, in thousandths.
    private static func weight(_ text: String) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0] == "0" || parts[0] == "1" else { return nil }
        let decimals = parts.count == 2 ? parts[1] : ""
        guard decimals.utf8.count <= 3, decimals.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        let padded = decimals + String(repeating: "0", count: 3 - decimals.utf8.count)
        let weight = Int(parts[0])! * 1000 + Int(padded)!
        return weight <= 1000 ? weight : nil
    }
}

/// Reads a header's value piece by piece. (RFC 9110, section 5.6)
private struct FieldReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ value: some Sequence<UInt8>) { bytes = Array(value) }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }
    var isAtEndOfElement: Bool { next == nil || next == UInt8(ascii: ",") }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func skipSpace() {
        while next == 0x20 || next == 0x09 { position += 1 }
    }

    mutating func token() -> String? {
        let start = position
        while let byte = next, isTokenCharacter(byte) { position += 1 }
        return start == position ? nil : String(decoding: bytes[start..<position], as: UTF8.self)
    }

    mutating func tokenOrQuoted() -> String? {
        guard skip("\"") else { return token() }
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), let escaped = next {
                position += 1
                text.append(escaped)
            } else {
                text.append(byte)
            }
        }
        return nil
    }

    /// Goes behind the next comma that is in no quoted text; false at the end.
    mutating func skipToNextElement() -> Bool {
        while let byte = next {
            if byte == UInt8(ascii: "\"") {
                _ = tokenOrQuoted()
            } else {
                position += 1
                if byte == UInt8(ascii: ",") { return true }
            }
        }
        return false
    }
}
