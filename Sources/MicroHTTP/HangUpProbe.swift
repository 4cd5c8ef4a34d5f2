// Tells a client that waits with its sending half closed from one that has closed altogether.
//
// Both have sent the same FIN. But the second one's system answers whatever is sent to it with a reset.

import CMicroHTTPD
import HuskSystem

/// Asks about one client. Used while nobody else writes to its socket.
struct HangUpProbe {
    private static let firstNanoseconds: UInt64 = 400_000_000
    private static let periodNanoseconds: UInt64 = 30_000_000_000
    private static let interimAnswer: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"

    let socket: Int32
    /// False for HTTP/1.0, which knows no interim answers: then only TCP's own keep-alive tells, after a minute or so.
    let mayProbe: Bool
    private var nextNanoseconds: UInt64?

    init(socket: Int32, mayProbe: Bool) {
        self.socket = socket
        self.mayProbe = mayProbe
    }

    /// Whether the client has reset the connection; now and then sends it something to find out.
    mutating func clientIsGone() -> Bool {
        switch cmhd_peer(socket) {
        case CMHD_PEER_IS_GONE: return true
        case CMHD_PEER_SENDS_NO_MORE where mayProbe: probe()
        default: break
        }
        return false
    }

    private mutating func probe() {
        let now = monotonicNanoseconds()
        guard let due = nextNanoseconds else {
            nextNanoseconds = now + Self.firstNanoseconds
            return
        }
        // What lies before it in the socket's buffer could leave room for a part only, which would spoil the answer.
        guard now >= due, cmhd_has_unsent(socket) == 0 else { return }
        nextNanoseconds = now + Self.periodNanoseconds
        _ = cmhd_send(socket, Self.interimAnswer.utf8Start, Self.interimAnswer.utf8CodeUnitCount)
    }
}
