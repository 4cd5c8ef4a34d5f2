// The runtime: /memstats, /gc, /free-memory.

import GoHeap
import HuskLab
import MicroHTTP

/// GET /memstats
@Sendable func getMemStats(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let selection = try MemStatsField.selection(of: request)
    var json = JSONWriter()
    json.value(service.lab.readMemStats(), only: selection)
    return .response(json.response())
}

/// POST /gc
@Sendable func collectGarbage(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    try BodyFields.requireNone(request.body)
    let lab = service.lab
    return try service.offload(request, to: service.collections) { _ in
        lab.collect().response { trace, json in json.field("gctrace", trace) }
    }
}

/// POST /free-memory
@Sendable func freeMemory(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    try BodyFields.requireNone(request.body)
    let lab = service.lab
    return try service.offload(request, to: service.collections) { _ in lab.freeOSMemory().response { _, _ in } }
}
