// What can be wrong with the input that reaches this target. Corruption is not an error: it traps.

/// Why a type's text was not accepted.
package enum GoMapError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is not Go's syntax: at `offset` bytes into `text`, `expected` should have stood.
    case syntax(text: String, offset: Int, expected: String)
    /// A type that Go, or Husk, does not allow as a key stands at `offset`.
    case notAKeyType(text: String, offset: Int, type: String)
    /// The N of a `[N]byte` at `offset` is over `limit`.
    case arrayTooLong(text: String, offset: Int, limit: Int)

    package var description: String {
        switch self {
        case .syntax(let text, let offset, let expected):
            let found = text.utf8.dropFirst(offset).prefix(12)
            let seen = found.isEmpty ? "the end" : "'\(String(decoding: found, as: UTF8.self))'"
            return "in the type '\(echoed(text))', at byte \(offset): expected \(expected), found \(seen)"
        case .notAKeyType(let text, let offset, let type):
            return
                "in the type '\(echoed(text))', at byte \(offset): a key may be int, int32, int64, uint32, uint64, string "
                + "or [N]byte, not \(type)"
        case .arrayTooLong(let text, let offset, let limit):
            return "in the type '\(echoed(text))', at byte \(offset): an array may have at most \(limit) bytes"
        }
    }
}
