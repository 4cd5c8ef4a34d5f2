// `husk healthcheck`: asks a server's /livez, for containers that have no curl.

import ArgumentParser
import Glibc

struct HealthCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck", abstract: "Ask a server whether it is alive; exit status 0 or 1.")

    @Option(help: "What to ask. (default: /livez of the server that HUSK_HOST and HUSK_PORT name)")
    var url: String?

    /// For connecting, for sending and for each piece of the answer.
    private static let timeoutSeconds = 2

    func run() throws {
        let text = url ?? "http://\(Settings.environmentAddress())/livez"
        guard let target = Target(text) else {
            throw ValidationError("--url: '\(text)' is not of the form http://HOST:PORT/PATH")
        }
        let status = try Self.statusLine(of: target)
        guard status.hasPrefix("HTTP/1.1 200") else { throw Failure(description: "\(text): \(status)") }
    }

    private struct Target {
        var host: String
        var port = "80"
        var path = "/"

        init?(_ url: String) {
            guard url.hasPrefix("http://") else { return nil }
            let rest = url.dropFirst("http://".count)
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            if slash < rest.endIndex { path = String(rest[slash...]) }
            let authority = rest[..<slash]
            // The last colon, unless it is inside the brackets of an IPv6 address.
            if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
                host = String(authority[..<colon])
                port = String(authority[authority.index(after: colon)...])
            } else {
                host = String(authority)
            }
            guard !host.isEmpty, UInt16(port) != nil, !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F })
            else {
                return nil
            }
        }
    }

    private static func statusLine(of target: Target) throws -> String {
        let socket = try connected(to: target)
        defer { close(socket) }
        let request = "GET \(target.path) HTTP/1.1\r\nHost: \(target.host)\r\nConnection: close\r\n\r\n"
        guard send(socket, request, request.utf8.count, Int32(MSG_NOSIGNAL)) == request.utf8.count else {
            throw Failure(description: "\(target.host):\(target.port): cannot send")
        }
        var answer = [UInt8]()
        while answer.count < 4096, !answer.contains(UInt8(ascii: "\r")) {
            var piece = [UInt8](repeating: 0, count: 4096)
            let count = recv(socket, &piece, piece.count, 0)
            guard count > 0 else { break }
            answer += piece[..<count]
        }
        guard let end = answer.firstIndex(of: UInt8(ascii: "\r")) else {
            throw Failure(description: "\(target.host):\(target.port): no answer within \(timeoutSeconds) s")
        }
        return String(decoding: answer[..<end], as: UTF8.self)
    }

    private static func connected(to target: Target) throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let host = target.host.hasPrefix("[") ? String(target.host.dropFirst().dropLast()) : target.host
        let failure = getaddrinfo(host, target.port, &hints, &found)
        guard failure == 0 else {
            throw Failure(description: "\(host): \(String(cString: gai_strerror(failure)))")
        }
        defer { freeaddrinfo(found) }
        var reason = "no address"
        var next = found
        while let address = next {
            let socket = Glibc.socket(address.pointee.ai_family, address.pointee.ai_socktype, 0)
            var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
            let timeoutBytes = socklen_t(MemoryLayout<timeval>.size)
            setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, timeoutBytes)
            setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, timeoutBytes)
            if connect(socket, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 { return socket }
            reason = String(cString: strerror(errno))
            close(socket)
            next = address.pointee.ai_next
        }
        throw Failure(description: "\(target.host):\(target.port): \(reason)")
    }
}
