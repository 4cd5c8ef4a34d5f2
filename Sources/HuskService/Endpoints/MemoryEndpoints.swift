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
    let mark = service.marker(for: request)
    return try service.offload(request, to: service.collections, as: .gc) { (client) throws(Problem) in
        do throws(LabError) {
            let measured = try lab.collect(isCancelled: { client.isOver })
            mark(.gc, measured.brief)
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
    let mark = service.marker(for: request)
    return try service.offload(request, to: service.collections, as: .freeMemory) { (client) throws(Problem) in
        do throws(LabError) {
            let measured = try lab.freeOSMemory(isCancelled: { client.isOver })
            mark(.freeMemory, measured.brief)
            return measured.response { _, _ in }
        } catch {
            throw Problem(error)
        }
    }
}
