// Web pages of other origins: nothing authenticates here, and a browser sends what any page asks it to, so a page could
// change the map of a Husk that only its user can reach. Requests that change something are refused when a browser says
// that they come from elsewhere; the origins of `--cors-origin` may do everything (the Fetch standard's CORS protocol).
// curl and its like send neither header that is looked at, and pass.

import MicroHTTP

/// The origin of a web page, as a browser writes it: `http://localhost:3000`.
package struct WebOrigin: Sendable, Equatable {
    package let text: String

    /// - Returns: nil for anything but `http://` or `https://`, a host and perhaps a port.
    package init?(parsing text: String) {
        let text = text.lowercased()
        let host: Substring
        if text.hasPrefix("http://") {
            host = text.dropFirst(7)
        } else if text.hasPrefix("https://") {
            host = text.dropFirst(8)
        } else {
            return nil
        }
        let isHost = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"/?#@\\,\"<>".utf8.contains($0) }
        guard !host.isEmpty, isHost else { return nil }
        self.text = text
    }
}

extension Service {
    package func answer(toPage request: Request) -> Response? {
        let origin = request.header("Origin").map { String(decoding: $0, as: UTF8.self).lowercased() }
        if let origin, corsOrigins.contains(where: { $0.text == origin }) {
            request.answerHeaders = [
                ("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", "*"),
                ("Vary", "Origin"),
            ]
            return isPreflight(request) ? preflightAnswer : nil
        }
        switch request.method {
        case .get, .head, .options: return nil
        case .put, .post, .patch, .delete, .other:
            return isSameOrigin(request, origin) ? nil : Problem.crossOrigin.response()
        }
    }

    /// Whether the page came from this server, as far as the browser says.
    private func isSameOrigin(_ request: Request, _ origin: String?) -> Bool {
        if let site = request.header("Sec-Fetch-Site") {
            // `none` is the user, without a page.
            return site.equals("same-origin") || site.equals("none")
        }
        guard let origin, let host = request.header("Host"), let scheme = origin.firstRange(of: "://") else {
            return false
        }
        return origin[scheme.upperBound...] == String(decoding: host, as: UTF8.self).lowercased()
    }

    /// Whether the browser only asks if it may send what follows.
    private func isPreflight(_ request: Request) -> Bool {
        request.method == .options && request.header("Access-Control-Request-Method") != nil
    }

    private var preflightAnswer: Response {
        Response(
            status: 204, contentType: nil,
            headers: [
                ("Access-Control-Allow-Methods", "GET, HEAD, PUT, POST, PATCH, DELETE"),
                ("Access-Control-Allow-Headers", "*"), ("Access-Control-Max-Age", "600"),
            ], body: [])
    }
}
