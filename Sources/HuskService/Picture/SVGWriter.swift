// Writes SVG into memory that a response can take over. Whoever uses it keeps the elements in balance.

import HuskSystem
import MicroHTTP

struct SVGWriter: ~Copyable {
    private(set) var buffer = ByteBuffer()

    /// Appends markup: nothing in it comes from a client.
    mutating func markup(_ markup: String) { buffer.append(markup) }

    /// Appends text, escaped.
    mutating func text(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): buffer.append("&amp;")
            case UInt8(ascii: "<"): buffer.append("&lt;")
            case UInt8(ascii: ">"): buffer.append("&gt;")
            default: buffer.append(byte)
            }
        }
    }

    /// A line of text.
    ///
    /// - Parameters:
    ///   - x: where it begins, or for the class `number` where it ends.
    ///   - y: its baseline.
    ///   - style: a class of the stylesheet.
    mutating func line(_ text: String, x: Int, y: Int, style: StaticString? = nil) {
        markup("<text x=\"\(x)\" y=\"\(y)\"\(style.map { " class=\"\($0)\"" } ?? "")>")
        self.text(text)
        markup("</text>\n")
    }

    /// What a browser shows over the element that has just been opened.
    mutating func title(_ text: String) {
        markup("<title>")
        self.text(text)
        markup("</title>")
    }

    /// Appends what another writer has written.
    mutating func append(_ other: borrowing SVGWriter) { buffer.append(other.buffer.bytes) }

    /// The answer with what has been written.
    consuming func response() -> Response {
        Response(
            status: 200, contentType: .svg, headers: [("Cache-Control", "no-store")], adopting: buffer.take())
    }
}
