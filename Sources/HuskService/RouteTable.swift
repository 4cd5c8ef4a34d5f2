// Every path there is, with its methods and the function that answers each. Built once; any thread.

import GoMap
import MicroHTTP

/// Answers a request, at once or by suspending it.
typealias Endpoint = @Sendable (Service, Request) throws(Problem) -> Outcome

struct RouteTable: Sendable {
    /// `/map/keys/{key}` comes first, and Service.swift takes it past this table: it is most of the traffic.
    private let routes = numbered([
        Route("/map/keys/", "{key}", get: respondToKey, put: respondToKey, delete: respondToKey),
        Route("/map", get: getMap),
        Route("/map/insert", post: insertRange),
        Route("/map/delete", post: deleteRange),
        Route("/map/clear", post: clearMap),
        Route("/map/replace-with-fresh", post: replaceMap),
        Route("/map/nil", post: setMapToNil),
        Route(
            "/map/entries", get: exportEntries, post: importNothing, getParameters: ["limit"],
            streamsPosts: true),
        Route("/memstats", get: getMemStats, getParameters: ["fields"]),
        Route("/gc", post: collectGarbage),
        Route("/free-memory", post: freeMemory),
        Route("/scenarios", get: listScenarios),
        Route("/scenarios/", "{name}", post: runScenario),
        Route("/workloads", get: listWorkloads, post: startWorkload),
        Route("/workloads/", "{id}", get: getWorkload, delete: stopWorkload),
        Route("/memory", get: getMemory),
        Route("/size", get: getSize, getParameters: ["type", "entries", "hint", "peak", "go", "layout"]),
        Route("/metrics", get: getMetrics, getParameters: ["name[]"]),
        Route("/livez", get: getLivez),
        Route("/readyz", get: getReadyz),
        Route("/version", get: getVersion),
        Route("/openapi.yaml", get: getOpenAPI),
        Route("/runtime", get: getRuntime, patch: changeRuntime),
        Route("/gctrace", get: getTrace),
        Route("/map/layout.svg", get: getPicture),
        Route("/debug/vars", get: getVariables),
        Route("/timeline", get: getTimeline, getParameters: ["from", "to", "fields"]),
        Route("/timeline.csv", get: getTimelineCSV, getParameters: ["from", "to", "fields"]),
        Route("/timeline.svg", get: getTimelineSVG, getParameters: ["from", "to", "fields"]),
        Route("/events", get: listen, getParameters: ["after"]),
        Route("/jobs", get: listJobs),
        Route("/jobs/", "{id}", delete: cancelJob),
        Route("/", get: getHome, getParameters: ["lang"]),
        Route("/ui/", "{file}", get: getPageFile),
    ])

    var keyRoute: Route { routes[keyRouteNumber - 1] }

    /// The route of a number.
    subscript(number: Int) -> Route { routes[number - 1] }

    /// What metrics call each route, by its number; 0 is every path that does not exist.
    var templates: [String] { ["other"] + routes.map(\.template) }

    /// The route of a path as it came over the wire.
    func find(_ path: UnsafeRawBufferPointer) -> Route? { routes.first { $0.matches(path) } }
}

private func numbered(_ routes: [Route]) -> [Route] {
    zip(1..., routes).map { number, route in
        var route = route
        route.number = number
        return route
    }
}

/// One path, or all those that begin with it and end in a parameter.
struct Route: Sendable {
    /// For metrics, and for `Request.route`: its place in the table, from 1.
    fileprivate(set) var number = 0
    private let path: StaticString
    private let parameter: String?
    private let get: Endpoint?
    private let put: Endpoint?
    private let post: Endpoint?
    private let patch: Endpoint?
    private let delete: Endpoint?
    /// Whether the body of a POST is read as it arrives (EntryImport.swift), not collected first.
    let streamsPosts: Bool
    /// Query parameters that GET takes; no other method takes any. One whose name ends in `[]` may come several times.
    private let getParameters: [StaticString]
    /// The answer to any other method.
    let methodNotAllowed: SharedResponse

    /// - Parameters:
    ///   - path: all of it, or what stands before the parameter.
    ///   - parameter: its name in braces, for a path that ends in one.
    fileprivate init(
        _ path: StaticString, _ parameter: String? = nil, get: Endpoint? = nil,
        put: Endpoint? = nil,
        post: Endpoint? = nil, patch: Endpoint? = nil, delete: Endpoint? = nil,
        getParameters: [StaticString] = [],
        streamsPosts: Bool = false
    ) {
        self.path = path
        self.parameter = parameter
        self.get = get
        self.put = put
        self.post = post
        self.patch = patch
        self.delete = delete
        self.getParameters = getParameters
        self.streamsPosts = streamsPosts
        let methods: [(String, Bool)] = [
            ("GET", get != nil), ("HEAD", get != nil), ("PUT", put != nil), ("POST", post != nil),
            ("PATCH", patch != nil), ("DELETE", delete != nil),
        ]
        let allow = methods.filter(\.1).map(\.0).joined(separator: ", ")
        methodNotAllowed = Problem(.methodNotAllowed, "this path takes \(allow)").shared(allow: allow)
    }

    /// As in the OpenAPI document.
    var template: String { "\(path)\(parameter ?? "")" }

    func matches(_ path: UnsafeRawBufferPointer) -> Bool {
        parameter == nil ? path.equals(self.path) : path.starts(withBytesOf: self.path)
    }

    /// What a request has in the parameter's place, percent-encoded as it came.
    func parameter(of request: Request) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: request.path[path.utf8CodeUnitCount...])
    }

    /// HEAD is GET; the HTTP layer leaves the body out.
    func endpoint(for method: Method) -> Endpoint? {
        switch method {
        case .get, .head: get
        case .put: put
        case .post: post
        case .patch: patch
        case .delete: delete
        case .options, .other: nil
        }
    }

    /// Refuses query parameters that this route does not take, and one that comes twice.
    func checkQuery(of request: Request) throws(Problem) {
        guard request.query != nil else { return }
        let known = request.method == .get || request.method == .head ? getParameters : []
        var seen: Set<String> = []
        for parameter in request.queryParameters {
            let name = echoed(String(decoding: parameter.name, as: UTF8.self))
            guard let match = known.first(where: { parameter.isCalled($0) }).map({ "\($0)" }) else {
                throw Problem(.badRequest, "\(name) is not a query parameter of this path", field: name)
            }
            if !seen.insert(match).inserted, !match.hasSuffix("[]") {
                throw Problem(.badRequest, "the query parameter \(name) comes twice", field: name)
            }
        }
    }
}
