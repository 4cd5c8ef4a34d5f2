// The answer to a GET, piece by piece: its status, then its body without the framing of chunks.

import Glibc

/// Used by one thread.
final class HTTPAnswer {
    let socket: Int32
    private(set) var status: Int?
    /// The body is whole, or as whole as it will be.
    private(set) var isOver = false
    private var unread: [UInt8] = []
    private var isChunked = false
    /// Bytes of the chunk, or of the body, that are still to come; nil for a body that the end of the connection ends.
    private var left: Int?
    /// The line that gives the size of a chunk comes next.
    private var isBetweenChunks = false

    /// - Parameter socket: the request has been sent on it; closed with this value.
    init(_ socket: Int32) { self.socket = socket }

    deinit { close(socket) }

    /// Waits for bytes, unless some have come, and takes them.
    ///
    /// - Returns: the part of the body that was in them.
    func receive() -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(socket, &piece, piece.count, 0)
        if count <= 0 {
            if count < 0, errno == EINTR { return [] }
            isOver = true
            return []
        }
        unread += piece[..<count]
        if status == nil, !takeHead() { return [] }
        return takeBody()
    }

    private func takeHead() -> Bool {
        guard let head = take(upTo: "\r\n\r\n") else {
            if unread.count > 64 << 10 { isOver = true }
            return false
        }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            isOver = true
            return false
        }
        self.status = status
        for line in lines.dropFirst() {
            let line = line.lowercased()
            if line.hasPrefix("transfer-encoding:"), line.hasSuffix("chunked") {
                isChunked = true
                isBetweenChunks = true
            } else if line.hasPrefix("content-length:") {
                left = Int(line.dropFirst("content-length:".count).drop { $0 == " " })
            }
        }
        return true
    }

    private func takeBody() -> [UInt8] {
        guard isChunked else {
            let taken = unread.prefix(left ?? unread.count)
            unread.removeAll()
            if let before = left {
                left = before - taken.count
                isOver = left == 0
            }
            return Array(taken)
        }
        var body: [UInt8] = []
        while !isOver {
            if isBetweenChunks {
                guard let line = take(upTo: "\r\n") else { break }
                // The line feed behind a chunk comes before the size of the next.
                if line.isEmpty { continue }
                let digits = String(decoding: line.prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
                guard let size = Int(digits, radix: 16), size >= 0 else {
                    isOver = true
                    break
                }
                isOver = size == 0
                left = size
                isBetweenChunks = false
            } else {
                let taken = unread.prefix(left!)
                if taken.isEmpty { break }
                body += taken
                unread.removeFirst(taken.count)
                left! -= taken.count
                isBetweenChunks = left == 0
            }
        }
        return body
    }

    /// Takes what comes before a mark, and the mark; nil when it has not come yet.
    private func take(upTo mark: String) -> [UInt8]? {
        let mark = Array(mark.utf8)
        guard unread.count >= mark.count else { return nil }
        for start in 0...(unread.count - mark.count) where unread[start...].starts(with: mark) {
            let taken = Array(unread[..<start])
            unread.removeFirst(start + mark.count)
            return taken
        }
        return nil
    }
}

extension HTTPTarget {
    /// The whole body of a GET whose status is 200.
    func body(timeoutSeconds: Int) throws(Failure) -> [UInt8] {
        let answer = HTTPAnswer(try get(timeoutSeconds: timeoutSeconds))
        var body: [UInt8] = []
        while !answer.isOver { body += answer.receive() }
        guard let status = answer.status else {
            throw Failure(description: "\(origin)\(path): no answer within \(timeoutSeconds) s")
        }
        guard status == 200 else { throw Failure(description: "\(origin)\(path): status \(status)") }
        return body
    }
}
