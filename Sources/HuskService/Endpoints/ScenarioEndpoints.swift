// /scenarios: whole experiments, each on a heap of its own.

import GoHeap
import HuskLab
import MicroHTTP
import Scenarios

/// GET /scenarios
@Sendable func listScenarios(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    var json = JSONWriter()
    json.beginObject()
    json.name("scenarios")
    json.beginArray()
    for scenario in Scenario.all {
        json.beginObject()
        json.field("name", scenario.name)
        json.field("title", scenario.title)
        json.name("parameters")
        json.beginArray()
        for parameter in scenario.parameters where !parameter.isOfCommandLineOnly { json.value(parameter) }
        json.endArray()
        json.endObject()
    }
    json.endArray()
    json.endObject()
    return .response(json.response())
}

/// POST /scenarios/{name}
@Sendable func runScenario(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let name: [UInt8]
    do throws(PercentDecodingError) {
        name = try UnsafeRawBufferPointer(rebasing: request.path["/scenarios/".utf8.count...])
            .percentDecoded()
    } catch {
        throw Problem(error)
    }
    guard let scenario = Scenario.named(String(decoding: name, as: UTF8.self)) else {
        throw Problem(.notFound, "there is no scenario of this name; GET /scenarios lists them")
    }
    let arguments = try Arguments(scenario, body: request.body)
    let format = TableFormat(AcceptHeader(of: request))
    let logger = service.logger
    let loan = HeapLoan(from: service.lab)
    let mark = service.marker(for: request)
    return try service.offload(request, to: service.scenarios, as: .scenario) { (client) throws(Problem) in
        do throws(LabError) { try loan.begin(isCancelled: { client.isOver }) } catch { throw Problem(error) }
        logger.info("runs scenario \(scenario.name)")
        mark(.scenario, "\(scenario.name) starts")
        defer { mark(.scenario, "\(scenario.name) has ended") }
        do throws(ScenarioError) {
            let table = try scenario.run(
                arguments, limitBytes: { loan.limitBytes(for: $0, isCancelled: { client.isOver }) },
                loan: loan, isCancelled: { client.isOver },
                onStep: { client.progress($0, of: $1) })
            loan.giveBack()
            return format.response(table)
        } catch {
            // The heap of one that was cancelled may still be there: it keeps the loan, which is given back with it.
            if error != .cancelled {
                loan.giveBack()
                logger.error("scenario \(scenario.name): \(error)")
            }
            throw Problem(error)
        }
    }
}

/// What the lab's heap lends to a scenario's, so that both stay within --max-memory: as much as every scenario needs with its
/// defaults, and more as it turns out to be needed. Used by one thread; what has not been given back goes back with it.
private final class HeapLoan: @unchecked Sendable {
    private static let stepBytes = 128 << 20

    private let lab: Lab
    // SAFETY: only the thread that runs the scenario touches it.
    private var bytes = 0

    init(from lab: Lab) { self.lab = lab }

    /// - Throws: `LabError.noRoom` when there is not even room for the least.
    func begin(isCancelled: () -> Bool) throws(LabError) { try lend(isCancelled: isCancelled) }

    /// The most that a heap with so much in use may have now.
    func limitBytes(for inUseBytes: Int, isCancelled: () -> Bool) -> Int {
        do throws(LabError) {
            while bytes < inUseBytes { try lend(isCancelled: isCancelled) }
        } catch {
            // The scenario ends, and says what it may have.
        }
        return bytes
    }

    deinit { giveBack() }

    func giveBack() {
        lab.takeBack(byteCount: bytes)
        bytes = 0
    }

    private func lend(isCancelled: () -> Bool) throws(LabError) {
        try lab.lendMakingRoom(byteCount: Self.stepBytes, isCancelled: isCancelled)
        bytes += Self.stepBytes
    }
}

// MARK: Bodies

extension Arguments {
    fileprivate init(_ scenario: Scenario, body: UnsafeRawBufferPointer) throws(Problem) {
        let members = try BodyFields(body).takeAll()
        do throws(ScenarioError) {
            try self.init(scenario, given: members.map { ($0.name, GivenValue($0.value)) })
        } catch {
            throw Problem(error)
        }
    }
}

extension GivenValue {
    fileprivate init(_ value: JSONValue) {
        self =
            switch value {
            case .string(let bytes): .text(String(decoding: bytes, as: UTF8.self))
            case .array(let elements): .list(elements.map { GivenValue($0) })
            case .number(let number):
                if let integer = number.int {
                    .integer(integer)
                } else {
                    number.double.map { .number($0) } ?? .other("a number of more than 64 bits")
                }
            case .null, .boolean, .object: .other(value.kind)
            }
    }
}

// MARK: Answers

/// How a table is written.
enum TableFormat: CaseIterable {
    case json, csv, markdown, text

    private var offer: MediaOffer {
        switch self {
        case .json: MediaOffer("application", "json")
        case .csv: MediaOffer("text", "csv")
        case .markdown: MediaOffer("text", "markdown")
        case .text: MediaOffer("text", "plain")
        }
    }

    /// What a client's Accept asks for; JSON for whoever takes none of these.
    init(_ accept: AcceptHeader) {
        let best = accept.best(of: Self.allCases.map(\.offer))
        self = Self.allCases.first { $0.offer == best } ?? .json
    }

    func response(_ table: ScenarioTable) -> Response {
        switch self {
        case .json:
            var json = JSONWriter()
            json.value(table)
            return json.response()
        case .csv: return Response(status: 200, contentType: .csv, text: table.csv)
        case .markdown: return Response(status: 200, contentType: .markdown, text: table.markdown)
        case .text: return Response(status: 200, contentType: .plainText, text: table.text)
        }
    }
}

extension ContentType {
    fileprivate static let markdown = ContentType("text/markdown; charset=utf-8")
}

extension JSONWriter {
    fileprivate mutating func value(_ parameter: Parameter) {
        beginObject()
        field("name", parameter.name)
        if let alias = parameter.alias { field("alias", alias) }
        switch parameter.kind {
        case .goReleases:
            field("type", "list")
            choices(GoProfile.allCases.map(\.rawValue))
        case .layout:
            field("type", "string")
            choices(MapLayout.allCases.map(\.rawValue))
        case .mapType: field("type", "string")
        case .choice(let words):
            field("type", "string")
            choices(words)
        case .integer(let range):
            field("type", "integer")
            field("minimum", range.lowerBound)
            field("maximum", range.upperBound)
        case .number(let range):
            field("type", "number")
            name("minimum")
            value(range.lowerBound)
            name("maximum")
            value(range.upperBound)
        }
        if let standard = parameter.standard {
            name("default")
            value(standard)
        }
        field("help", parameter.help)
        endObject()
    }

    private mutating func choices(_ choices: [String]) {
        name("choices")
        beginArray()
        for choice in choices { value(choice) }
        endArray()
    }
}
