// Cuts a body into lines, reads each as an entry, and inserts the entries of one piece of the body together.
//
// Used by one thread. An entry of the batch borrows its bytes: from the piece, from `carried`, or from `decoded` when they
// had to be decoded. So the batch goes into the map before any of these changes.

import Glibc
import GoMap
import HuskLab
import MicroHTTP

struct EntryImporter: ~Copyable {
    private let lab: Lab
    private let lease: BufferLease
    private let job: Job
    private(set) var result = RangeResult()
    /// The map that the first entry went into.
    private var map: MapIdentity?
    /// The start of a line whose end has not come yet.
    private var carried: [UInt8] = []
    private var lineNumber = 0
    private var batch: [Entry] = []
    /// The line of each entry of the batch.
    private var batchLines: [Int] = []
    private var decoded: [UnsafeMutableRawBufferPointer] = []

    /// What an import takes as long as no line is long: the two buffers of the stream and the entries of one of them.
    static let leastBytes = 2 << 20
    /// How often a long line is in memory at most: as it came, as a JSON value, decoded, in the batch, and what a growing
    /// array leaves.
    private static let copiesOfLine = 5
    /// A line whose pieces the least covers.
    private static let shortLineBytes = 256 << 10

    /// - Parameters:
    ///   - lease: of `leastBytes`, resized for long lines.
    ///   - job: asked whether it is cancelled while there is no room.
    init(lab: Lab, lease: BufferLease, job: Job) {
        self.lab = lab
        self.lease = lease
        self.job = job
    }

    deinit { for bytes in decoded { bytes.deallocate() } }

    /// Takes the next piece of the body.
    /// - Throws: at the first line that is bad; the entries before it are inserted by then.
    mutating func take(_ piece: [UInt8]) throws(Problem) {
        try piece.span.withUnsafeBytes { (bytes) throws(Problem) in try take(bytes) }
    }

    private mutating func take(_ piece: UnsafeRawBufferPointer) throws(Problem) {
        var rest = piece
        if !carried.isEmpty, let length = Self.lineLength(rest) {
            try carry(UnsafeRawBufferPointer(rebasing: rest[..<length]))
            try takeCarried()
            rest = UnsafeRawBufferPointer(rebasing: rest[(length + 1)...])
        }
        if carried.isEmpty {
            while let length = Self.lineLength(rest) {
                try takeLine(UnsafeRawBufferPointer(rebasing: rest[..<length]))
                rest = UnsafeRawBufferPointer(rebasing: rest[(length + 1)...])
            }
            try insertBatch()
        }
        try carry(rest)
        if carried.count > Limits.lineBytes { try takeCarried() }
    }

    /// The body has ended; its last line may lack the line feed.
    mutating func finish() throws(Problem) {
        if !carried.isEmpty { try takeCarried() }
    }

    /// How many bytes there are before the first line feed; nil when there is none.
    private static func lineLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let start = bytes.baseAddress, let end = memchr(start, Int32(UInt8(ascii: "\n")), bytes.count)
        else {
            return nil
        }
        return UnsafeRawPointer(end) - start
    }

    /// Adds to the line that goes on in the next piece.
    private mutating func carry(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
        let byteCount = carried.count + bytes.count
        if byteCount > Self.shortLineBytes,
            !lease.resize(to: Self.leastBytes + Self.copiesOfLine * byteCount)
        {
            throw failed(.buffersFull, atLine: lineNumber + 1)
        }
        carried.append(contentsOf: bytes)
    }

    /// Takes the line that came in pieces, and forgets it.
    private mutating func takeCarried() throws(Problem) {
        var line: [UInt8] = []
        swap(&line, &carried)
        try line.span.withUnsafeBytes { (bytes) throws(Problem) in
            try takeLine(bytes)
            try insertBatch()
        }
        if line.count <= Self.shortLineBytes {
            line.removeAll(keepingCapacity: true)
            swap(&line, &carried)
        } else {
            line = []
            _ = lease.resize(to: Self.leastBytes)
        }
    }

    /// - Parameter text: a line without its line feed.
    private mutating func takeLine(_ text: UnsafeRawBufferPointer) throws(Problem) {
        lineNumber += 1
        let line = text.last == UInt8(ascii: "\r") ? UnsafeRawBufferPointer(rebasing: text.dropLast()) : text
        do throws(LineError) {
            guard line.count <= Limits.lineBytes else {
                throw LineError(reason: "longer than \(Limits.lineBytes) bytes")
            }
            if let entry = PlainEntryScanner.scan(line) {
                batch.append(entry)
            } else if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
                return
            } else {
                batch.append(try parsedEntry(line))
            }
            batchLines.append(lineNumber)
        } catch {
            try insertBatch()
            throw failed(
                Problem(.unprocessableContent, "line \(lineNumber): \(error.reason)"), atLine: lineNumber)
        }
    }

    private mutating func insertBatch() throws(Problem) {
        if batch.isEmpty { return }
        defer {
            batch.removeAll(keepingCapacity: true)
            batchLines.removeAll(keepingCapacity: true)
            for bytes in decoded { bytes.deallocate() }
            decoded.removeAll(keepingCapacity: true)
        }
        let map = self.map ?? lab.currentMap()
        self.map = map
        do throws(EntryFailure) {
            let (inserted, updated) = try lab.insert(batch, into: map) { [job] in job.isCancelled }
            result.inserted += inserted
            result.updated += updated
        } catch {
            result.inserted += error.inserted
            result.updated += error.updated
            if error.error == .cancelled { throw failed(.cancelled) }
            let line = batchLines[error.index]
            var problem = Problem(error.error)
            problem.detail = "line \(line): \(problem.detail)"
            throw failed(problem, atLine: line)
        }
    }

    private func failed(_ problem: Problem, atLine line: Int? = nil) -> Problem {
        var problem = problem
        problem.line = line
        problem.inserted = result.inserted
        problem.updated = result.updated
        return problem
    }

    private struct LineError: Error { var reason: String }

    // MARK: A line that is not plain

    private mutating func parsedEntry(_ line: UnsafeRawBufferPointer) throws(LineError) -> Entry {
        guard case .object(let members) = try Self.parse(line) else {
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
        return Entry(key: key, value: value)
    }

    private static func parse(_ line: UnsafeRawBufferPointer) throws(LineError) -> JSONValue {
        do throws(JSONError) {
            return try JSONParser.parse(line)
        } catch {
            throw LineError(reason: "not JSON: at byte \(error.offset): \(error.reason)\(hint(line, error))")
        }
    }

    /// What has probably happened to a line that is not JSON.
    private static func hint(_ line: UnsafeRawBufferPointer, _ error: JSONError) -> String {
        if line.starts(with: [0x1F, 0x8B]) {
            return "; this is gzip, which is not supported: send the lines unpacked"
        }
        guard error.reason == JSONError.textGoesOn, line.dropFirst(error.offset).first == UInt8(ascii: "{")
        else {
            return ""
        }
        return
            "; a line holds one entry, and curl's -d @file takes the line feeds out: use --data-binary @file"
    }

    private mutating func scalar(_ member: JSONMember) throws(LineError) -> EntryScalar {
        switch member.value {
        case .string(let bytes): return .bytes(kept(bytes))
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
            return .bytes(kept(bytes))
        case .null, .array, .object:
            throw LineError(
                reason:
                    "\(member.name) is \(member.value.kind), expected a string, number, boolean, {} or {\"base64\": …}"
            )
        }
    }

    /// A copy that lasts until the batch is in the map.
    private mutating func kept(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        copy.copyBytes(from: bytes)
        decoded.append(copy)
        return UnsafeRawBufferPointer(copy)
    }
}
