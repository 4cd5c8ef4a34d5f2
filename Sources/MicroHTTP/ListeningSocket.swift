// A TCP socket that listens, IPv4 or IPv6.

import CMicroHTTPD
import Glibc

struct ListeningSocket: Sendable {
    let descriptor: Int32
    /// The port it is bound to, also when 0 was asked for.
    let port: Int

    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address, with or without brackets, or `localhost` for 127.0.0.1.
    ///   - port: 0 to 65535; 0 lets the system choose.
    ///   - backlog: connections that may wait to be accepted.
    init(host: String, port: Int, backlog: Int) throws(HTTPServerError) {
        guard let number = UInt16(exactly: port) else { throw .badAddress(host: host, port: port) }
        var text = host == "localhost" ? "127.0.0.1" : host
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        var address = sockaddr_storage()
        let addressBytes = try Self.fill(&address, text, number.bigEndian, host: host, port: port)

        let descriptor = cmhd_stream_socket(Int32(address.ss_family))
        guard descriptor >= 0 else { throw .systemFailure(call: "socket", errorNumber: errno) }
        do throws(HTTPServerError) {
            // A restarted server must not wait for its predecessor's closed connections to leave TIME_WAIT.
            var one: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
            // A client whose machine is gone sends neither FIN nor reset; one that has closed altogether while an answer is
            // worked on sends a FIN, as one that has only closed its sending half, but forgets the connection
            // after a minute and then answers a probe with a reset.
            cmhd_keep_alive(descriptor, 20, 10, 3)
            let isBound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, addressBytes) == 0
                }
            }
            if !isBound || listen(descriptor, Int32(backlog)) != 0 {
                throw Self.failure(errno, host: host, port: port)
            }
            self.descriptor = descriptor
            self.port = try Self.boundPort(descriptor)
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func fill(
        _ address: inout sockaddr_storage, _ text: String, _ networkPort: UInt16, host: String, port: Int
    ) throws(HTTPServerError) -> socklen_t {
        // SAFETY: sockaddr_storage is large enough, and aligned, for either kind of address.
        let addressBytes = withUnsafeMutableBytes(of: &address) { raw -> Int in
            let v4 = raw.baseAddress!.assumingMemoryBound(to: sockaddr_in.self)
            if inet_pton(AF_INET, text, &v4.pointee.sin_addr) == 1 {
                v4.pointee.sin_family = sa_family_t(AF_INET)
                v4.pointee.sin_port = networkPort
                return MemoryLayout<sockaddr_in>.size
            }
            let v6 = raw.baseAddress!.assumingMemoryBound(to: sockaddr_in6.self)
            if inet_pton(AF_INET6, text, &v6.pointee.sin6_addr) == 1 {
                v6.pointee.sin6_family = sa_family_t(AF_INET6)
                v6.pointee.sin6_port = networkPort
                return MemoryLayout<sockaddr_in6>.size
            }
            return 0
        }
        guard addressBytes > 0 else { throw .badAddress(host: host, port: port) }
        return socklen_t(addressBytes)
    }

    private static func failure(_ errorNumber: Int32, host: String, port: Int) -> HTTPServerError {
        switch errorNumber {
        case EADDRINUSE: .addressInUse(host: host, port: port)
        case EADDRNOTAVAIL: .addressNotAvailable(host: host, port: port)
        case EACCES, EPERM: .permissionDenied(host: host, port: port)
        default: .systemFailure(call: "bind or listen", errorNumber: errorNumber)
        }
    }

    private static func boundPort(_ descriptor: Int32) throws(HTTPServerError) -> Int {
        var address = sockaddr_in6()
        var addressBytes = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &addressBytes) == 0
            }
        }
        guard isKnown else { throw .systemFailure(call: "getsockname", errorNumber: errno) }
        // The port lies at the same place for IPv4 and IPv6.
        return Int(UInt16(bigEndian: address.sin6_port))
    }
}

// shutdown(2)'s ways, which glibc spells as an anonymous enum that Swift does not import.
let shutdownReceiving: Int32 = 0
let shutdownSending: Int32 = 1
let shutdownBothWays: Int32 = 2
