// /size: what a map takes, whatever the shared map is.

import HuskLab
import MicroHTTP
import Scenarios

/// GET /size
@Sendable func getSize(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let arguments = try Arguments(sizeOf: request)
    let format = TableFormat(AcceptHeader(of: request))
    let lab = service.lab
    return try service.offload(request, to: service.scenarios, as: .size) { (client) throws(Problem) in
        let loan = SizeLoan(from: lab)
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

/// What the maps of one answer may take of `--max-memory`: as much as is free. Once there was no room, there is none for the rest
/// of it: so a row is either made for every Go, or for none.
private final class SizeLoan {
    private let lab: Lab
    private var bytes = 0
    private var isRefused = false

    init(from lab: Lab) { self.lab = lab }

    func limitBytes(for inUseBytes: Int) -> Int {
        if !isRefused, inUseBytes > bytes {
            isRefused = !lab.lend(byteCount: inUseBytes - bytes)
            if !isRefused { bytes = inUseBytes }
        }
        return isRefused ? 0 : bytes
    }

    func giveBack() { lab.takeBack(byteCount: bytes) }
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
