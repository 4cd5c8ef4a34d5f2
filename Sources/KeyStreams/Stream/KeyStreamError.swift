// What can be wrong with a stream as a whole. A bad line is none of these, unless the reader is strict.

package enum KeyStreamError: Error, Equatable, Sendable, CustomStringConvertible {
    case cannotOpen(path: String, reason: String)
    /// `offset`: bytes of the file that had been read.
    case cannotRead(offset: Int, reason: String)
    /// `offset`: bytes of the packed file that could be read.
    case broken(Packing, offset: Int, reason: String)
    case truncated(Packing, offset: Int)
    /// There is not one line.
    case empty
    /// No format takes any of the first lines.
    case unknownFormat(lines: Int)
    /// The reader is strict, and this line is bad.
    case badLine(BadLine)

    package var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "cannot read '\(path)': \(reason)"
        case .cannotRead(let offset, let reason): "cannot read on at byte \(offset): \(reason)"
        case .broken(let packing, let offset, let reason):
            "the \(packing.rawValue) is broken at byte \(offset): \(reason)"
        case .truncated(let packing, let offset): "the \(packing.rawValue) ends in the middle, at byte \(offset)"
        case .empty: "the stream is empty: there is not one line"
        case .unknownFormat(let lines):
            "no format takes any of the first \(lines) lines: expected one of "
                + KeyStreamFormat.allCases.map { "\($0.rawValue) (\($0.title))" }.joined(separator: ", ")
        case .badLine(let line): "\(line)"
        }
    }
}

/// A line that is none of its format.
package struct BadLine: Equatable, Sendable, CustomStringConvertible {
    /// Counted from 1.
    package var number: Int
    package var reason: String

    package init(number: Int, reason: String) {
        self.number = number
        self.reason = reason
    }

    package var description: String { "line \(number): \(reason)" }
}

/// Why a line is bad.
struct LineError: Error {
    var reason: String

    init(_ reason: String) { self.reason = reason }
}
