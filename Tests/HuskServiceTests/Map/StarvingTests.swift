import Glibc
import HuskService
import TestSupport
import Testing

/// Endless operations keep nobody waiting who would end them, bound them or look at them.
@Suite("Starving", .serialized)
struct StarvingTests {
    private static let endless = Array(#"{"count": 1000000000}"#.utf8)

    /// Every endless operation that there is room for, and more.
    private func occupy(_ server: HuskServer) throws -> [Client] {
        var clients: [Client] = []
        func send(_ path: String, _ body: [UInt8]? = nil) throws {
            clients.append(try Client(port: server.port))
            try clients.last?.sendRequest("POST", path, body: body)
        }
        for _ in 0..<4 { try send("/map/insert", Self.endless) }
        try send("/scenarios/gc-time")
        for _ in 0..<8 {
            let importing = try Client(port: server.port)
            try importing.send(
                "POST /map/entries HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000\r\n\r\n{\"key\":1,\"value\":1}\n"
            )
            let exporting = try Client(port: server.port, receiveBufferBytes: 4096)
            try exporting.sendRequest("GET", "/map/entries")
            clients += [importing, exporting]
        }
        let isUnderWay = try eventually { try server.ask("GET", "/map").json()["len"]! > 1_000 }
        // Each thread has its own by now, and the others wait.
        for _ in 0..<70 { try send("/map/delete", Self.endless) }
        let isFull = eventually { clients.suffix(70).contains(where: \.hasAnswer) }
        #expect(isUnderWay && isFull)
        return clients
    }

    @Test(
        "With any number of endless operations under way, short ones are answered before the endless ones end",
        arguments: [
            ("GET", "/map/layout.svg", nil), ("POST", "/gc", nil), ("POST", "/free-memory", nil),
            ("PATCH", "/runtime", #"{"gogc": 200}"#), ("POST", "/map/clear", nil), ("POST", "/map/nil", nil),
            ("POST", "/map/replace-with-fresh", "{}"), ("PATCH", "/runtime", #"{"go": "1.24"}"#),
        ])
    func answeredMeanwhile(method: String, path: String, body: String?) throws {
        try withHusk(type: "map[int]int", maxMemoryBytes: 8 << 30) { (server) throws in
            let clients = try occupy(server)
            // One more endless one finds the queue full.
            let more = try server.ask("POST", "/map/insert", body: #"{"count": 1000000000}"#)
            try more.expectProblem(503)
            #expect(more.header("Retry-After") == "1")
            let answer = try server.ask(method, path, body: body)
            #expect(answer.status == 200, "\(answer)")
            clients.forEach { $0.close() }
        }
    }

    @Test(
        "Nil and a fresh map end an insert that is under way, which answers 409 with what it had done",
        arguments: ["/map/nil", "/map/replace-with-fresh"])
    func insertEnds(path: String) throws {
        try withHusk(type: "map[int]int", maxMemoryBytes: 8 << 30) { (server) throws in
            let client = try Client(port: server.port)
            try client.sendRequest("POST", "/map/insert", body: Self.endless)
            let isUnderWay = try eventually { try server.ask("GET", "/map").json()["len"]! > 1_000 }
            #expect(isUnderWay)
            try server.post(path)
            let answer = try client.readAnswer()
            try answer.expectProblem(409)
            #expect(try answer.json()["inserted"]! > 1_000 && answer.json()["updated"] == 0)
            #expect(try server.ask("GET", "/map").json()["len"] == 0)
        }
    }

    @Test("They end a delete and an import too")
    func othersEnd() throws {
        try withHusk(type: "map[int]int", maxMemoryBytes: 8 << 30) { (server) throws in
            let deleting = try Client(port: server.port)
            try deleting.sendRequest("POST", "/map/delete", body: Self.endless)
            let importing = try Client(port: server.port)
            let line = "{\"key\":-1,\"value\":1}\n"
            try importing.send(
                "POST /map/entries HTTP/1.1\r\nHost: test\r\nContent-Length: \(2 * line.utf8.count)\r\n\r\n\(line)")
            let isUnderWay = try eventually { try server.ask("GET", "/map/keys/-1").status == 200 }
            #expect(isUnderWay)
            try server.post("/map/replace-with-fresh")
            try importing.send(line)
            let answer = try importing.readAnswer()
            try answer.expectProblem(409)
            #expect(try answer.json()["inserted"] == 1 && answer.json()["line"] == 2)
            let deleted = try deleting.readAnswer()
            try deleted.expectProblem(409)
            #expect(try deleted.json()["missing"]! > 0)
            #expect(try server.ask("GET", "/map").json()["len"] == 0)
        }
    }

    @Test("Clients that hang up while they wait leave their places in a full queue to others")
    func abandonedPlaces() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            // Four are at work, 64 wait.
            let working = try (0..<4).map { _ in try Client(port: server.port) }
            for client in working { try client.sendRequest("POST", "/map/delete", body: Self.endless) }
            usleep(50_000)
            let waiting = try (0..<80).map { _ in try Client(port: server.port) }
            for client in waiting { try client.sendRequest("POST", "/map/delete", body: Self.endless) }
            let isFull = eventually { waiting.contains(where: \.hasAnswer) }
            #expect(isFull)
            waiting.forEach { $0.close() }
            let isTaken = try eventually {
                let next = try Client(port: server.port)
                try next.sendRequest("POST", "/map/delete", body: Self.endless)
                usleep(100_000)
                return !next.hasAnswer
            }
            #expect(isTaken)
            try server.post("/map/nil")
        }
    }
}
