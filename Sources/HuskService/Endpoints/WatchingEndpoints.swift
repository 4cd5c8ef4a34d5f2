// What watches the service, and what it says of itself: /livez, /readyz, /version, /openapi.yaml, /metrics, /debug/vars.

import HuskLab
import MicroHTTP
import Synchronization

/// GET /livez
@Sendable func getLivez(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    .response(Response(service.answers.ok))
}

/// GET /readyz
@Sendable func getReadyz(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    if service.isDraining { throw Problem.stopping }
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
    service.scrapesUnderWay.add(1, ordering: .relaxed)
    defer { service.scrapesUnderWay.subtract(1, ordering: .relaxed) }
    let (format, contentType) = MetricsWriter.Format.negotiated(AcceptHeader(of: request))
    let page = service.metricsPage(
        format, only: try selectedFamilies(of: request), requestsUnderWay: request.requestsUnderWay,
        connections: request.connectionCount)
    return .response(Response(status: 200, contentType: contentType, text: page))
}

/// What `?name[]=go_goroutines&name[]=go_threads` asks for, as client_golang takes it; nil without.
private func selectedFamilies(of request: Request) throws(Problem) -> Set<String>? {
    var names: Set<String>?
    for parameter in request.queryParameters where parameter.isCalled("name[]") {
        guard let value = parameter.value else { continue }
        do throws(PercentDecodingError) {
            names = (names ?? []).union([String(decoding: try value.percentDecoded(), as: UTF8.self)])
        } catch {
            throw Problem(error)
        }
    }
    return names
}

/// GET /debug/vars: what Go's expvar publishes by itself. (Go: expvar/expvar.go)
@Sendable func getVariables(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    var json = JSONWriter()
    json.beginObject()
    json.name("cmdline")
    json.beginArray()
    for argument in CommandLine.arguments { json.value(argument) }
    json.endArray()
    json.name("memstats")
    json.value(service.lab.readMemStats(), only: Set(MemStatsField.allCases))
    json.endObject()
    return .response(json.response(contentType: .expvar))
}

extension ContentType {
    fileprivate static let expvar = ContentType("application/json; charset=utf-8")
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
