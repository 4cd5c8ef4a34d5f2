import Glibc
import HuskService
import TestSupport
import Testing

@Suite("Stopping")
struct StopTests {
    private func makeServer(type: String = "map[string][]byte") throws -> HuskServer {
        var configuration = HuskServer.Configuration()
        configuration.port = 0
        configuration.threads = 2
        return try HuskServer(configuration, logger: .silent)
    }

    @Test("A request under way is finished, and new connections are refused")
    func finishesUnderWay() throws {
        let server = try makeServer()
        let client = try Client(port: server.port)
        try client.sendRequest("POST", "/map/insert", body: Array(#"{"count": 500000}"#.utf8))
        let started = try eventually { try server.ask("GET", "/map").json()["len"]! > 0 }
        #expect(started)
        server.stop(deadlineSeconds: 60)
        let answer = try client.readAnswer()
        #expect(answer.status == 200)
        #expect(try answer.json()["inserted"] == 500_000)
        #expect(throws: ClientFailure.self) { try Client(port: server.port).ask("GET", "/livez") }
    }

    @Test("While it stops, /readyz and long operations are 503, and /livez still answers")
    func refusesNewWork() throws {
        let server = try makeServer()
        server.service.startStopping()
        let answer = try server.ask("GET", "/readyz")
        try answer.expectProblem(503)
        #expect(answer.header("Retry-After") == "1")
        for path in ["/map/insert", "/map/entries", "/gc", "/scenarios/local"] {
            try server.ask("POST", path, body: "{}").expectProblem(503)
        }
        try server.ask("GET", "/map/entries").expectProblem(503)
        #expect(try server.ask("GET", "/livez").status == 200)
        server.stop(deadlineSeconds: 5)
    }

    @Test(
        "Past the deadline long operations answer 503 with what they have done, and so do those that wait for them"
    )
    func deadline() throws {
        let server = try makeServer()
        let clients = try (0..<8).map { _ in try Client(port: server.port) }
        for client in clients {
            try client.sendRequest("POST", "/map/insert", body: Array(#"{"count": 1000000000}"#.utf8))
        }
        let started = try eventually { try server.ask("GET", "/map").json()["len"]! > 0 }
        #expect(started)
        server.stop(deadlineSeconds: 0.2)
        let answers = try clients.map { try $0.readAnswer() }
        for answer in answers {
            try answer.expectProblem(503)
            #expect(answer.header("Retry-After") == "1")
        }
        #expect(try answers.contains { try ($0.json()["inserted"] ?? 0) > 0 })
    }

    @Test("Past the deadline an import answers 503 with what it has inserted, though its body has not ended")
    func halfImport() throws {
        let server = try makeServer()
        let client = try Client(port: server.port)
        let half = try Client(port: server.port)
        try half.send("PUT /map/keys/a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
        try client.send(
            "POST /map/entries HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n"
                + #"{"key":"a","value":"1"}"# + "\n" + #"{"key":"b","value":"1"}"# + "\n")
        let started = try eventually { try server.ask("GET", "/map").json()["len"]! == 2 }
        #expect(started)
        server.stop(deadlineSeconds: 0.2)
        let answer = try client.readAnswer()
        try answer.expectProblem(503)
        #expect(try answer.json()["inserted"] == 2)
        #expect(answer.header("Retry-After") == "1")
        try half.readAnswer().expectProblem(503)
    }

    @Test("While it drains only /readyz is 503")
    func drains() throws {
        let server = try makeServer()
        server.startDraining()
        try server.ask("GET", "/readyz").expectProblem(503)
        #expect(try server.ask("GET", "/livez").status == 200)
        try server.post("/map/insert", #"{"count": 10}"#)
        #expect(try server.ask("GET", "/map/entries").status == 200)
        server.stop(deadlineSeconds: 5)
    }

    @Test("More long operations than there is room for are 503 with Retry-After")
    func busy() throws {
        let server = try makeServer()
        defer { server.stop(deadlineSeconds: 0) }
        // Four at work, 64 waiting.
        let clients = try (0..<80).map { _ in try Client(port: server.port) }
        for client in clients {
            try client.sendRequest("POST", "/map/delete", body: Array(#"{"count": 1000000000}"#.utf8))
        }
        let refusedClients = { clients.filter(\.hasAnswer) }
        let someWereRefused = eventually { refusedClients().count >= 80 - 68 }
        #expect(someWereRefused)
        let refused = try #require(refusedClients().first).readAnswer()
        try refused.expectProblem(503)
        #expect(refused.header("Retry-After") == "1")
        #expect(try server.ask("GET", "/livez").status == 200)
    }
}
