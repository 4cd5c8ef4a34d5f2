// POST /map/entries: lines of JSON, inserted as they arrive. The first bad line stops it; earlier ones stay.
//
// A line ends in LF or CR LF, the last one may end with the body. Empty lines are skipped, but counted.

import HuskLab
import HuskSystem
import MicroHTTP

extension Service {
    /// What becomes of the body of POST /map/entries: a thread of `transfers` reads it.
    func importHandling(for request: Request, _ route: Route) -> BodyHandling {
        do throws(Problem) {
            try route.checkQuery(of: request)
            if isStopping { throw Problem.stopping }
        } catch {
            return .refuse(error.response())
        }
        guard let lease = BufferLease(EntryImporter.leastBytes, of: budget) else {
            return .refuse(Problem.buffersFull.response())
        }
        let stream = request.makeBodyStream()
        let lab = lab
        let job = jobs.add(.import) { wasWaiting in
            if wasWaiting { stream.cutOff(with: Problem.cancelled.refusal) } else { stream.cancel() }
        }
        let isQueued = transfers.submit {
            guard job.start() else { return }
            do throws(Problem) {
                let response = try importEntries(from: stream, into: lab, lease, job)
                job.end()
                stream.respond(with: response)
            } catch {
                job.end()
                if job.isCancelled {
                    stream.cutOff(with: error.afterCancelling.refusal)
                    return
                }
                switch error.status {
                // Because the body does not come, or is no longer waited for.
                case .requestTimeout, .unavailable: stream.cutOff(with: error.refusal)
                default: stream.respond(with: error.response())
                }
            }
        }
        if !isQueued { job.end() }
        return isQueued ? .stream(stream) : .refuse(Problem.busy.response())
    }
}

/// POST /map/entries without a body: nothing to insert.
@Sendable func importNothing(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let sample = service.lab.sample()
    var result = RangeResult()
    result.count = service.lab.report().statistics.count
    return .response(
        importAnswer(Measured(result: result, before: sample, after: sample, elapsedNanoseconds: 0)))
}

private func importAnswer(_ measured: Measured<RangeResult>) -> Response {
    measured.response { result, json in
        json.field("inserted", result.inserted)
        json.field("updated", result.updated)
        json.field("len", result.count)
    }
}

/// Reads and inserts until the body ends.
private func importEntries(
    from stream: BodyStream, into lab: Lab, _ lease: BufferLease, _ job: Job
) throws(Problem) -> Response {
    let start = monotonicNanoseconds()
    let before = lab.sample()
    var importer = EntryImporter(lab: lab, lease: lease, job: job)
    var chunk: [UInt8] = []
    while try stream.nextChunk(&chunk, after: importer.result) {
        try importer.take(chunk)
        job.progress(importer.result.inserted + importer.result.updated)
        // The stream itself says so only while the body is not whole.
        if job.isCancelled { throw Problem.cancelled.after(importer.result) }
    }
    try importer.finish()
    var result = importer.result
    result.count = lab.report().statistics.count
    return importAnswer(
        Measured(
            result: result, before: before, after: lab.sample(),
            elapsedNanoseconds: monotonicNanoseconds() - start))
}

extension BodyStream {
    /// `next(into:)` with its error as a problem, which says what was done by then.
    fileprivate func nextChunk(_ chunk: inout [UInt8], after result: RangeResult) throws(Problem) -> Bool {
        do throws(BodyStreamError) {
            return try next(into: &chunk)
        } catch {
            throw Problem(error).after(result)
        }
    }
}

extension Problem {
    /// The same with what was done by then.
    fileprivate func after(_ result: RangeResult) -> Problem {
        var problem = self
        problem.inserted = result.inserted
        problem.updated = result.updated
        return problem
    }
}
