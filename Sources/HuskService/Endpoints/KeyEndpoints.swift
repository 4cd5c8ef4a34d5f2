// /map/keys/{key}: the hot path. No String, Array, closure or Foundation object on it, unless something is wrong.

import HuskLab
import MicroHTTP

let keyPrefix: StaticString = "/map/keys/"
let keyRouteNumber = 1

extension Service {
    func answerKey(_ request: Request) -> Outcome {
        let escapedKey = UnsafeRawBufferPointer(rebasing: request.path[keyPrefix.utf8CodeUnitCount...])
        if request.query != nil, let refusal = refusalOfQuery(request) {
            return .response(refusal.response())
        }
        let key: UnsafeRawBufferPointer
        do throws(PercentDecodingError) {
            key = try request.percentDecoded(escapedKey)
        } catch {
            return .response(Problem(error).response())
        }
        switch request.method {
        case .get, .head: return .response(get(key))
        case .put: return .response(put(key, request.body))
        case .delete: return .response(delete(key))
        case .post, .patch, .options, .other: return .response(Response(routes.keyRoute.methodNotAllowed))
        }
    }

    /// `v, ok := m[k]`
    private func get(_ key: UnsafeRawBufferPointer) -> Response {
        var value = WireBuffer()
        switch lab.get(key, into: &value) {
        case .found(let isText):
            // PERF: the value is copied once, out of the heap; the response takes that copy over and frees it.
            return Response(
                status: 200, contentType: isText ? .plainText : .octetStream, adopting: value.take())
        case .missing: return Response(answers.noSuchKey)
        case .keyDoesNotFit: return misfit(lab.misfit(ofKey: key))
        }
    }

    /// `m[k] = v`
    private func put(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Response {
        switch lab.put(key, value) {
        case .inserted: return Response(answers.created)
        case .updated: return Response(answers.noContent)
        case .mapIsNil: return Response(answers.mapIsNil)
        case .keyDoesNotFit: return misfit(lab.misfit(ofKey: key))
        case .valueDoesNotFit: return misfit(lab.misfit(ofValue: value))
        case .overMemoryLimit: return Response(answers.overMemoryLimit)
        }
    }

    /// `delete(m, k)`
    private func delete(_ key: UnsafeRawBufferPointer) -> Response {
        switch lab.delete(key) {
        case .deleted: return Response(answers.noContent)
        case .missing: return Response(answers.noSuchKey)
        case .keyDoesNotFit: return misfit(lab.misfit(ofKey: key))
        }
    }

    @inline(never)
    private func misfit(_ what: String) -> Response { Problem(.unprocessableContent, what).response() }

    @inline(never)
    private func refusalOfQuery(_ request: Request) -> Problem? {
        do throws(Problem) {
            try routes.keyRoute.checkQuery(of: request)
            return nil
        } catch {
            return error
        }
    }
}

/// The hot path as the route table wants it.
@Sendable func respondToKey(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    service.answerKey(request)
}
