import Foundation
import HuskService
import TestSupport
import Testing

/// Work without end, and how another client ends it.
@Suite("Jobs", .serialized)
struct JobTests {
    private static let endless = Array(#"{"count": 1000000000}"#.utf8)

    private func jobs(_ server: HuskServer) throws -> [JSON] {
        let jobs = try server.ask("GET", "/jobs").json().members["jobs"] as? [[String: Any]]
        return (jobs ?? []).map { JSON(members: $0) }
    }

    /// Waits for a job of a kind and state.
    private func job(_ server: HuskServer, _ kind: String, _ state: String = "running") throws -> JSON {
        var found: JSON?
        _ = try eventually {
            found = try jobs(server).first { $0.string("kind") == kind && $0.string("state") == state }
            return found != nil
        }
        return try #require(found)
    }

    /// Cancels a job, and reads the answer of the request that waits for it.
    private func cancel(_ server: HuskServer, _ job: JSON, of client: Client) throws -> JSON {
        #expect(try server.ask("DELETE", "/jobs/\(job["id"]!)").status == 204)
        let answer = try client.readAnswer()
        try answer.expectProblem(409)
        #expect(try answer.json().string("detail") == "another client has cancelled this job")
        #expect(try eventually { try !jobs(server).contains { $0["id"] == job["id"] } })
        return try answer.json()
    }

    @Test("An insert is listed with how far it has come; cancelled, it answers 409 with what it has done")
    func insert() throws {
        try withHusk(type: "map[int]int", maxMemoryBytes: 8 << 30) { (server) throws in
            #expect(try server.ask("GET", "/jobs").text == "{\"jobs\":[]}\n")
            let client = try Client(port: server.port)
            try client.sendRequest("POST", "/map/insert", body: Self.endless)
            var first = try job(server, "insert")
            let isUnderWay = try eventually {
                first = try job(server, "insert")
                return first["total"] == 1_000_000_000
            }
            #expect(isUnderWay)
            let moves = try eventually { try job(server, "insert")["done"]! > max(1_000, first["done"]!) }
            #expect(moves)
            let problem = try cancel(server, first, of: client)
            let inserted = try #require(problem["inserted"])
            #expect(inserted > 1_000)
            #expect(try server.ask("GET", "/map").json()["len"] == inserted)
        }
    }

    @Test("What a cancelled scenario had borrowed of the memory comes back")
    func cancelledLoan() throws {
        // Room for one scenario at a time.
        try withHusk(maxMemoryBytes: 192 << 20) { (server) throws in
            for _ in 0..<3 {
                var underWay: JSON?
                let client = try Client(port: server.port)
                _ = try eventually {
                    // Until the one before is gone there is no room.
                    if client.hasAnswer { try client.readAnswer().expectProblem(507) }
                    try client.sendRequest("POST", "/scenarios/fifteen-minutes", body: Array(#"{"count": 1000}"#.utf8))
                    _ = try eventually {
                        underWay = try jobs(server).first { $0.string("state") == "running" }
                        return underWay != nil || client.hasAnswer
                    }
                    return !client.hasAnswer
                }
                _ = try cancel(server, try #require(underWay), of: client)
            }
            let hasRoom = try eventually {
                try server.ask("POST", "/scenarios/reuse", body: #"{"count": 1000}"#).status == 200
            }
            #expect(hasRoom)
        }
    }

    @Test("A job that waits for a thread is answered at once")
    func waiting() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            let clients = try (0..<5).map { _ in try Client(port: server.port) }
            for client in clients { try client.sendRequest("POST", "/map/delete", body: Self.endless) }
            let isFull = try eventually { try jobs(server).count == 5 }
            #expect(isFull)
            let waiting = try job(server, "delete", "waiting")
            #expect(waiting["done"] == 0 && waiting.members["total"] is NSNull)
            #expect(try server.ask("DELETE", "/jobs/\(waiting["id"]!)").status == 204)
            var answered: Client?
            _ = eventually {
                answered = clients.first { $0.hasAnswer }
                return answered != nil
            }
            let answer = try #require(answered).readAnswer()
            try answer.expectProblem(409)
            #expect(try answer.json()["missing"] == nil)
            for job in try jobs(server) { #expect(try server.ask("DELETE", "/jobs/\(job["id"]!)").status == 204) }
            let isOver = try eventually { try jobs(server).isEmpty }
            #expect(isOver)
        }
    }

    @Test("An import whose client is silent ends with what has been inserted")
    func importing() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            let client = try Client(port: server.port)
            try client.send(
                "POST /map/entries HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n{\"key\":1,\"value\":1}\n")
            let isUnderWay = try eventually { try server.ask("GET", "/map/keys/1").status == 200 }
            #expect(isUnderWay)
            let problem = try cancel(server, try job(server, "import"), of: client)
            #expect(problem["inserted"] == 1)
        }
    }

    @Test("An export whose client does not read is cut off")
    func exporting() throws {
        try withHusk(type: "map[int][128]byte") { (server) throws in
            try server.post("/map/insert", #"{"count": 50000}"#)
            let client = try Client(port: server.port, receiveBufferBytes: 4096)
            try client.sendRequest("GET", "/map/entries")
            let job = try job(server, "export")
            #expect(try server.ask("DELETE", "/jobs/\(job["id"]!)").status == 204)
            let isOver = try eventually { try jobs(server).isEmpty }
            #expect(isOver)
            // The last chunk is missing.
            #expect(throws: ClientFailure.self) { try client.readAnswer() }
        }
    }

    /// How each kind of work that has an end is begun.
    private static let finite = [
        ("delete", "POST", "/map/delete", #"{"count": 50000000}"#),
        ("replace", "POST", "/map/replace-with-fresh", #"{"copy": true}"#),
        ("gc", "POST", "/gc", ""), ("free-memory", "POST", "/free-memory", ""),
        ("picture", "GET", "/map/layout.svg", ""),
    ]

    @Test("Work that is under way ends when its job is cancelled", arguments: finite)
    func underWay(kind: String, method: String, target: String, body: String) throws {
        try withHusk(type: "map[int][]byte", hint: 2_000_000) { (server) throws in
            try server.post("/map/insert", #"{"count": 200000}"#)
            // It may be done before it is found, or before it looks: then once more.
            let isCancelled = try eventually {
                let client = try Client(port: server.port)
                try client.sendRequest(method, target, body: body.isEmpty ? nil : Array(body.utf8))
                var job: JSON?
                while job == nil, !client.hasAnswer { job = try jobs(server).first { $0.string("state") == "running" } }
                if let job { _ = try server.ask("DELETE", "/jobs/\(job["id"]!)") }
                let answer = try client.readAnswer()
                if answer.status == 200 { return false }
                #expect(job?.string("kind") == kind)
                try answer.expectProblem(409)
                return true
            }
            #expect(isCancelled)
            #expect(try eventually { try jobs(server).isEmpty })
            #expect(try server.ask("GET", "/map").json()["len"]! <= 200_000)
        }
    }

    @Test("A scenario ends")
    func scenario() throws {
        try withHusk { (server) throws in
            let client = try Client(port: server.port)
            try client.sendRequest("POST", "/scenarios/fifteen-minutes")
            _ = try cancel(server, try job(server, "scenario"), of: client)
        }
    }

    @Test("What is no job is 404", arguments: ["0", "1", "99999999999999999999", "x", "+1", ""])
    func unknown(id: String) throws {
        try withHusk { (server) throws in
            try server.ask("DELETE", "/jobs/\(id)").expectProblem(404)
        }
    }
}
