// A client that sends exactly the bytes it is told to, over a plain socket.

import Glibc
import MicroHTTP

struct ClientFailure: Error, CustomStringConvertible {
    var description: String
}

/// One answer as it came over the wire.
struct RawResponse: CustomStringConvertible {
    var status: Int
    var head: String
    var body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
    var description: String { head + text.prefix(200) }

    func header(_ name: String) -> String? {
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix(name.lowercased() + ":") {
            return line.dropFirst(name.count + 1).drop { $0 == " " }.description
        }
        return nil
    }
}

final class RawClient {
    let socket: Int32
    private var received: [UInt8] = []

    init(port: Int, receiveBufferBytes: Int32? = nil) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var bytes = receiveBufferBytes {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, 4)
        }
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if !isConnected {
            let errorNumber = errno
            Glibc.close(socket)
            isOpen = false
            throw ClientFailure(description: "connect: \(String(cString: strerror(errorNumber)))")
        }
    }

    private var isOpen = true

    deinit { close() }

    func close() {
        if isOpen { Glibc.close(socket) }
        isOpen = false
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
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

    /// Reads more; answers false at the end of the stream.
    func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count >= 0 else {
            throw ClientFailure(description: "recv: \(String(cString: strerror(errno)))")
        }
        received += buffer[..<count]
        return count > 0
    }

    /// Whether the server closes the connection, without sending more.
    func isClosedByServer() throws -> Bool {
        while try receive() {}
        return received.isEmpty
    }

    /// Reads one answer. `hasBody` is false for the answer to HEAD.
    func readResponse(hasBody: Bool = true) throws -> RawResponse {
        let headEnd = try readUntil("\r\n\r\n")
        let head = String(decoding: received[..<headEnd], as: UTF8.self)
        received.removeFirst(headEnd)
        guard let status = Int(head.split(separator: " ")[1]) else { throw ClientFailure(description: head) }
        var response = RawResponse(status: status, head: head, body: [])
        if status == 100 { return try readResponse(hasBody: hasBody) }
        guard hasBody, status != 204, status != 304 else { return response }
        if let length = response.header("Content-Length").flatMap({ Int($0) }) {
            while received.count < length { try receiveOrFail() }
            response.body = Array(received[..<length])
            received.removeFirst(length)
        } else if response.header("Transfer-Encoding") == "chunked" {
            while true {
                let lineEnd = try readUntil("\r\n")
                let line = String(decoding: received[..<(lineEnd - 2)], as: UTF8.self)
                guard let length = Int(line, radix: 16) else {
                    throw ClientFailure(description: "chunk \(line)")
                }
                while received.count < lineEnd + length + 2 { try receiveOrFail() }
                response.body += received[lineEnd..<(lineEnd + length)]
                received.removeFirst(lineEnd + length + 2)
                if length == 0 { break }
            }
        } else {
            while try receive() {}
            response.body = received
            received = []
        }
        return response
    }

    func exchange(_ request: String) throws -> RawResponse {
        try send(request)
        return try readResponse()
    }

    private func receiveOrFail() throws {
        guard try receive() else {
            throw ClientFailure(description: "closed after \(String(decoding: received, as: UTF8.self))")
        }
    }

    /// Offset after the first occurrence of `text`.
    private func readUntil(_ text: String) throws -> Int {
        let wanted = Array(text.utf8)
        while true {
            if received.count >= wanted.count {
                for start in 0...(received.count - wanted.count) where received[start...].starts(with: wanted)
                {
                    return start + wanted.count
                }
            }
            try receiveOrFail()
        }
    }
}
