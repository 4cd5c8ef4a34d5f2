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
        let isQueued = transfers.submit {
            do throws(Problem) {
                stream.respond(with: try importEntries(from: stream, into: lab, lease))
            } catch {
                switch error.status {
                // Because the body does not come, or is no longer waited for.
                case .requestTimeout, .unavailable: stream.cutOff(with: error.refusal)
                default: stream.respond(with: error.response())
                }
            }
        }
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
private func importEntries(from stream: BodyStream, into lab: Lab, _ lease: BufferLease) throws(Problem)
    -> Response
{
    let start = monotonicNanoseconds()
    let before = lab.sample()
    var importer = EntryImporter(lab: lab, lease: lease)
    var chunk: [UInt8] = []
    while try stream.nextChunk(&chunk, after: importer.result) { try importer.take(chunk) }
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
            var problem = Problem(error)
            problem.inserted = result.inserted
            problem.updated = result.updated
            throw problem
        }
    }
}
