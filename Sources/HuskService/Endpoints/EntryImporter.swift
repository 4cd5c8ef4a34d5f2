// Cuts a body into lines, reads each as an entry, and inserts the entries of one piece of the body together.
//
// Used by one thread. `carried` holds the start of a line whose end has not come yet.

import GoMap
import HuskLab
import MicroHTTP

struct EntryImporter {
    private let lab: Lab
    private let lease: BufferLease
    private(set) var result = RangeResult()
    /// The map that the first entry went into.
    private var map: MapIdentity?
    private var carried: [UInt8] = []
    private var lineNumber = 0
    private var batch: [(key: EntryScalar, value: EntryScalar)] = []
    /// The line of each entry of the batch.
    private var batchLines: [Int] = []

    /// What an import takes as long as no line is long: the two buffers of the stream and the entries of one of them.
    static let leastBytes = 2 << 20
    /// How often a long line is in memory at most: as it came, as a JSON value, decoded, and what a growing array leaves.
    private static let copiesOfLine = 4
    /// A line whose pieces the least covers.
    private static let shortLineBytes = 256 << 10

    /// - Parameter lease: of `leastBytes`, resized for long lines.
    init(lab: Lab, lease: BufferLease) {
        self.lab = lab
        self.lease = lease
    }

    /// Takes the next piece of the body.
    /// - Throws: at the first line that is bad; the entries before it are inserted by then.
    mutating func take(_ piece: [UInt8]) throws(Problem) {
        var lineStart = 0
        while let lineEnd = piece[lineStart...].firstIndex(of: UInt8(ascii: "\n")) {
            if carried.isEmpty {
                try takeLine(piece[lineStart..<lineEnd])
            } else {
                try carry(piece[lineStart..<lineEnd])
                try takeLine(carried[...])
                try dropCarried()
            }
            lineStart = lineEnd + 1
        }
        try carry(piece[lineStart...])
        if carried.count > Limits.lineBytes { try takeLine(carried[...]) }
        try insertBatch()
    }

    /// The body has ended; its last line may lack the line feed.
    mutating func finish() throws(Problem) {
        if !carried.isEmpty { try takeLine(carried[...]) }
        try insertBatch()
    }

    /// Adds to the line that goes on in the next piece.
    private mutating func carry(_ bytes: ArraySlice<UInt8>) throws(Problem) {
        let byteCount = carried.count + bytes.count
        if byteCount > Self.shortLineBytes,
            !lease.resize(to: Self.leastBytes + Self.copiesOfLine * byteCount)
        {
            try insertBatch()
            throw failed(.buffersFull, atLine: lineNumber + 1)
        }
        carried += bytes
    }

    /// Forgets the line, and with a long one its entry, which goes into the map first.
    private mutating func dropCarried() throws(Problem) {
        if carried.count <= Self.shortLineBytes {
            carried.removeAll(keepingCapacity: true)
        } else {
            carried = []
            try insertBatch()
            _ = lease.resize(to: Self.leastBytes)
        }
    }

    private mutating func takeLine(_ text: ArraySlice<UInt8>) throws(Problem) {
        lineNumber += 1
        let line = text.last == UInt8(ascii: "\r") ? text.dropLast() : text
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return }
        do throws(LineError) {
            batch.append(try Self.entry(line))
            batchLines.append(lineNumber)
        } catch {
            try insertBatch()
            throw failed(
                Problem(.unprocessableContent, "line \(lineNumber): \(error.reason)"), atLine: lineNumber)
        }
    }

    private mutating func insertBatch() throws(Problem) {
        defer {
            batch.removeAll(keepingCapacity: true)
            batchLines.removeAll(keepingCapacity: true)
        }
        if batch.isEmpty { return }
        let map = self.map ?? lab.currentMap()
        self.map = map
        do throws(EntryFailure) {
            let (inserted, updated) = try lab.insert(batch, into: map)
            result.inserted += inserted
            result.updated += updated
        } catch {
            result.inserted += error.inserted
            result.updated += error.updated
            let line = batchLines[error.index]
            var problem = Problem(error.error)
            problem.detail = "line \(line): \(problem.detail)"
            throw failed(problem, atLine: line)
        }
    }

    private func failed(_ problem: Problem, atLine line: Int) -> Problem {
        var problem = problem
        problem.line = line
        problem.inserted = result.inserted
        problem.updated = result.updated
        return problem
    }

    // MARK: One line

    private struct LineError: Error { var reason: String }

    private static func entry(_ line: ArraySlice<UInt8>) throws(LineError) -> (
        key: EntryScalar, value: EntryScalar
    ) {
        guard line.count <= Limits.lineBytes else {
            throw LineError(reason: "longer than \(Limits.lineBytes) bytes")
        }
        guard case .object(let members) = try parse(line) else {
            throw LineError(reason: "expected a JSON object with key and value")
        }
        var key: EntryScalar?
        var value: EntryScalar?
        for member in members {
            switch member.name {
            case "key": key = try scalar(member)
            case "value": value = try scalar(member)
            default: throw LineError(reason: "\(echoed(member.name)) is not a field of an entry")
            }
        }
        guard let key, let value else { throw LineError(reason: "expected a JSON object with key and value") }
        return (key, value)
    }

    private static func parse(_ line: ArraySlice<UInt8>) throws(LineError) -> JSONValue {
        // A typed error does not pass through withUnsafeBytes, so it is carried out by hand.
        let outcome = line.withUnsafeBytes { bytes in
            Result { () throws(JSONError) in try JSONParser.parse(bytes) }
        }
        do throws(JSONError) {
            return try outcome.get()
        } catch {
            throw LineError(reason: "not JSON: at byte \(error.offset): \(error.reason)\(hint(line, error))")
        }
    }

    /// What has probably happened to a line that is not JSON.
    private static func hint(_ line: ArraySlice<UInt8>, _ error: JSONError) -> String {
        if line.starts(with: [0x1F, 0x8B]) { return "; this is gzip, which is not supported: send the lines unpacked" }
        guard error.reason == JSONError.textGoesOn, line.dropFirst(error.offset).first == UInt8(ascii: "{") else {
            return ""
        }
        return "; a line holds one entry, and curl's -d @file takes the line feeds out: use --data-binary @file"
    }

    private static func scalar(_ member: JSONMember) throws(LineError) -> EntryScalar {
        switch member.value {
        case .string(let bytes): return .bytes(bytes)
        case .boolean(let flag): return .boolean(flag)
        case .number(let number):
            if let integer = number.int { return .integer(Int64(integer)) }
            if case .integer(false, let magnitude) = number { return .unsigned(magnitude) }
            let problem = if case .fraction = number { "has a fraction" } else { "is beyond 64 bits" }
            throw LineError(reason: "\(member.name) \(problem)")
        case .object(let members) where members.isEmpty: return .empty
        case .object(let members) where members.count == 1 && members[0].name == "base64":
            guard case .string(let text) = members[0].value, let bytes = base64Decoded(text) else {
                throw LineError(reason: "\(member.name) is not base64")
            }
            return .bytes(bytes)
        case .null, .array, .object:
            throw LineError(
                reason:
                    "\(member.name) is \(member.value.kind), expected a string, number, boolean, {} or {\"base64\": …}"
            )
        }
    }
}
