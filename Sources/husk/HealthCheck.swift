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
        guard let target = HTTPTarget(text) else {
            throw ValidationError("--url: '\(text)' is not of the form http://HOST:PORT/PATH")
        }
        let status = try Self.statusLine(of: target)
        guard status.hasPrefix("HTTP/1.1 200") else { throw Failure(description: "\(text): \(status)") }
    }

    private static func statusLine(of target: HTTPTarget) throws -> String {
        let socket = try target.get(timeoutSeconds: timeoutSeconds)
        defer { close(socket) }
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
}
