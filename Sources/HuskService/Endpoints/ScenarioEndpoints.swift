// /scenarios: whole experiments, each on a heap of its own.

import HuskLab
import MicroHTTP

/// GET /scenarios
@Sendable func listScenarios(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    var json = JSONWriter()
    json.beginObject()
    json.name("scenarios")
    json.beginArray()
    for scenario in Scenario.allCases {
        json.beginObject()
        json.field("name", scenario.rawValue)
        json.field("title", scenario.title)
        json.endObject()
    }
    json.endArray()
    json.endObject()
    return .response(json.response())
}

/// What the heap of a scenario takes at most; the lab's heap lends it, so that both stay within the limit.
private let scenarioHeapBytes = 128 << 20

/// POST /scenarios/{name}
@Sendable func runScenario(_ service: Service, _ request: Request) throws(Problem) -> Outcome {
    let name: [UInt8]
    do throws(PercentDecodingError) {
        name = try UnsafeRawBufferPointer(rebasing: request.path["/scenarios/".utf8.count...])
            .percentDecoded()
    } catch {
        throw Problem(error)
    }
    guard let scenario = Scenario(rawValue: String(decoding: name, as: UTF8.self)) else {
        throw Problem(.notFound, "there is no scenario of this name; GET /scenarios lists them")
    }
    try BodyFields.requireNone(request.body)
    let logger = service.logger
    let lab = service.lab
    return try service.offload(request, to: service.scenarios) { (client) throws(Problem) in
        do throws(LabError) { try lab.lendMakingRoom(byteCount: scenarioHeapBytes) } catch { throw Problem(error) }
        defer { lab.takeBack(byteCount: scenarioHeapBytes) }
        logger.info("runs scenario \(scenario.rawValue)")
        let table: ScenarioTable
        do {
            table = try scenario.run(isCancelled: { client.hasHungUp })
        } catch let error as LabError {
            throw Problem(error)
        } catch {
            logger.error("scenario \(scenario.rawValue): \(error)")
            throw Problem(.insufficientStorage, "\(error)")
        }
        var json = JSONWriter()
        json.value(table)
        return json.response()
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ table: ScenarioTable) {
        beginObject()
        field("name", table.name)
        field("title", table.title)
        name("columns")
        beginArray()
        for column in table.columns {
            beginObject()
            field("name", column.name)
            field("unit", column.unit)
            endObject()
        }
        endArray()
        name("rows")
        beginArray()
        for row in table.rows {
            beginArray()
            for cell in row {
                switch cell {
                case .text(let text): value(text)
                case .number(let number): value(number)
                }
            }
            endArray()
        }
        endArray()
        field("note", table.note)
        endObject()
    }
}
