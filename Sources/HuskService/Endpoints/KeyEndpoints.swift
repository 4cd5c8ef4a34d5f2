// /map/keys/{key}: the hot path. No String, Array, closure or Foundation object on it, unless something is wrong.

import HuskLab
import HuskSystem
import MicroHTTP

let keyPrefix: StaticString = "/map/keys/"
let keyRouteNumber = 1

/// Whether a path begins with `keyPrefix`. PERF: its ten bytes are compared as two words.
@inline(__always)
func isKeyPath(_ path: UnsafeRawBufferPointer) -> Bool {
    guard path.count >= 10, let start = path.baseAddress else { return false }
    return start.loadUnaligned(as: UInt64.self) == UInt64(littleEndian: 0x79656B2F70616D2F)  // "/map/key"
        && start.loadUnaligned(fromByteOffset: 8, as: UInt16.self) == UInt16(littleEndian: 0x2F73)  // "s/"
}

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
        if request.notableHeaders.rawValue != 0 { return answerConditionally(key, request) }
        switch request.method {
        case .get, .head: return .response(get(key, request))
        case .put: return put(key, request)
        case .delete: return .response(delete(key))
        case .post, .patch, .options, .other: return .response(Response(routes.keyRoute.methodNotAllowed))
        }
    }

    /// The same for a request whose headers may forbid it.
    @inline(never)
    private func answerConditionally(_ key: UnsafeRawBufferPointer, _ request: Request) -> Outcome {
        switch request.method {
        case .get, .head, .put, .delete: break
        case .post, .patch, .options, .other: return .response(Response(routes.keyRoute.methodNotAllowed))
        }
        let preconditions: Preconditions
        do throws(Problem) {
            try requireWholeContent(request)
            preconditions = try Preconditions(of: request)
        } catch {
            return .response(error.response())
        }
        let condition = preconditions.keyCondition
        switch request.method {
        case .put:
            let outcome = lab.put(key, request.body, if: condition)
            if outcome == .collectionNeeded { return putMakingRoom(key, request, if: condition) }
            return .response(answer(outcome, misfit(outcome, key, request.body)))
        case .delete: return .response(answer(lab.delete(key, if: condition), key))
        default:
            let response = get(key, request)
            // Conditions count only where the answer without them would be one of success (RFC 9110, section 13.2.1).
            guard response.status == 200 else { return .response(response) }
            return switch preconditions.outcomeOfRead {
            case .goesOn: .response(response)
            case .notModified: .response(Response(answers.notModified))
            case .fails: .response(Response(answers.preconditionFailed))
            }
        }
    }

    /// `v, ok := m[k]`
    private func get(_ key: UnsafeRawBufferPointer, _ request: Request) -> Response {
        var value = ByteBuffer(lent: request.room)
        switch lab.get(key, into: &value) {
        case .found(let isText):
            let contentType: ContentType = isText ? .plainText : .octetStream
            // PERF: a small value takes no memory; a larger one is copied once, out of the heap, and the response takes
            // that copy over and frees it.
            if value.isInLentMemory { return request.answer(contentType, copying: value.bytes) }
            return Response(status: 200, contentType: contentType, adopting: value.take())
        case .missing: return Response(answers.noSuchKey)
        case .keyDoesNotFit: return misfit(lab.misfit(ofKey: key))
        }
    }

    /// `m[k] = v`
    private func put(_ key: UnsafeRawBufferPointer, _ request: Request) -> Outcome {
        let outcome = lab.put(key, request.body)
        // PERF: a pattern, since `==` of another room's type is asked of its table of methods.
        if case .collectionNeeded = outcome { return putMakingRoom(key, request) }
        return .response(answer(outcome, misfit(outcome, key, request.body)))
    }

    /// A put that waits for a collection, on a thread of `collections`.
    @inline(never)
    private func putMakingRoom(
        _ key: UnsafeRawBufferPointer, _ request: Request, if condition: Lab.KeyCondition = .always
    ) -> Outcome {
        guard let lease = BufferLease(key.count + request.body.count, of: budget) else {
            return .response(Problem.buffersFull.response())
        }
        let key = [UInt8](key)
        let value = [UInt8](request.body)
        do throws(Problem) {
            return try offload(request, to: collections) { [self] _ in
                defer { withExtendedLifetime(lease) {} }
                let (outcome, why) = key.withUnsafeBytes { key in
                    value.withUnsafeBytes { value in
                        let outcome = lab.putMakingRoom(key, value, if: condition)
                        return (outcome, misfit(outcome, key, value))
                    }
                }
                return answer(outcome, why)
            }
        } catch {
            return .response(error.response())
        }
    }

    /// - Parameter misfit: why key or value do not fit, if that is the outcome.
    private func answer(_ outcome: Lab.PutOutcome, _ misfit: String?) -> Response {
        switch outcome {
        case .inserted: Response(answers.created)
        case .updated: Response(answers.noContent)
        case .mapIsNil: Response(answers.mapIsNil)
        case .conditionFails: Response(answers.preconditionFailed)
        case .keyDoesNotFit, .valueDoesNotFit: self.misfit(misfit ?? "")
        case .noRoom, .collectionNeeded: Response(answers.noRoom)
        }
    }

    /// Why key or value do not fit, in words; nil for any other outcome.
    private func misfit(
        _ outcome: Lab.PutOutcome, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) -> String? {
        switch outcome {
        case .keyDoesNotFit: lab.misfit(ofKey: key)
        case .valueDoesNotFit: lab.misfit(ofValue: value)
        default: nil
        }
    }

    /// `delete(m, k)`
    private func delete(_ key: UnsafeRawBufferPointer) -> Response {
        answer(lab.delete(key), key)
    }

    private func answer(_ outcome: Lab.DeleteOutcome, _ key: UnsafeRawBufferPointer) -> Response {
        switch outcome {
        case .deleted: return Response(answers.noContent)
        case .missing: return Response(answers.noSuchKey)
        case .conditionFails: return Response(answers.preconditionFailed)
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
