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
    return try service.offload(request, to: service.collections, as: .gc) { (client) throws(Problem) in
        do throws(LabError) {
            let measured = try lab.collect(isCancelled: { client.isOver })
            return measured.response { trace, json in json.field("gctrace", trace) }
        } catch {
            throw Problem(error)
        }
    }
}

/// POST /free-memory
@Sendable func freeMemory(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    try BodyFields.requireNone(request.body)
    let lab = service.lab
    return try service.offload(request, to: service.collections, as: .freeMemory) { (client) throws(Problem) in
        do throws(LabError) {
            return try lab.freeOSMemory(isCancelled: { client.isOver }).response { _, _ in }
        } catch {
            throw Problem(error)
        }
    }
}
