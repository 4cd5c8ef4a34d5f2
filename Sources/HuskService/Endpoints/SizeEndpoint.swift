// /size: what a map takes, whatever the shared map is.

import HuskLab
import MicroHTTP
import Scenarios

/// GET /size
@Sendable func getSize(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let arguments = try Arguments(sizeOf: request)
    let format = TableFormat(AcceptHeader(of: request))
    let loan = SizeLoan(from: service.lab)
    return try service.offload(request, to: service.scenarios, as: .size) { (client) throws(Problem) in
        defer { loan.giveBack() }
        do throws(ScenarioError) {
            let table = try Scenario.size.run(
                arguments, limitBytes: loan.limitBytes(for:), isCancelled: { client.isOver },
                onStep: { client.progress($0, of: $1) })
            return format.response(table)
        } catch {
            throw Problem(error)
        }
    }
}

/// What the maps of one answer may take. Once there was no room, there is none for the rest of it: so a row is either made for
/// every Go, or for none. Used by one thread.
private final class SizeLoan: @unchecked Sendable {
    private let loan: HeapLoan
    // SAFETY: only the thread that answers touches it.
    private var isRefused = false

    init(from lab: Lab) { loan = HeapLoan(from: lab) }

    func limitBytes(for bytes: Int) -> Int {
        if isRefused { return 0 }
        let limit = loan.limitBytes(for: bytes)
        isRefused = limit < bytes
        return limit
    }

    func giveBack() { loan.giveBack() }
}

extension Arguments {
    fileprivate init(sizeOf request: Request) throws(Problem) {
        var texts: [(name: String, text: String)] = []
        for parameter in request.queryParameters {
            let name = String(decoding: parameter.name, as: UTF8.self)
            do throws(PercentDecodingError) {
                let value = try parameter.value?.percentDecoded() ?? []
                texts.append((name, String(decoding: value, as: UTF8.self)))
            } catch {
                throw Problem(error)
            }
        }
        do throws(ScenarioError) {
            try self.init(.size, texts: texts)
        } catch {
            throw Problem(error)
        }
    }
}
