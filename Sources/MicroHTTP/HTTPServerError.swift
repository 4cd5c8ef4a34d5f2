// Why a server cannot start.

import Glibc

/// Each case's description is one line for whoever started the program.
package enum HTTPServerError: Error, Equatable, Sendable, CustomStringConvertible {
    case badAddress(host: String, port: Int)
    case addressInUse(host: String, port: Int)
    case addressNotAvailable(host: String, port: Int)
    case permissionDenied(host: String, port: Int)
    case badConfiguration(String)
    case systemFailure(call: String, errorNumber: Int32)

    package var description: String {
        switch self {
        case .badAddress(let host, let port):
            "cannot listen on \(host):\(port): expected an IPv4 or IPv6 address or localhost, and a port of 0 to 65535"
        case .addressInUse(let host, let port):
            "cannot listen on \(host):\(port): the address is in use by another process"
        case .addressNotAvailable(let host, let port):
            "cannot listen on \(host):\(port): this machine has no such address"
        case .permissionDenied(let host, let port):
            "cannot listen on \(host):\(port): permission denied (ports below 1024 need privileges)"
        case .badConfiguration(let text): "bad server configuration: \(text)"
        case .systemFailure(let call, let errorNumber):
            "cannot start the server: \(call): \(String(cString: strerror(errorNumber)))"
        }
    }
}
