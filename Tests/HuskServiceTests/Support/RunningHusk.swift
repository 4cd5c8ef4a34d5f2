// A whole server on a free port for the length of a test, and JSON answers as plain values.

import Foundation
import GoMap
import HuskService
import Logging
import TestSupport
import Testing

/// Runs `body` against a server of its own, and stops the server whatever happens.
func withHusk(
    type: String = "map[string][]byte", hint: Int = 0, maxMemoryBytes: Int? = nil,
    corsOrigins: [WebOrigin] = [], replayDirectory: String? = nil, samplePeriodMilliseconds: UInt64 = 1000,
    timelineSize: Int? = nil,
    _ body: (HuskServer) throws -> Void
) throws {
    var configuration = HuskServer.Configuration()
    configuration.port = 0
    configuration.threads = 2
    configuration.type = try MapTypeName(parsing: type)
    configuration.hint = hint
    configuration.corsOrigins = corsOrigins
    configuration.replayDirectory = replayDirectory
    configuration.maxMemoryBytes = maxMemoryBytes ?? 1 << 30
    configuration.timelinePeriodNanoseconds = samplePeriodMilliseconds * 1_000_000
    configuration.timelineSize = timelineSize
    let server = try HuskServer(configuration, logger: .silent)
    defer { server.stop(deadlineSeconds: 5) }
    try body(server)
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

extension HuskServer {
    /// One request on a connection of its own.
    func ask(_ method: String, _ target: String, body: String? = nil) throws -> Answer {
        try Client(port: port).ask(method, target, body: body.map { Array($0.utf8) })
    }

    /// A POST that must be 200.
    @discardableResult
    func post(_ target: String, _ body: String? = nil, sourceLocation: SourceLocation = #_sourceLocation)
        throws -> JSON
    {
        let answer = try ask("POST", target, body: body)
        #expect(answer.status == 200, "POST \(target): \(answer)", sourceLocation: sourceLocation)
        return try answer.json()
    }
}

/// A JSON object.
struct JSON: @unchecked Sendable {
    var members: [String: Any]

    subscript(_ name: String) -> Int? { members[name] as? Int }
    func string(_ name: String) -> String? { members[name] as? String }
    func object(_ name: String) -> JSON { JSON(members: members[name] as? [String: Any] ?? [:]) }
}

extension Answer {
    func json() throws -> JSON {
        JSON(members: try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] ?? [:])
    }

    /// Checks that this is problem details of a status.
    func expectProblem(
        _ status: Int, field: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(self.status == status, "\(self)", sourceLocation: sourceLocation)
        #expect(header("Content-Type") == "application/problem+json", sourceLocation: sourceLocation)
        let problem = try json()
        #expect(problem["status"] == status, sourceLocation: sourceLocation)
        #expect(problem.string("type") == "about:blank", sourceLocation: sourceLocation)
        #expect(problem.string("title")?.isEmpty == false, sourceLocation: sourceLocation)
        #expect(problem.string("detail")?.isEmpty == false, sourceLocation: sourceLocation)
        if let field { #expect(problem.string("field") == field, sourceLocation: sourceLocation) }
    }
}

/// Waits for `condition`; answers whether it came true.
func eventually(seconds: Int = 10, _ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<(seconds * 100) {
        if try condition() { return true }
        usleep(10_000)
    }
    return false
}
