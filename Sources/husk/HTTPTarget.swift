// Where a server is that another command of this binary asks: `http://HOST:PORT/PATH`, and a connection to it.

import Glibc

struct HTTPTarget {
    private(set) var host: String
    private(set) var port = "80"
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

    /// As it is written without the path.
    var origin: String { "http://\(host)\(port == "80" ? "" : ":\(port)")" }

    /// Connects, and sends a GET of the path.
    ///
    /// - Parameters:
    ///   - timeoutSeconds: for connecting, for sending and for each piece of the answer.
    ///   - headers: further lines, each ended by CR LF.
    /// - Returns: the socket, the caller's to close.
    func get(timeoutSeconds: Int, headers: String = "") throws(Failure) -> Int32 {
        let socket = try connected(timeoutSeconds: timeoutSeconds)
        let request =
            "GET \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: close\r\n\(headers)\r\n"
        guard send(socket, request, request.utf8.count, Int32(MSG_NOSIGNAL)) == request.utf8.count else {
            close(socket)
            throw Failure(description: "\(host):\(port): cannot send")
        }
        return socket
    }

    private func connected(timeoutSeconds: Int) throws(Failure) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        let failure = getaddrinfo(bare, port, &hints, &found)
        guard failure == 0 else {
            throw Failure(description: "\(bare): \(String(cString: gai_strerror(failure)))")
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
        throw Failure(description: "\(host):\(port): \(reason)")
    }
}
