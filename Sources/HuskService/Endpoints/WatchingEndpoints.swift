// What watches the service, and what it says of itself: /livez, /readyz, /version, /openapi.yaml, /metrics.

import HuskLab
import MicroHTTP

/// GET /livez
@Sendable func getLivez(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    .response(Response(service.answers.ok))
}

/// GET /readyz
@Sendable func getReadyz(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    if service.isStopping { throw Problem.stopping }
    return .response(Response(service.answers.ok))
}

/// GET /version
@Sendable func getVersion(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    var json = JSONWriter()
    json.beginObject()
    json.field("name", "husk")
    json.field("version", Version.husk)
    json.field("swift", Version.swift)
    json.field("libmicrohttpd", Version.libmicrohttpd)
    json.endObject()
    return .response(json.response())
}

/// GET /openapi.yaml
@Sendable func getOpenAPI(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    .response(Response(service.answers.openAPI))
}

/// GET /metrics
@Sendable func getMetrics(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let accept = request.header("Accept").map { String(decoding: $0, as: UTF8.self) } ?? ""
    let isOpenMetrics = accept.contains("application/openmetrics-text")
    let page = service.metricsPage(isOpenMetrics ? .openMetrics : .prometheus)
    return .response(
        Response(status: 200, contentType: isOpenMetrics ? .openMetrics : .prometheus, text: page))
}

extension ContentType {
    fileprivate static let prometheus = ContentType("text/plain; version=0.0.4; charset=utf-8")
    fileprivate static let openMetrics = ContentType(
        "application/openmetrics-text; version=1.0.0; charset=utf-8")
    static let yaml = ContentType("application/yaml")
}

/// What is running.
package enum Version {
    package static let husk = "0.1.0"

    /// The compiler's version: the newest that this file knows of and the compiler is not older than.
    package static var swift: String {
        #if compiler(>=6.4)
            "6.4"
        #elseif compiler(>=6.3)
            "6.3"
        #elseif compiler(>=6.2)
            "6.2"
        #else
            "6.1"
        #endif
    }

    package static var libmicrohttpd: String { HTTPServer.libraryVersion }
}
