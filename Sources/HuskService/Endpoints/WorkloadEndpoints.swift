// /workloads: traffic that the server makes over the shared map, in the background.

import GoMap
import HuskLab
import MicroHTTP
import Workloads

/// POST /workloads
@Sendable func startWorkload(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    if service.isStopping { throw Problem.stopping }
    let workload = try Workload(body: request.body)
    let lab = service.lab
    let mark = service.marker(for: request)
    // Room may have to be made for what it keeps of its keys, which is not for a thread that others wait for.
    return try service.offload(request, to: service.collections) { (client) throws(Problem) in
        let (id, run) = try service.workloads.start(
            workload, on: lab, makeSource: { () throws(Problem) in try service.replaySource(for: workload) },
            jobs: service.jobs, logger: service.logger, mark: mark, isCancelled: { client.isOver },
            isStopping: { service.isStopping })
        var json = JSONWriter()
        json.value(run.report, id: id)
        return json.response(status: 202, headers: [("Location", "/workloads/\(id)")])
    }
}

/// GET /workloads
@Sendable func listWorkloads(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    var json = JSONWriter()
    json.beginObject()
    json.name("workloads")
    json.beginArray()
    for (id, run) in service.workloads.list() { json.value(run.report, id: id) }
    json.endArray()
    json.endObject()
    return .response(json.response())
}

/// GET /workloads/{id}
@Sendable func getWorkload(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    guard let id = number(in: request), let (_, run) = service.workloads.run(id) else { throw Problem.noSuchWorkload }
    var json = JSONWriter()
    json.value(run.report, id: id)
    return .response(json.response())
}

/// DELETE /workloads/{id}
@Sendable func stopWorkload(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    guard let id = number(in: request), service.workloads.stop(id) else { throw Problem.noSuchWorkload }
    return .response(Response(service.answers.noContent))
}

private func number(in request: Request) -> Int? { request.number(after: "/workloads/") }

extension Request {
    /// The number that the path ends in; nil when it is none.
    func number(after prefix: String) -> Int? {
        let digits = path[prefix.utf8.count...]
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}

extension Workload {
    fileprivate init(body: UnsafeRawBufferPointer) throws(Problem) {
        var fields = try BodyFields(body)
        var remedy = RemedyPolicy()
        if !fields.takeNull("remedy"), var policy = try fields.object("remedy") {
            remedy = try policy.remedyPolicy(hasRounds: true)
            try policy.refuseRest()
        }
        let members = fields.takeAll()
        do throws(WorkloadError) {
            try self.init(given: members.map { ($0.name, WorkloadValue($0.value)) })
            self.remedy = remedy
        } catch {
            throw Problem(.badRequest, "\(echoed(error.field)) \(error.problem)", field: echoed(error.field))
        }
    }
}

extension WorkloadValue {
    fileprivate init(_ value: JSONValue) {
        self =
            switch value {
            case .string(let bytes): .text(String(decoding: bytes, as: UTF8.self))
            case .number(let number):
                if let integer = number.int {
                    .integer(integer)
                } else {
                    number.double.map { .number($0) } ?? .other("a number of more than 64 bits")
                }
            case .null: .null
            case .boolean(let flag): .boolean(flag)
            case .array, .object: .other(value.kind)
            }
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ report: WorkloadReport, id: Int) {
        beginObject()
        field("id", id)
        members(of: report)
        endObject()
    }
}
