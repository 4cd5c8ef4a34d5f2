// GET /map/entries: the entries as lines of JSON, in Go's random order, written while the client reads.
//
// The heap's lock is held for one slice of the iteration at a time, and never while the client is waited for.

import GoMap
import HuskLab
import HuskSystem
import MicroHTTP

/// GET /map/entries
@Sendable func exportEntries(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let limit = try entryLimit(of: request)
    if service.isStopping { throw Problem.stopping }
    let stream = StreamingBody()
    if request.method == .head {
        stream.finish()
        return .response(Response(status: 200, contentType: .ndjson, stream: stream))
    }
    guard let lease = BufferLease(leastExportBytes, of: service.budget) else { throw Problem.buffersFull }
    let lab = service.lab
    let job = service.jobs.add(.export) { _ in stream.cancel() }
    let isQueued = service.transfers.submit {
        defer { job.end() }
        if job.start() { writeEntries(of: lab, limit: limit, to: stream, lease, job) }
    }
    guard isQueued else {
        job.end()
        throw Problem.busy
    }
    return .response(Response(status: 200, contentType: .ndjson, stream: stream))
}

private func entryLimit(of request: Request) throws(Problem) -> Int {
    guard let parameter = request.queryParameters.first(where: { $0.isCalled("limit") }) else {
        return .max
    }
    let text = String(
        decoding: parameter.value ?? UnsafeRawBufferPointer(start: nil, count: 0), as: UTF8.self)
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
        let limit = Int(text),
        limit <= KeyRange.countLimit
    else {
        throw Problem(.badRequest, "limit must be a number from 0 to \(KeyRange.countLimit)", field: "limit")
    }
    return limit
}

/// What an export takes as long as no entry is large: the lines of a slice, and the buffer of the stream.
private let leastExportBytes = 1 << 20
/// Lines that are written together; a slice of the iteration ends when there are as many.
private let pieceBytes = 64 << 10

/// - Parameter lease: of `leastExportBytes`, resized for large entries.
private func writeEntries(of lab: Lab, limit: Int, to stream: StreamingBody, _ lease: BufferLease, _ job: Job) {
    let iteration = lab.iterateEntries(limit: limit)
    let keyType = iteration.keyType
    let valueType = iteration.valueType
    var lines = ByteBuffer()
    do throws(StreamingBodyError) {
        var hasMore = true
        var count = 0
        while hasMore {
            lines.removeAll(keepingBytes: 4 * pieceBytes)
            hasMore = iteration.next { key, value in
                lines.appendEntry(key, keyType, value, valueType)
                count += 1
                return lines.count < pieceBytes
            }
            // An entry that finds no memory ends the export: the client sees that the last chunk is missing.
            guard lease.resize(to: leastExportBytes + lines.count) else { return }
            try stream.write(inPieces: lines.bytes)
            job.progress(count)
        }
        stream.finish()
    } catch {
        // Nobody reads any more.
    }
}

extension StreamingBody {
    /// `write`, a little at a time, so that the stream's own buffer stays small.
    fileprivate func write(inPieces bytes: UnsafeRawBufferPointer) throws(StreamingBodyError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            try write(UnsafeRawBufferPointer(rebasing: rest.prefix(pieceBytes)))
            rest = rest.dropFirst(pieceBytes)
        }
    }
}

extension ByteBuffer {
    /// Appends one line.
    fileprivate mutating func appendEntry(
        _ key: Datum, _ keyType: GoType, _ value: Datum, _ valueType: GoType
    ) {
        append("{\"key\":")
        appendJSON(key, keyType)
        append(",\"value\":")
        appendJSON(value, valueType)
        append("}\n")
    }

    /// Appends a key or value: a number, a boolean, `{}` for `struct{}`, a string for bytes that are UTF-8, and
    /// `{"base64":…}` for those that are not, or that are shorter so: control characters take six bytes each in a string,
    /// and a line of them would be longer than an import takes.
    private mutating func appendJSON(_ datum: Datum, _ type: GoType) {
        switch type {
        case .int, .int64: append(Int64(bitPattern: datum.word))
        case .int32: append(Int64(Int32(truncatingIfNeeded: datum.word)))
        case .uint64: append(datum.word)
        case .uint32: append(UInt64(UInt32(truncatingIfNeeded: datum.word)))
        case .uint8: append(UInt64(UInt8(truncatingIfNeeded: datum.word)))
        case .bool:
            if datum.word & 0xFF == 0 { append("false") } else { append("true") }
        case .emptyStruct: append("{}")
        case .pointer(let pointee): appendJSON(datum, pointee)
        case .string, .bytes, .array:
            let base64Bytes = #"{"base64":""}"#.utf8.count + (datum.count + 2) / 3 * 4
            if firstInvalidUTF8Offset(datum.bytes) == nil, jsonStringByteCount(datum.bytes) <= base64Bytes {
                appendJSONString(datum.bytes)
            } else {
                append("{\"base64\":\"")
                appendBase64(datum.bytes)
                append("\"}")
            }
        }
    }
}
