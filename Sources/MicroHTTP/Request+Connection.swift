// What a request says of the connection that it came on, and of the server behind it. Not on the hot path.

import Glibc

extension Request {
    /// Requests with complete headers and an unfinished answer, on all connections of the server; this one is among them.
    /// O(n) for n connections.
    package var requestsUnderWay: Int { connection.core.connections.busyCount }

    /// Connections of the server that are open now; this one is among them.
    package var connectionCount: Int { connection.core.connections.count }

    /// How many connections the server may have.
    package var connectionLimit: Int { connection.core.configuration.connectionLimit }

    /// The client's address and port, as in `127.0.0.1:40212` or `[::1]:40212`; nil when the connection is gone.
    /// One system call.
    package var clientAddress: String? {
        var address = sockaddr_storage()
        var addressBytes = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: sockaddr_storage is large enough, and aligned, for either kind of address.
        return withUnsafeMutableBytes(of: &address) { raw in
            let plain = raw.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            guard getpeername(connection.socket, plain, &addressBytes) == 0 else { return nil }
            var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
            guard
                getnameinfo(
                    plain, addressBytes, &host, socklen_t(host.count), &port, socklen_t(port.count),
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0
            else { return nil }
            let (hostText, portText) = (text(host), text(port))
            return hostText.contains(":") ? "[\(hostText)]:\(portText)" : "\(hostText):\(portText)"
        }
    }
}

private func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
