// /jobs: the long work that is under way, and how to end it.

import MicroHTTP

/// GET /jobs
@Sendable func listJobs(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    var json = JSONWriter()
    json.beginObject()
    json.name("jobs")
    json.beginArray()
    for job in service.jobs.list() { job.write(to: &json) }
    json.endArray()
    json.endObject()
    return .response(json.response())
}

/// DELETE /jobs/{id}
@Sendable func cancelJob(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    guard let id = request.number(after: "/jobs/"), let job = service.jobs.job(id) else {
        throw Problem(.notFound, "there is no job of this number, or no more; GET /jobs lists them")
    }
    service.logger.info("job \(id), \(job.kind.rawValue), is cancelled")
    job.cancel()
    return .response(Response(service.answers.noContent))
}
