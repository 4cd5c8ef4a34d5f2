// The address to listen on, as people write it, and what follows from it.

import Glibc

struct HostAddress {
    /// Without the brackets that an IPv6 address has in a URL.
    let bare: String

    init(_ text: String) {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]") && text.count > 2
        bare = isBracketed ? String(text.dropFirst().dropLast()) : text
    }

    /// As a URL has it.
    var inURL: String { bare.contains(":") ? "[\(bare)]" : bare }

    /// Whether only this machine can reach it.
    var isLoopback: Bool {
        if bare == "localhost" { return true }
        return bytes.map { Self.isLoopback($0) } ?? false
    }

    /// Where a client on this machine reaches a server that listens here: "any address" is no address to connect to.
    var reachable: HostAddress {
        guard let bytes, bytes.allSatisfy({ $0 == 0 }) else { return self }
        return HostAddress(bytes.count == 4 ? "127.0.0.1" : "::1")
    }

    private static func isLoopback(_ bytes: [UInt8]) -> Bool {
        if bytes.count == 4 { return bytes[0] == 127 }
        // ::1, and IPv4's addresses inside IPv6, ::ffff:127.0.0.1.
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return bytes == [UInt8](repeating: 0, count: 15) + [1] || isMapped && bytes[12] == 127
    }

    /// Four or sixteen bytes; nil for a name.
    private var bytes: [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, bare, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
