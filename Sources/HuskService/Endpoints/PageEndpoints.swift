// The page: / for a browser, as text for everyone else, and /ui/, the files that the page is made of.

import MicroHTTP

/// GET /
@Sendable func getHome(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let isBrowser = AcceptHeader(of: request).best(of: [.plainText, .html]) == .html
    if isBrowser { return .response(Service.pageFiles.answer("index.html", to: request)!) }
    let host = request.header("Host").map { String(decoding: $0, as: UTF8.self) } ?? "127.0.0.1:8080"
    return .response(
        Response(status: 200, contentType: .plainText, headers: [("Vary", "Accept")], text: callsWithCurl(host)))
}

/// GET /ui/{file}
@Sendable func getPageFile(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let name = String(decoding: request.path["/ui/".utf8.count...], as: UTF8.self)
    return .response(Service.pageFiles.answer(name, to: request) ?? Response(service.answers.noSuchPath))
}

extension MediaOffer {
    fileprivate static let plainText = MediaOffer("text", "plain")
    fileprivate static let html = MediaOffer("text", "html")
}

/// What there is to call, each as a line that can be pasted.
private func callsWithCurl(_ host: String) -> String {
    let calls: [(call: String, does: String)] = [
        ("-X PUT --data-binary hello \(host)/map/keys/k1", "m[\"k1\"] = \"hello\""),
        ("\(host)/map/keys/k1", "m[\"k1\"]"),
        ("-X DELETE \(host)/map/keys/k1", "delete(m, \"k1\")"),
        ("--data '{\"count\": 1000000}' \(host)/map/insert", "a million keys; /map/delete takes them away again"),
        ("-X POST \(host)/map/clear", "clear(m)"),
        ("-X POST \(host)/map/nil", "m = nil"),
        ("--data '{\"copy\": true}' \(host)/map/replace-with-fresh", "a fresh map with the old one's entries"),
        ("-X POST \(host)/gc", "runtime.GC()"),
        ("-X POST \(host)/free-memory", "debug.FreeOSMemory()"),
        ("\(host)/map", "what the map is and holds"),
        ("\(host)/memory", "where its bytes are, what each remedy would do, and advice"),
        ("\(host)/timeline", "the last hour; /timeline.csv, /timeline.svg"),
        ("-N \(host)/events", "the same as it happens"),
        ("\(host)/memstats", "runtime.MemStats"),
        ("\(host)/metrics", "for Prometheus"),
        ("\(host)/runtime", "settings; PATCH changes them"),
        ("\(host)/scenarios", "experiments; POST /scenarios/NAME runs one"),
        ("\(host)/workloads", "traffic over the map; POST starts some"),
        ("\(host)/openapi.yaml", "all of it"),
    ]
    let width = calls.map { $0.call.utf8.count }.max()!
    let lines = calls.map { (call, does) in
        "  curl \(call)\(String(repeating: " ", count: width - call.utf8.count))  # \(does)\n"
    }
    let title = "Husk \(Version.husk): one shared Go map on a Go heap, to fill, empty and watch. A browser gets a page."
    return "\(title)\n\n\(lines.joined())"
}
