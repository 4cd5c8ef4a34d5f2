// An HTTP client for the tests: whole requests over a plain socket, or exactly the bytes that it is told to send.

import Glibc

package struct ClientFailure: Error, CustomStringConvertible {
    package var description: String

    package init(description: String) { self.description = description }
}

package struct Answer: CustomStringConvertible {
    package var status: Int
    package var head: String
    package var body: [UInt8]
    package var text: String { String(decoding: body, as: UTF8.self) }
    package var description: String { head + text.prefix(300) }

    package func header(_ name: String) -> String? {
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix(name.lowercased() + ":") {
            return line.dropFirst(name.count + 1).drop { $0 == " " }.description
        }
        return nil
    }
}

/// One connection, kept alive. Used by one thread.
package final class Client {
    package let socket: Int32
    private var received: [UInt8] = []
    private var isOpen = true

    /// - Parameters:
    ///   - port: of a server on 127.0.0.1.
    ///   - timeoutSeconds: how long to wait for bytes.
    ///   - receiveBufferBytes: the socket's, to be a slow reader with.
    package init(port: Int, timeoutSeconds: Int = 30, receiveBufferBytes: Int32? = nil) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var bytes = receiveBufferBytes { setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, 4) }
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(socket, Int32(SOL_SOCKET), SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if connected != 0 {
            let reason = String(cString: strerror(errno))
            close()
            throw ClientFailure(description: "connect: \(reason)")
        }
    }

    deinit { close() }

    /// Closes the sending half: a FIN, and still there for the answer.
    package func finishSending() { shutdown(socket, 1) }

    /// Closes with a reset.
    package func reset() {
        var none = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    package func close() {
        if isOpen { Glibc.close(socket) }
        isOpen = false
    }

    /// Sends exactly this, and reads the answer.
    package func exchange(_ request: String) throws -> Answer {
        try send(request)
        return try readAnswer()
    }

    /// Sends a request and reads its answer.
    package func ask(
        _ method: String, _ target: String, body: [UInt8]? = nil, headers: [String] = []
    ) throws -> Answer {
        try sendRequest(method, target, body: body, headers: headers)
        return try readAnswer(hasBody: method != "HEAD")
    }

    package func ask(_ method: String, _ target: String, body: String) throws -> Answer {
        try ask(method, target, body: Array(body.utf8))
    }

    package func sendRequest(_ method: String, _ target: String, body: [UInt8]? = nil, headers: [String] = [])
        throws
    {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: test"] + headers
        if let body { lines.append("Content-Length: \(body.count)") }
        try send(Array((lines + ["", ""]).joined(separator: "\r\n").utf8) + (body ?? []))
    }

    package func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                throw ClientFailure(description: "send: \(String(cString: strerror(errno)))")
            }
            sent += count
        }
    }

    package func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Reads one answer.
    /// - Parameters:
    ///   - hasBody: false for the answer to HEAD.
    ///   - passesOver100: whether a 100 is only waited out, or an answer like any other.
    package func readAnswer(hasBody: Bool = true, passesOver100: Bool = true) throws -> Answer {
        let head = String(decoding: try take(upTo: "\r\n\r\n"), as: UTF8.self)
        let words = head.split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { throw ClientFailure(description: head) }
        if status == 100, passesOver100 { return try readAnswer(hasBody: hasBody) }
        var answer = Answer(status: status, head: head, body: [])
        guard hasBody, status != 100, status != 204, status != 304 else { return answer }
        if let length = answer.header("Content-Length").flatMap({ Int($0) }) {
            answer.body = try take(length)
        } else if answer.header("Transfer-Encoding") == "chunked" {
            while true {
                let line = String(decoding: try take(upTo: "\r\n").dropLast(2), as: UTF8.self)
                guard let length = Int(line, radix: 16) else {
                    throw ClientFailure(description: "chunk \(line)")
                }
                answer.body += try take(length)
                _ = try take(2)
                if length == 0 { break }
            }
        } else {
            while try receive() {}
            answer.body = received
            received = []
        }
        return answer
    }

    /// Whether something of an answer has come, without waiting for it.
    package var hasAnswer: Bool {
        var byte: UInt8 = 0
        return !received.isEmpty
            || recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 1
    }

    /// Whether the server has closed the connection without a further byte.
    package func isClosedByServer() throws -> Bool {
        while try receive() {}
        return received.isEmpty
    }

    /// Reads more; answers false at the end of the stream.
    package func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count >= 0 else {
            throw ClientFailure(description: "recv: \(String(cString: strerror(errno)))")
        }
        received += buffer[..<count]
        return count > 0
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while received.count < count { try receiveOrFail() }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    private func take(upTo mark: String) throws -> [UInt8] {
        let wanted = Array(mark.utf8)
        while true {
            if received.count >= wanted.count {
                for start in 0...(received.count - wanted.count) where received[start...].starts(with: wanted) {
                    return try take(start + wanted.count)
                }
            }
            try receiveOrFail()
        }
    }

    private func receiveOrFail() throws {
        guard try receive() else {
            throw ClientFailure(description: "closed after \(String(decoding: received, as: UTF8.self))")
        }
    }
}
